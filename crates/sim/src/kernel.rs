//! The loops over amplitudes, and everything that is unsafe.
//!
//! * [`memory`]: tiles, segments, the vector of amplitudes;
//! * [`simd`]: one vector register of any instruction set behind one trait;
//! * [`dense`], [`exchange`], [`diagonal`], [`generic`]: one kernel per kind of operation, on a
//!   block of tiles that is contiguous in memory;
//! * [`local`]: an operation of the plan made ready for the blocks of a stage;
//! * [`block`]: which blocks there are, bringing them into the cache and back;
//! * [`pauli`]: density matrices in the Pauli basis, with kernels of their own.
//!
//! Every kernel does the same arithmetic on each amplitude whatever the instruction set and wherever
//! the qubits lie: an output is the sum over `m = 0, 1, …` of matrix entry `(r, r ^ m)` times the
//! amplitude `m` away, in this order, so that results agree bit for bit. Only levels whose
//! [`simd::Level::fused`] is true contract a product and a sum, and the default mode never picks those.
#![expect(
    unsafe_code,
    reason = "vector instructions, and blocks of one state shared between threads"
)]

pub(crate) mod block;
pub(crate) mod dense;
pub(crate) mod diagonal;
pub(crate) mod exchange;
pub(crate) mod generic;
pub(crate) mod local;
pub(crate) mod memory;
pub(crate) mod pauli;
pub(crate) mod simd;

pub(crate) use memory::{Amplitudes, LANE_BITS, LANES, Tile};
pub use simd::{Dispatch, Level};
