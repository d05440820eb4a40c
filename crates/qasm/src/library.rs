//! The include files that are built in: which gates of the table each one has.

use circuit::{Gate, gate::GATES};

/// A built-in include file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    /// OpenQASM 2.
    Qelib1,
    /// OpenQASM 3.
    Stdgates,
    /// The whole gate table.
    Ketlab,
}

/// In both lengths of `qelib1.inc`: a program may not define these anew.
const QELIB1_SHORT: [&str; 23] = [
    "u3", "u2", "u1", "cx", "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "rx", "ry", "rz",
    "cz", "cy", "ch", "ccx", "crz", "cu1", "cu3",
];

const QELIB1_LONG: [&str; 19] = [
    "u0", "u", "p", "sx", "sxdg", "swap", "cswap", "crx", "cry", "cp", "csx", "cu", "rxx", "rzz",
    "rccx", "rc3x", "c3x", "c3sqrtx", "c4x",
];

const STDGATES: [&str; 32] = [
    "p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "cx", "cy", "cz",
    "cp", "crx", "cry", "crz", "ch", "swap", "ccx", "cswap", "cu", "CX", "phase", "cphase", "id",
    "u1", "u2", "u3",
];

/// A gate that a library has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LibraryGate {
    pub name: &'static str,
    pub gate: Gate,
    /// 1 for `u0(gamma)`, an identity with a parameter that means nothing.
    pub ignored_params: usize,
    /// A program may define it anew.
    pub replaceable: bool,
}

impl Library {
    pub fn by_name(path: &str) -> Option<Self> {
        Some(match path {
            "qelib1.inc" => Self::Qelib1,
            "stdgates.inc" => Self::Stdgates,
            "ketlab.inc" => Self::Ketlab,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Qelib1 => "qelib1.inc",
            Self::Stdgates => "stdgates.inc",
            Self::Ketlab => "ketlab.inc",
        }
    }

    pub fn gates(self) -> Vec<LibraryGate> {
        let gate = |name: &'static str, replaceable| {
            let gate = Gate::by_name(name)?;
            Some(LibraryGate { name, gate, ignored_params: usize::from(name == "u0"), replaceable })
        };
        match self {
            Self::Qelib1 => QELIB1_SHORT
                .iter()
                .filter_map(|n| gate(n, false))
                .chain(QELIB1_LONG.iter().filter_map(|n| gate(n, true)))
                .collect(),
            Self::Stdgates => STDGATES.iter().filter_map(|n| gate(n, false)).collect(),
            Self::Ketlab => GATES
                .iter()
                .flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases))
                .filter(|n| is_ketlab(n))
                .filter_map(|n| gate(n, true))
                .collect(),
        }
    }

    pub fn has(self, name: &str) -> bool {
        match self {
            Self::Qelib1 => QELIB1_SHORT.contains(&name) || QELIB1_LONG.contains(&name),
            Self::Stdgates => STDGATES.contains(&name),
            Self::Ketlab => is_ketlab(name) && Gate::by_name(name).is_some(),
        }
    }
}

/// Names of the table that no include declares: built in, or those of other tools.
fn is_ketlab(name: &str) -> bool {
    !matches!(name, "U" | "u0" | "i" | "I")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_library_is_a_gate_of_the_table() {
        assert_eq!(Library::Stdgates.gates().len(), STDGATES.len());
        assert_eq!(Library::Qelib1.gates().len(), QELIB1_SHORT.len() + QELIB1_LONG.len());
        assert!(Library::Ketlab.has("iswap"));
        for library in [Library::Qelib1, Library::Stdgates, Library::Ketlab] {
            assert!(library.gates().iter().all(|g| library.has(g.name)));
            assert!(!library.has("U") && !library.has("nothing"));
        }
    }
}
