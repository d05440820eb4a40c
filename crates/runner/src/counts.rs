//! Keys of counts: bit strings over all classical bits.
//!
//! Registers stand in the order of declaration from the right, the highest bit of each first, with
//! a space between registers. Where the program writes no classical bit, all qubits are measured
//! and the key is one string over them.

use circuit::Circuit;

/// How the bits of an outcome become a key.
pub(crate) struct KeyFormat {
    /// Sizes of the registers, in order of declaration.
    registers: Vec<usize>,
    len: usize,
    qubits: bool,
}

impl KeyFormat {
    /// Over all classical bits.
    pub(crate) fn of_clbits(circuit: &Circuit) -> Self {
        let registers: Vec<usize> =
            circuit.classical_registers().iter().map(|r| r.size as usize).collect();
        Self { len: registers.iter().sum(), registers, qubits: false }
    }

    /// Over all qubits, for a program that writes no classical bit.
    pub(crate) fn of_qubits(circuit: &Circuit) -> Self {
        let len = circuit.num_qubits() as usize;
        Self { registers: vec![len], len, qubits: true }
    }

    /// Whether keys cover the qubits.
    pub(crate) fn covers_qubits(&self) -> bool {
        self.qubits
    }

    /// Number of bits.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The key of an outcome; `bit(i)` is bit `i`, counted from the first declared.
    pub(crate) fn key(&self, bit: impl Fn(usize) -> bool) -> String {
        let mut key = String::with_capacity(self.len + self.registers.len());
        let mut end = self.len;
        for (i, size) in self.registers.iter().enumerate().rev() {
            for at in (end - size..end).rev() {
                key.push(if bit(at) { '1' } else { '0' });
            }
            end -= size;
            if i > 0 {
                key.push(' ');
            }
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_register_stands_leftmost_with_its_highest_bit_first() {
        let format = KeyFormat { registers: vec![2, 3], len: 5, qubits: false };
        let set = [true, false, false, false, true];
        assert_eq!(format.key(|i| set[i]), "100 01");
    }

    #[test]
    fn no_bits_give_the_empty_key() {
        assert_eq!(KeyFormat { registers: vec![], len: 0, qubits: false }.key(|_| true), "");
    }
}
