//! Tests of the whole path from text to circuit.

mod annotations;
mod hostile;
mod round_trip;
mod sizes;
