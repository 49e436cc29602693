//! Results as people and programs read them.

pub mod charts;
pub mod csv;
pub mod gantt;
pub mod html;
pub mod json;
pub mod markdown;
pub mod raw;
mod say;
pub mod strip;
pub mod table;
pub mod trace;
