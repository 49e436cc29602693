//! What the format says about itself: a scenario with everything filled in, the JSON Schema, the documentation.

use super::Read;

/// The scenario with everything filled in; running it gives the same results. Each value that the file does not say has
/// its source in a comment.
pub fn resolved(_read: &Read) -> String {
    String::new()
}

/// JSON Schema of the format.
pub fn schema() -> serde_json::Value {
    serde_json::Value::Null
}

/// The tables of keys of `docs/scenario-format.md`.
pub fn format_markdown() -> String {
    String::new()
}
