//! The summary for programs.

use crate::summary::Summary;

/// The summary as JSON; its field `schema` names the form. Infinity is the word `"inf"`.
pub fn json(summary: &Summary) -> String {
    let mut text = serde_json::to_string_pretty(summary).expect("a summary has only names and numbers");
    text.push('\n');
    text
}
