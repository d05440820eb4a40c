//! What stands around every page.

pub mod menu;
pub mod top_bar;

pub use top_bar::TopBar;
