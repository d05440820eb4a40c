//! Every type that crosses a boundary: between the page and its worker, between the page and the
//! server, and into a saved project. Plain data and serde; nothing is computed here.
//!
//! Old pages and saved projects must keep working: a field added later carries `#[serde(default)]`.

pub mod http;
pub mod project;
pub mod run;
