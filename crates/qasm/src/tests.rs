//! Tests of the whole path from text to circuit.

mod hostile;
