//! Ctrl-C: the first stops the run between two chunks of histories, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Starts listening; the flag says whether somebody interrupted since.
pub(crate) fn flag() -> &'static AtomicBool {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Without a handler Ctrl-C still ends the program; results are not touched before the end of a run.
    let _ = ctrlc::set_handler(handler);
    &INTERRUPTED
}
