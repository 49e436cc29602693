//! `run.json`: all that is needed to repeat a run.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::exit::Failure;

/// What a run was made of. Holds no date and no machine, so that the same run writes the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Of drsim.
    pub(crate) version: String,
    pub(crate) seed: u64,
    /// Histories simulated.
    pub(crate) histories: u64,
    pub(crate) horizon_s: f64,
    pub(crate) scenario: Text,
    /// Data files that the scenario names.
    pub(crate) data_files: Vec<Text>,
    /// As given on the command line, in their order: `path=value`.
    pub(crate) set: Vec<String>,
    /// Strategies that were simulated.
    pub(crate) strategies: Vec<String>,
    pub(crate) baseline: String,
}

/// A text that was read, with its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(crate) text: String,
}

impl Text {
    pub(crate) fn new(file: &str, text: &str) -> Text {
        Text { file: file.into(), sha256: sha256(text.as_bytes()), text: text.into() }
    }
}

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Record {
    /// Reads the record of an earlier run.
    pub(crate) fn read(path: &Path) -> Result<Record, Failure> {
        let file = path.display();
        let bytes = fs::read(path).map_err(|error| Failure::broken(&format!("cannot read {file}"), &error))?;
        let record: Record = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Wrong(format!("error: {file} is no run.json of drsim: {error}")))?;
        record.intact(&file.to_string())?;
        Ok(record)
    }

    /// Whether the texts in it are those that were run.
    pub(crate) fn intact(&self, file: &str) -> Result<(), Failure> {
        let mut texts = self.data_files.iter().chain([&self.scenario]);
        match texts.find(|text| sha256(text.text.as_bytes()) != text.sha256) {
            None => Ok(()),
            Some(text) => Err(Failure::Wrong(format!(
                "error: {file}: the text of {} has been changed: it does not have the recorded sha256",
                text.file
            ))),
        }
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
