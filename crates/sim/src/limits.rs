//! What a state needs, checked before anything is allocated, and every way in which a simulation
//! can fail.

use circuit::Qubit;

use crate::Precision;

/// Bytes that a run may use beside the state, whatever its size: buffers of the threads, tables of
/// diagonals, padding of segments.
pub const WORKING_BYTES: u64 = 32 << 20;

/// Registers wider than this do not have 64-bit amplitude indices.
pub const MAX_QUBITS: usize = 62;

/// Why a simulation is refused or stopped. Shown as it stands.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimError {
    /// Said before allocating.
    #[error(
        "a state of {num_qubits} qubits needs {} and {} may be used: enough for {fits_qubits} qubits",
        shown_bytes(*needed_bytes), shown_bytes(*available_bytes)
    )]
    TooLarge { num_qubits: usize, needed_bytes: u64, available_bytes: u64, fits_qubits: usize },
    /// Said before allocating.
    #[error(
        "the density matrix of {num_qubits} qubits needs {} and {} may be used: enough for {fits_qubits} qubits",
        shown_bytes(*needed_bytes), shown_bytes(*available_bytes)
    )]
    DensityTooLarge {
        num_qubits: usize,
        needed_bytes: u64,
        available_bytes: u64,
        fits_qubits: usize,
    },
    /// The allocator refused, although the limit allowed it.
    #[error("out of memory: {} could not be allocated", shown_bytes(*needed_bytes))]
    OutOfMemory { needed_bytes: u64 },
    #[error("cancelled")]
    Cancelled,
    #[error("the time limit was reached")]
    TimedOut,
    #[error("qubit {qubit} lies outside the register of {num_qubits}")]
    NoSuchQubit { qubit: Qubit, num_qubits: usize },
    #[error("an instruction names qubit {qubit} twice")]
    RepeatedQubit { qubit: Qubit },
    #[error("a matrix on {targets} qubits has {entries} entries")]
    MatrixShape { targets: usize, entries: usize },
    #[error("the plan was made for a state with another arrangement of qubits")]
    OtherLayout,
    #[error("the plan measures or resets qubits: run it with a source of outcomes")]
    NotUnitary,
    #[error("measurement {record} lies outside the record of {len} bits")]
    NoSuchRecord { record: u32, len: usize },
    #[error("an observable acts on qubit {qubit} and the register has {num_qubits}")]
    ObservableWidth { qubit: u32, num_qubits: usize },
    #[error("the states compared have {left} and {right} qubits")]
    OtherWidth { left: usize, right: usize },
    #[error("{what} on {asked} qubits; at most {max}")]
    TooManyQubits { what: &'static str, asked: usize, max: usize },
    #[error("the outcome asked for has probability 0")]
    ImpossibleOutcome,
}

/// A number of bytes for people: `1.5 GiB`.
pub fn shown_bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value.fract() == 0.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// Bytes of the amplitudes alone; saturates.
pub fn state_bytes(num_qubits: usize, precision: Precision) -> u64 {
    if num_qubits > MAX_QUBITS - 4 { u64::MAX } else { precision.amplitude_bytes() << num_qubits }
}

/// Bytes of a whole run on one state: amplitudes, padding, working memory. Saturates.
pub fn needed_bytes(num_qubits: usize, precision: Precision) -> u64 {
    let state = state_bytes(num_qubits, precision);
    // Padding is one page and an alignment for each segment of 2^20 amplitudes.
    state.saturating_add(state >> 10).saturating_add(if num_qubits > 14 {
        WORKING_BYTES
    } else {
        1 << 20
    })
}

/// The widest register whose state fits into `available` bytes.
pub fn largest_register(available: u64, precision: Precision) -> usize {
    (0..MAX_QUBITS).rev().find(|&n| needed_bytes(n, precision) <= available).unwrap_or(0)
}

/// Refuses a state of `num_qubits` that does not fit into `available` bytes.
pub fn check_memory(
    num_qubits: usize,
    precision: Precision,
    available: u64,
) -> Result<(), SimError> {
    let needed = needed_bytes(num_qubits, precision);
    if needed <= available {
        return Ok(());
    }
    Err(SimError::TooLarge {
        num_qubits,
        needed_bytes: needed,
        available_bytes: available,
        fits_qubits: largest_register(available, precision),
    })
}

/// Reserves room for `len` elements or says that there is none.
pub(crate) fn try_vec<E>(len: usize) -> Result<Vec<E>, SimError> {
    let mut v = Vec::new();
    v.try_reserve_exact(len).map_err(|_| SimError::OutOfMemory {
        needed_bytes: (len as u64).saturating_mul(size_of::<E>() as u64),
    })?;
    Ok(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_needed_and_what_would_fit() {
        let error = check_memory(30, Precision::F64, 4 << 30).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a state of 30 qubits needs 16.0 GiB and 4 GiB may be used: enough for 27 qubits"
        );
        assert_eq!(largest_register(4 << 30, Precision::F32), 28);
        assert!(check_memory(27, Precision::F64, 4 << 30).is_ok());
    }

    #[test]
    fn absurd_widths_saturate() {
        assert_eq!(state_bytes(1000, Precision::F32), u64::MAX);
        assert!(check_memory(1000, Precision::F64, u64::MAX - 1).is_err());
    }
}
