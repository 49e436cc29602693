//! How the program ends: the only place that knows exit codes.

use std::io;
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It could not run or write.
    Broken(String),
    /// The command line or the scenario is wrong; the text says how and may have many lines.
    Wrong(String),
    /// A strategy under `--gate` is not shown to meet its objectives.
    ObjectivesMissed(String),
    /// Ctrl-C.
    Interrupted,
    /// Whoever read the standard output has gone, which is no error.
    ClosedPipe,
}

impl Failure {
    /// An error of the system while doing something, e.g. "cannot write to out".
    pub(crate) fn broken(doing: &str, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::ClosedPipe
        } else {
            Failure::Broken(format!("{doing}: {error}"))
        }
    }
}

/// Says what there is to say on standard error and gives the exit code.
pub(crate) fn exit(result: Result<(), Failure>) -> ExitCode {
    let code = match result {
        Ok(()) | Err(Failure::ClosedPipe) => 0,
        Err(Failure::Broken(message)) => say(1, &format!("error: {message}")),
        Err(Failure::Wrong(message)) => say(2, &message),
        Err(Failure::ObjectivesMissed(message)) => say(3, &message),
        Err(Failure::Interrupted) => say(130, "interrupted: nothing was written, earlier results are as they were"),
    };
    ExitCode::from(code)
}

fn say(code: u8, message: &str) -> u8 {
    use io::Write as _;
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(io::stderr(), "{}", message.trim_end());
    code
}
