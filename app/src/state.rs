//! What the page knows, in stores with one lifetime each: the program and its history ([`lab`]), how
//! the page looks ([`prefs`]), and what is kept in the browser ([`storage`]).

pub mod examples;
pub mod history;
pub mod lab;
pub mod opened;
pub mod prefs;
pub mod storage;
pub mod toast;

pub use lab::Lab;
pub use prefs::Prefs;
