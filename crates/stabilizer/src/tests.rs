//! Tableau, frames and reader against each other and against state vectors.

mod cross;
mod errors;
mod frames;
mod text;
