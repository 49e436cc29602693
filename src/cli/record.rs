//! `run.json`: all that is needed to repeat a run.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What a run was made of. Holds no date and no machine, so that the same run writes the same bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    /// Of drsim.
    pub(crate) version: &'static str,
    pub(crate) seed: u64,
    /// Histories simulated.
    pub(crate) histories: u64,
    pub(crate) horizon_s: f64,
    pub(crate) scenario: Text<'a>,
    /// Data files that the scenario names.
    pub(crate) data_files: Vec<Text<'a>>,
    /// As given on the command line, in their order: `path=value`.
    pub(crate) set: &'a [String],
    /// Strategies that were simulated.
    pub(crate) strategies: Vec<&'a str>,
    pub(crate) baseline: &'a str,
}

/// A text that was read, with its hash.
#[derive(Debug, Serialize)]
pub(crate) struct Text<'a> {
    pub(crate) file: &'a str,
    pub sha256: String,
    pub(crate) text: &'a str,
}

impl<'a> Text<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Text<'a> {
        let digest = Sha256::digest(text.as_bytes());
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Text { file, sha256, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_everybody_else_computes() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Text::new("", "abc").sha256, expected);
    }
}
