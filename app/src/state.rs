//! What the page knows, in stores with one lifetime each: the program and its history ([`lab`]), noise beside it
//! ([`noise`]), circuits of Stim that have no picture ([`stim`]), looks at its states ([`inspect`]), how the page
//! looks ([`prefs`]), and what is kept in the browser ([`storage`]).

pub mod examples;
pub mod history;
pub mod inspect;
pub mod lab;
pub mod noise;
pub mod opened;
pub mod stim;

pub use ::app::prefs::{self, Prefs};
pub use ::app::{storage, toast};
pub use inspect::Inspector;
pub use lab::Lab;
