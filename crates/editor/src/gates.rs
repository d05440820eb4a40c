//! What the editor asks of the gate table: which gate stands under the controls, and by which name
//! a controlled gate is written.

use circuit::Gate;
use circuit::gate::GATES;
use std::sync::OnceLock;

/// Gates of OpenQASM 3's `stdgates.inc`, by the name under which the table lists them, and its
/// built-in `U`.
const STANDARD: &[&str] = &[
    "p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "cx", "cy", "cz",
    "cp", "crx", "cry", "crz", "ch", "swap", "ccx", "cswap", "cu", "id", "u2",
];

/// The gate that acts where the controls hold: X for CX and Toffoli. A gate whose base is not in the
/// table by itself (`cu` has a phase of its own) is returned as it is and keeps its controls.
pub fn base(gate: Gate) -> Gate {
    static BASES: OnceLock<Vec<Gate>> = OnceLock::new();
    BASES.get_or_init(|| GATES.iter().map(|g| find_base(g.gate)).collect())[gate as usize]
}

fn find_base(gate: Gate) -> Gate {
    let spec = gate.spec();
    if spec.num_controls == 0 {
        return gate;
    }
    let sample: Vec<f64> = (0..spec.num_params()).map(|i| 0.3 + 0.7 * i as f64).collect();
    let matrix = (spec.base_matrix)(&sample);
    GATES
        .iter()
        .filter(|g| {
            g.num_controls == 0
                && g.num_targets == spec.num_targets
                && g.num_params() == spec.num_params()
        })
        .find(|g| (g.base_matrix)(&sample).max_difference(&matrix) < 1e-12)
        .map_or(gate, |g| g.gate)
}

/// The table's gate for `base` under `controls` controls, all of them required to be 1.
pub fn controlled(gate: Gate, controls: usize) -> Option<Gate> {
    if controls == gate.spec().num_controls {
        return Some(gate);
    }
    GATES.iter().find(|g| g.num_controls == controls && base(g.gate) == gate).map(|g| g.gate)
}

/// Whether `word` names a gate after `include "stdgates.inc"` alone.
pub fn is_standard_word(word: &str) -> bool {
    STANDARD.contains(&word) || matches!(word, "U" | "CX" | "u1" | "u3" | "phase" | "cphase")
}

/// Whether a program may use the gate after `include "stdgates.inc"` alone.
pub fn is_standard(gate: Gate) -> bool {
    STANDARD.contains(&gate.spec().name) || gate == Gate::U
}

/// Qubits of the base, for a gate as the document holds it.
pub fn num_targets(gate: Gate) -> usize {
    gate.spec().num_targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controlled_gate_is_its_base_under_controls() {
        for (gate, expected) in [
            (Gate::Cx, Gate::X),
            (Gate::C4x, Gate::X),
            (Gate::Ccz, Gate::Z),
            (Gate::Crz, Gate::Rz),
            (Gate::Cp, Gate::P),
            (Gate::Cu3, Gate::U),
            (Gate::Cswap, Gate::Swap),
            (Gate::C3sx, Gate::Sx),
            (Gate::Cu, Gate::Cu),
            (Gate::Rccx, Gate::Rccx),
        ] {
            assert_eq!(base(gate), expected, "{gate:?}");
        }
    }

    #[test]
    fn base_and_controls_give_the_gate_back() {
        for spec in GATES {
            let found = controlled(base(spec.gate), spec.num_controls);
            assert_eq!(found, Some(spec.gate), "{}", spec.name);
        }
    }
}
