//! Where the qubits of a register lie in the vector.

use circuit::Qubit;

const INACTIVE: u8 = u8::MAX;

/// Which bit of an amplitude's index belongs to which qubit. Qubits without a bit are |0⟩ in a
/// product with the rest: a register starts without any and grows as gates need them. Exchanging
/// two qubits only changes the layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// For each qubit its bit, or [`INACTIVE`]. The bits in use are `0..active`, each once.
    position: Vec<u8>,
    active: u8,
}

impl Layout {
    /// `num_qubits` qubits, all |0⟩ and without a bit.
    pub fn empty(num_qubits: usize) -> Self {
        Self { position: vec![INACTIVE; num_qubits], active: 0 }
    }

    /// Qubit `q` at bit `q`.
    pub fn full(num_qubits: usize) -> Self {
        let position: Vec<u8> = (0..INACTIVE).take(num_qubits).collect();
        debug_assert_eq!(position.len(), num_qubits, "wider registers cannot be held");
        Self { active: u8::try_from(num_qubits).unwrap_or(INACTIVE), position }
    }

    /// From the bit of each qubit. The bits must be `0..active`, each once.
    pub(crate) fn from_positions(positions: impl Iterator<Item = Option<u8>>) -> Self {
        let position: Vec<u8> = positions.map(|p| p.unwrap_or(INACTIVE)).collect();
        let active = position.iter().filter(|&&p| p != INACTIVE).count();
        debug_assert!(position.iter().all(|&p| p == INACTIVE || usize::from(p) < active));
        Self { active: u8::try_from(active).unwrap_or(INACTIVE), position }
    }

    pub fn num_qubits(&self) -> usize {
        self.position.len()
    }

    /// Bits in use: the vector has `2^num_active` amplitudes.
    pub fn num_active(&self) -> usize {
        usize::from(self.active)
    }

    /// The bit of a qubit, if it has one.
    pub fn position(&self, qubit: Qubit) -> Option<usize> {
        self.position.get(qubit.index()).filter(|&&p| p != INACTIVE).map(|&p| usize::from(p))
    }

    pub(crate) fn activate(&mut self, qubit: usize) {
        if self.position[qubit] == INACTIVE {
            self.position[qubit] = self.active;
            self.active += 1;
        }
    }

    /// For each bit its qubit.
    pub(crate) fn qubits(&self) -> Vec<usize> {
        let mut qubits = vec![0; self.num_active()];
        for (q, &p) in self.position.iter().enumerate() {
            if p != INACTIVE {
                qubits[usize::from(p)] = q;
            }
        }
        qubits
    }

    /// Index in the vector of basis state `index` of the register, `None` where a qubit without a
    /// bit would be 1.
    pub(crate) fn physical(&self, index: u64) -> Option<u64> {
        let mut out = 0;
        for (q, &p) in self.position.iter().enumerate() {
            if q < 64 && index >> q & 1 == 1 {
                if p == INACTIVE {
                    return None;
                }
                out |= 1 << p;
            }
        }
        Some(out)
    }

    /// A mask over qubits as a mask over bits, and whether a qubit without a bit was named.
    pub(crate) fn physical_mask(&self, mask: u64) -> (u64, bool) {
        let mut inactive = false;
        let mut out = 0;
        for (q, &p) in self.position.iter().enumerate().take(64) {
            if mask >> q & 1 == 1 {
                if p == INACTIVE { inactive = true } else { out |= 1 << p }
            }
        }
        (out, inactive)
    }

    /// A table that turns indices of the vector into basis states of the register.
    pub(crate) fn logical_map(&self) -> BitPermutation {
        BitPermutation::new(&self.qubits().into_iter().map(Some).collect::<Vec<_>>())
    }
}

/// Moves the bits of an index; eight at a time, by table.
pub(crate) struct BitPermutation {
    tables: Vec<[u64; 256]>,
    identity: bool,
    /// The bits that go somewhere if `identity`: lanes beyond a small register do not.
    mask: u64,
}

impl BitPermutation {
    /// Bit `b` goes to `to[b]`, or nowhere.
    pub(crate) fn new(to: &[Option<usize>]) -> Self {
        let tables = to
            .chunks(8)
            .map(|part| {
                let mut table = [0; 256];
                for (byte, entry) in table.iter_mut().enumerate() {
                    let set = part.iter().enumerate().filter(|(b, _)| byte >> b & 1 == 1);
                    *entry = set.filter_map(|(_, t)| t.map(|t| 1_u64 << t)).sum();
                }
                table
            })
            .collect();
        let mask = if to.len() >= 64 { u64::MAX } else { (1 << to.len()) - 1 };
        Self { tables, identity: to.iter().enumerate().all(|(b, &t)| t == Some(b)), mask }
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.identity
    }

    pub(crate) fn apply(&self, index: u64) -> u64 {
        if self.identity {
            return index & self.mask;
        }
        let mut rest = index;
        let mut out = 0;
        for table in &self.tables {
            out |= table[(rest & 0xff) as usize];
            rest >>= 8;
        }
        out
    }
}
