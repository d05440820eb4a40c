//! The circuit model: what a quantum program is, independent of any language, file or simulator.
//!
//! * [`gate`]: the gate table, one record per gate;
//! * [`instruction`]: the flat, bound form that simulators execute.
//!
//! Qubit 0 is the least significant bit; the first qubit of a gate is the low bit of its matrix
//! index; bit strings are written highest bit first.

pub mod gate;
pub mod ids;
pub mod instruction;

pub use gate::{Family, Gate, GateSpec};
pub use ids::{Clbit, Qubit};
pub use instruction::{Control, GateMatrix, Instruction, UnitaryInstruction};
