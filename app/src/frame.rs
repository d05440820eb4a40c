//! What stands around every page.

pub mod menu;
pub mod rich;
pub mod top_bar;

pub use rich::rich;
pub use top_bar::TopBar;
