//! The instructions of the circuit text format of Stim: one record per instruction, and reader, writer,
//! tableau, frames and error analysis follow from it.
//!
//! Names, aliases and meanings are those of Stim's gate reference
//! (Gidney, "Stim: a fast stabilizer circuit simulator", arXiv:2103.02202).

use quantum_info::Pauli;

/// A Pauli operator with a sign: `true` for minus.
pub type Signed = (bool, Pauli);

/// A single-qubit Clifford up to phase, by what `U · U†` makes of X and of Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clifford1 {
    pub x: Signed,
    pub z: Signed,
}

/// Bits of a Pauli: (has X, has Z).
pub(crate) fn bits(pauli: Pauli) -> (bool, bool) {
    (pauli != Pauli::Z, pauli != Pauli::X)
}

impl Clifford1 {
    /// What becomes of Y = iXZ.
    pub fn y(self) -> Signed {
        // The third one, with the sign of the cycle X→Y→Z→X.
        let cyclic = matches!(
            (self.x.1, self.z.1),
            (Pauli::X, Pauli::Z) | (Pauli::Z, Pauli::Y) | (Pauli::Y, Pauli::X)
        );
        let third = [Pauli::X, Pauli::Y, Pauli::Z]
            .into_iter()
            .find(|&p| p != self.x.1 && p != self.z.1)
            .expect("three Paulis");
        (self.x.0 ^ self.z.0 ^ !cyclic, third)
    }

    /// The inverse of the gate.
    #[must_use]
    pub fn inverse(self) -> Self {
        let images = [(Pauli::X, self.x), (Pauli::Y, self.y()), (Pauli::Z, self.z)];
        let of = |p: Pauli| {
            let (from, image) =
                images.iter().find(|(_, image)| image.1 == p).expect("a permutation of Paulis");
            (image.0, *from)
        };
        Self { x: of(Pauli::X), z: of(Pauli::Z) }
    }
}

/// A factor of a two-qubit Clifford; factors are applied in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// Where the first qubit is in the −1 eigenstate of the first Pauli, the second Pauli acts on the
    /// second qubit. The other way round it is the same gate.
    Controlled(Pauli, Pauli),
    /// `exp(-iπ/4 P⊗P)`, or with `true` its inverse.
    Sqrt(Pauli, bool),
    Swap,
}

/// A channel of Pauli errors. Probabilities are the instruction's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Nothing, whatever the arguments.
    Identity,
    /// This Pauli on each target.
    Single(Pauli),
    /// One of X, Y, Z, each with a third of the probability.
    Depolarize1,
    /// One of the 15 pairs, each with a fifteenth.
    Depolarize2,
    /// X, Y, Z with three probabilities.
    Pauli1,
    /// IX, IY, IZ, XI, …, ZZ with fifteen.
    Pauli2,
    /// All targets together; with `true` only where none of the chain before has struck.
    Correlated(bool),
    /// A fully mixed qubit, and a record that says so.
    HeraldedErase,
    /// I, X, Y, Z with four probabilities, and a record that says so.
    HeraldedPauli,
}

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Unitary1(Clifford1),
    Unitary2(&'static [Pair]),
    /// `exp(-iπ/4 P)` of Pauli products, or with `true` the inverse.
    Rotate(bool),
    /// Into the record; with `reset` the qubit then is in the +1 eigenstate.
    Measure {
        basis: Pauli,
        reset: bool,
    },
    Reset(Pauli),
    MeasurePair(Pauli),
    MeasureProduct,
    /// Bits into the record, as written.
    Pad,
    Noise(Channel),
    Detector,
    Observable,
    Coordinates,
    ShiftCoordinates,
    Tick,
}

/// Which arguments stand in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Args {
    None,
    /// This many probabilities that exclude each other: their sum is at most 1.
    Probabilities(usize),
    /// A probability, or nothing.
    OptionalProbability,
    /// Numbers of any kind, as many as wanted.
    Numbers,
    /// The number of an observable.
    Index,
}

/// Which targets follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    None,
    Qubits,
    /// Qubits, with `!` where the result is inverted.
    Measured,
    Pairs,
    /// Pairs, with `!` on either.
    MeasuredPairs,
    /// Pairs, of which a qubit that is a control in the Z basis may be `rec[-k]`: the first, the second.
    Controlled(bool, bool),
    /// `X1*Z2 !Y3`
    Products,
    /// `X1 Z2`
    Paulis,
    Records,
    RecordsOrPaulis,
    /// 0 or 1.
    Bits,
}

/// One row of the table.
#[derive(Debug, PartialEq)]
pub struct GateSpec {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub action: Action,
    pub args: Args,
    pub targets: Targets,
}

use Pauli::{X, Y, Z};

const fn spec(
    name: &'static str,
    aliases: &'static [&'static str],
    action: Action,
    args: Args,
    targets: Targets,
) -> GateSpec {
    GateSpec { name, aliases, action, args, targets }
}

const fn one(
    name: &'static str,
    aliases: &'static [&'static str],
    x: Signed,
    z: Signed,
) -> GateSpec {
    spec(name, aliases, Action::Unitary1(Clifford1 { x, z }), Args::None, Targets::Qubits)
}

const fn two(
    name: &'static str,
    aliases: &'static [&'static str],
    factors: &'static [Pair],
) -> GateSpec {
    spec(name, aliases, Action::Unitary2(factors), Args::None, Targets::Pairs)
}

/// With a classical control in place of a qubit that is one in the Z basis.
const fn controlled(
    name: &'static str,
    aliases: &'static [&'static str],
    factors: &'static [Pair],
    records: (bool, bool),
) -> GateSpec {
    let targets = Targets::Controlled(records.0, records.1);
    spec(name, aliases, Action::Unitary2(factors), Args::None, targets)
}

const fn measure(
    name: &'static str,
    aliases: &'static [&'static str],
    basis: Pauli,
    reset: bool,
) -> GateSpec {
    let action = Action::Measure { basis, reset };
    spec(name, aliases, action, Args::OptionalProbability, Targets::Measured)
}

const fn noise(name: &'static str, channel: Channel, args: Args, targets: Targets) -> GateSpec {
    spec(name, &[], Action::Noise(channel), args, targets)
}

const P: bool = false;
const N: bool = true;

/// All instructions but `REPEAT`.
#[rustfmt::skip]
pub static GATES: &[GateSpec] = &[
    one("I", &[], (P, X), (P, Z)),
    one("X", &[], (P, X), (N, Z)),
    one("Y", &[], (N, X), (N, Z)),
    one("Z", &[], (N, X), (P, Z)),
    one("C_XYZ", &[], (P, Y), (P, X)),
    one("C_ZYX", &[], (P, Z), (P, Y)),
    one("C_NXYZ", &[], (N, Y), (N, X)),
    one("C_XNYZ", &[], (N, Y), (P, X)),
    one("C_XYNZ", &[], (P, Y), (N, X)),
    one("C_NZYX", &[], (N, Z), (N, Y)),
    one("C_ZNYX", &[], (P, Z), (N, Y)),
    one("C_ZYNX", &[], (N, Z), (P, Y)),
    one("H", &["H_XZ"], (P, Z), (P, X)),
    one("H_XY", &[], (P, Y), (N, Z)),
    one("H_YZ", &[], (N, X), (P, Y)),
    one("H_NXY", &[], (N, Y), (N, Z)),
    one("H_NXZ", &[], (N, Z), (N, X)),
    one("H_NYZ", &[], (N, X), (N, Y)),
    one("S", &["SQRT_Z"], (P, Y), (P, Z)),
    one("S_DAG", &["SQRT_Z_DAG"], (N, Y), (P, Z)),
    one("SQRT_X", &[], (P, X), (N, Y)),
    one("SQRT_X_DAG", &[], (P, X), (P, Y)),
    one("SQRT_Y", &[], (N, Z), (P, X)),
    one("SQRT_Y_DAG", &[], (P, Z), (N, X)),
    controlled("CX", &["CNOT", "ZCX"], &[Pair::Controlled(Z, X)], (true, false)),
    controlled("CY", &["ZCY"], &[Pair::Controlled(Z, Y)], (true, false)),
    controlled("CZ", &["ZCZ"], &[Pair::Controlled(Z, Z)], (true, true)),
    two("XCX", &[], &[Pair::Controlled(X, X)]),
    two("XCY", &[], &[Pair::Controlled(X, Y)]),
    controlled("XCZ", &[], &[Pair::Controlled(X, Z)], (false, true)),
    two("YCX", &[], &[Pair::Controlled(Y, X)]),
    two("YCY", &[], &[Pair::Controlled(Y, Y)]),
    controlled("YCZ", &[], &[Pair::Controlled(Y, Z)], (false, true)),
    two("II", &[], &[]),
    two("SWAP", &[], &[Pair::Swap]),
    two("CXSWAP", &[], &[Pair::Controlled(Z, X), Pair::Swap]),
    two("SWAPCX", &[], &[Pair::Swap, Pair::Controlled(Z, X)]),
    two("CZSWAP", &["SWAPCZ"], &[Pair::Controlled(Z, Z), Pair::Swap]),
    two("ISWAP", &[], &[Pair::Sqrt(X, true), Pair::Sqrt(Y, true)]),
    two("ISWAP_DAG", &[], &[Pair::Sqrt(X, false), Pair::Sqrt(Y, false)]),
    two("SQRT_XX", &[], &[Pair::Sqrt(X, false)]),
    two("SQRT_XX_DAG", &[], &[Pair::Sqrt(X, true)]),
    two("SQRT_YY", &[], &[Pair::Sqrt(Y, false)]),
    two("SQRT_YY_DAG", &[], &[Pair::Sqrt(Y, true)]),
    two("SQRT_ZZ", &[], &[Pair::Sqrt(Z, false)]),
    two("SQRT_ZZ_DAG", &[], &[Pair::Sqrt(Z, true)]),
    spec("SPP", &[], Action::Rotate(false), Args::None, Targets::Products),
    spec("SPP_DAG", &[], Action::Rotate(true), Args::None, Targets::Products),
    measure("M", &["MZ"], Z, false),
    measure("MX", &[], X, false),
    measure("MY", &[], Y, false),
    measure("MR", &["MRZ"], Z, true),
    measure("MRX", &[], X, true),
    measure("MRY", &[], Y, true),
    spec("R", &["RZ"], Action::Reset(Z), Args::None, Targets::Qubits),
    spec("RX", &[], Action::Reset(X), Args::None, Targets::Qubits),
    spec("RY", &[], Action::Reset(Y), Args::None, Targets::Qubits),
    spec("MXX", &[], Action::MeasurePair(X), Args::OptionalProbability, Targets::MeasuredPairs),
    spec("MYY", &[], Action::MeasurePair(Y), Args::OptionalProbability, Targets::MeasuredPairs),
    spec("MZZ", &[], Action::MeasurePair(Z), Args::OptionalProbability, Targets::MeasuredPairs),
    spec("MPP", &[], Action::MeasureProduct, Args::OptionalProbability, Targets::Products),
    spec("MPAD", &[], Action::Pad, Args::OptionalProbability, Targets::Bits),
    noise("X_ERROR", Channel::Single(X), Args::Probabilities(1), Targets::Qubits),
    noise("Y_ERROR", Channel::Single(Y), Args::Probabilities(1), Targets::Qubits),
    noise("Z_ERROR", Channel::Single(Z), Args::Probabilities(1), Targets::Qubits),
    noise("I_ERROR", Channel::Identity, Args::Numbers, Targets::Qubits),
    noise("II_ERROR", Channel::Identity, Args::Numbers, Targets::Pairs),
    noise("DEPOLARIZE1", Channel::Depolarize1, Args::Probabilities(1), Targets::Qubits),
    noise("DEPOLARIZE2", Channel::Depolarize2, Args::Probabilities(1), Targets::Pairs),
    noise("PAULI_CHANNEL_1", Channel::Pauli1, Args::Probabilities(3), Targets::Qubits),
    noise("PAULI_CHANNEL_2", Channel::Pauli2, Args::Probabilities(15), Targets::Pairs),
    spec("CORRELATED_ERROR", &["E"], Action::Noise(Channel::Correlated(false)), Args::Probabilities(1), Targets::Paulis),
    noise("ELSE_CORRELATED_ERROR", Channel::Correlated(true), Args::Probabilities(1), Targets::Paulis),
    noise("HERALDED_ERASE", Channel::HeraldedErase, Args::Probabilities(1), Targets::Qubits),
    noise("HERALDED_PAULI_CHANNEL_1", Channel::HeraldedPauli, Args::Probabilities(4), Targets::Qubits),
    spec("DETECTOR", &[], Action::Detector, Args::Numbers, Targets::Records),
    spec("OBSERVABLE_INCLUDE", &[], Action::Observable, Args::Index, Targets::RecordsOrPaulis),
    spec("QUBIT_COORDS", &[], Action::Coordinates, Args::Numbers, Targets::Qubits),
    spec("SHIFT_COORDS", &[], Action::ShiftCoordinates, Args::Numbers, Targets::None),
    spec("TICK", &[], Action::Tick, Args::None, Targets::None),
];

/// The record of a name or alias, whatever its case.
pub fn find(name: &str) -> Option<&'static GateSpec> {
    GATES.iter().find(|g| {
        g.name.eq_ignore_ascii_case(name) || g.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
    })
}

/// The record of a name that is in the table.
pub(crate) fn known(name: &str) -> &'static GateSpec {
    find(name).expect("a name of the table")
}
