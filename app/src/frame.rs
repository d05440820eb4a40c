//! What stands around every page.

pub mod rich;
pub mod top_bar;

use ::app::menu;

pub use rich::rich;
pub use top_bar::TopBar;
