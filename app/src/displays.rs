//! What came out, drawn: one file per display. Displays get plain data and draw; they never ask the
//! simulator.

pub mod amplitudes;
pub mod bloch;
pub mod counts;
pub mod format;
pub mod pager;
pub mod plotly;

pub use amplitudes::Amplitudes;
pub use bloch::Bloch;
pub use counts::Counts;
