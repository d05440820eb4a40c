//! The gate table: one record per gate, and everything else (palette, languages, kernels, docs)
//! follows from it.
//!
//! A record gives the matrix of the *base* and how many leading qubits are controls: `cx` is one
//! control on `x`. The first qubit is the low bit of the matrix index, so in the full matrix of
//! `cx` the control is bit 0 and the target bit 1. `definition` writes the gate in terms of others,
//! in OpenQASM over the qubits `a, b, c, …`; it is exact, global phase included.

use num_complex::Complex64;
use quantum_info::{Matrix, cis};
use smallvec::SmallVec;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Bound parameters, radians.
pub type Params = SmallVec<[f64; 4]>;

/// What a gate is, for color and grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// I, X, Y, Z.
    Pauli,
    /// H, S, √X and the like.
    Clifford,
    /// Rotations by an angle about an axis.
    Rotation,
    /// T, P and other phases.
    Phase,
    /// Gates of two and more qubits.
    Multi,
}

/// A parameter's name: an angle in radians unless the gate says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamName {
    Theta,
    Phi,
    Lambda,
    Gamma,
    Beta,
}

impl ParamName {
    /// As written in OpenQASM.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theta => "theta",
            Self::Phi => "phi",
            Self::Lambda => "lambda",
            Self::Gamma => "gamma",
            Self::Beta => "beta",
        }
    }

    /// As written on a gate.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Theta => "θ",
            Self::Phi => "φ",
            Self::Lambda => "λ",
            Self::Gamma => "γ",
            Self::Beta => "β",
        }
    }
}

/// The inverse as a gate of the table, if there is one.
pub type InverseFn = fn(&[f64]) -> Option<(Gate, Params)>;

/// One row of the table.
pub struct GateSpec {
    pub gate: Gate,
    /// OpenQASM name.
    pub name: &'static str,
    /// Other names under which languages know it.
    pub aliases: &'static [&'static str],
    /// What stands on the box; of the base, where there are controls.
    pub label: &'static str,
    pub family: Family,
    /// Leading qubits that are controls.
    pub num_controls: usize,
    /// Qubits of the base.
    pub num_targets: usize,
    pub params: &'static [ParamName],
    /// One sentence.
    pub doc: &'static str,
    /// Matrix of the base.
    pub base_matrix: fn(&[f64]) -> Matrix,
    pub inverse: InverseFn,
    /// OpenQASM statements over `a, b, c, d, e`; empty for the gates that others are defined by
    /// (`U` and `gphase` on the qubit).
    pub definition: &'static str,
}

impl GateSpec {
    pub fn num_qubits(&self) -> usize {
        self.num_controls + self.num_targets
    }

    pub fn num_params(&self) -> usize {
        self.params.len()
    }

    /// Matrix on all qubits, controls included.
    pub fn matrix(&self, params: &[f64]) -> Matrix {
        let base = (self.base_matrix)(params);
        if self.num_controls == 0 { base } else { base.controlled(self.num_controls) }
    }
}

macro_rules! gates {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident {
            name: $name:literal, $(aliases: [$($alias:literal),*],)? label: $label:literal, family: $family:ident,
            $(controls: $controls:literal,)? targets: $targets:literal, params: [$($param:ident),*],
            matrix: $matrix:expr,
            inverse: $inverse:expr,
            definition: $definition:literal $(,)?
        }
    )*) => {
        /// A gate of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Gate { $( $(#[doc = $doc])+ $variant, )* }

        /// The table, in the order in which gates are shown.
        pub static GATES: &[GateSpec] = &[$(
            GateSpec {
                gate: Gate::$variant,
                name: $name,
                aliases: &[$($($alias),*)?],
                label: $label,
                family: Family::$family,
                num_controls: 0 $(+ $controls)?,
                num_targets: $targets,
                params: &[$(ParamName::$param),*],
                doc: concat!($($doc),+),
                base_matrix: $matrix,
                inverse: $inverse,
                definition: $definition,
            },
        )*];
    };
}

const O: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);
const I: Complex64 = Complex64::new(0.0, 1.0);
const R: Complex64 = Complex64::new(FRAC_1_SQRT_2, 0.0);

fn re(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

fn im(x: f64) -> Complex64 {
    Complex64::new(0.0, x)
}

fn diag(entries: &[Complex64]) -> Matrix {
    Matrix::diagonal_from(entries)
}

fn cs(t: f64) -> (f64, f64) {
    (libm::cos(t / 2.0), libm::sin(t / 2.0))
}

fn x() -> Matrix {
    Matrix::from_rows([[O, ONE], [ONE, O]])
}

fn h() -> Matrix {
    Matrix::from_rows([[R, R], [R, -R]])
}

fn sx() -> Matrix {
    let (p, m) = (Complex64::new(0.5, 0.5), Complex64::new(0.5, -0.5));
    Matrix::from_rows([[p, m], [m, p]])
}

fn rx(t: f64) -> Matrix {
    let (c, s) = cs(t);
    Matrix::from_rows([[re(c), im(-s)], [im(-s), re(c)]])
}

fn ry(t: f64) -> Matrix {
    let (c, s) = cs(t);
    Matrix::from_rows([[re(c), re(-s)], [re(s), re(c)]])
}

fn rz(t: f64) -> Matrix {
    diag(&[cis(-t / 2.0), cis(t / 2.0)])
}

/// `[[cos θ/2, -e^{iλ} sin θ/2], [e^{iφ} sin θ/2, e^{i(φ+λ)} cos θ/2]]`.
pub fn u_matrix(theta: f64, phi: f64, lambda: f64) -> Matrix {
    let (c, s) = cs(theta);
    Matrix::from_rows([[re(c), -cis(lambda) * s], [cis(phi) * s, cis(phi + lambda) * c]])
}

/// Rotation by `theta` about the axis at angle `phi` in the XY plane.
fn r(theta: f64, phi: f64) -> Matrix {
    let (c, s) = cs(theta);
    Matrix::from_rows([[re(c), -I * cis(-phi) * s], [-I * cis(phi) * s, re(c)]])
}

fn swap() -> Matrix {
    Matrix::from_rows([[ONE, O, O, O], [O, O, ONE, O], [O, ONE, O, O], [O, O, O, ONE]])
}

/// `exp(-i θ/2 P⊗P)` written as `cos - i sin P⊗P`, with the four entries of the antidiagonal given.
fn anti(theta: f64, outer: f64, inner: f64) -> Matrix {
    let (c, s) = cs(theta);
    let (c, o, i) = (re(c), im(-s * outer), im(-s * inner));
    Matrix::from_rows([[c, O, O, o], [O, c, i, O], [O, i, c, O], [o, O, O, c]])
}

/// Two 2×2 blocks: `outer` on |00⟩, |11⟩ and `inner` on |01⟩, |10⟩.
fn blocks(outer: [[Complex64; 2]; 2], inner: [[Complex64; 2]; 2]) -> Matrix {
    Matrix::from_rows([
        [outer[0][0], O, O, outer[0][1]],
        [O, inner[0][0], inner[0][1], O],
        [O, inner[1][0], inner[1][1], O],
        [outer[1][0], O, O, outer[1][1]],
    ])
}

const ID2: [[Complex64; 2]; 2] = [[ONE, O], [O, ONE]];

fn permutation(map: &[usize]) -> Matrix {
    let mut m = Matrix::zero(map.len());
    for (from, &to) in map.iter().enumerate() {
        m.set(to, from, ONE);
    }
    m
}

/// Relative-phase Toffoli (Maslov, arXiv:1508.03273, Fig. 3): `ccx` times a diagonal and `-i`, `i`
/// on the flipped pair. Qubits: a, b controls (bits 0, 1), c target (bit 2).
fn rccx() -> Matrix {
    let mut m = Matrix::identity(8);
    m.set(0b101, 0b101, -ONE);
    m.set(0b011, 0b011, O);
    m.set(0b111, 0b111, O);
    m.set(0b011, 0b111, -I);
    m.set(0b111, 0b011, I);
    m
}

/// Relative-phase triple-controlled X (Maslov, arXiv:1508.03273, Fig. 4).
fn rc3x() -> Matrix {
    let mut m = Matrix::identity(16);
    m.set(0b0011, 0b0011, I);
    m.set(0b1011, 0b1011, -I);
    m.set(0b0111, 0b0111, O);
    m.set(0b1111, 0b1111, O);
    m.set(0b0111, 0b1111, ONE);
    m.set(0b1111, 0b0111, -ONE);
    m
}

#[expect(clippy::unnecessary_wraps, reason = "rows of the table share one type")]
fn to(gate: Gate, params: &[f64]) -> Option<(Gate, Params)> {
    Some((gate, Params::from_slice(params)))
}

gates! {
    /// Identity.
    Id { name: "id", aliases: ["i", "I", "u0"], label: "I", family: Pauli, targets: 1, params: [],
        matrix: |_| diag(&[ONE, ONE]), inverse: |_| to(Gate::Id, &[]), definition: "U(0, 0, 0) a;" }
    /// Pauli X: flips the qubit.
    X { name: "x", aliases: ["X"], label: "X", family: Pauli, targets: 1, params: [],
        matrix: |_| x(), inverse: |_| to(Gate::X, &[]), definition: "U(pi, 0, pi) a;" }
    /// Pauli Y: flips the qubit with phases i and -i.
    Y { name: "y", aliases: ["Y"], label: "Y", family: Pauli, targets: 1, params: [],
        matrix: |_| Matrix::from_rows([[O, -I], [I, O]]), inverse: |_| to(Gate::Y, &[]),
        definition: "U(pi, pi/2, pi/2) a;" }
    /// Pauli Z: signs |1⟩.
    Z { name: "z", aliases: ["Z"], label: "Z", family: Pauli, targets: 1, params: [],
        matrix: |_| diag(&[ONE, -ONE]), inverse: |_| to(Gate::Z, &[]), definition: "U(0, 0, pi) a;" }
    /// Hadamard: exchanges the X and Z axes.
    H { name: "h", aliases: ["H"], label: "H", family: Clifford, targets: 1, params: [],
        matrix: |_| h(), inverse: |_| to(Gate::H, &[]), definition: "U(pi/2, 0, pi) a;" }
    /// S: phase i on |1⟩; the square root of Z.
    S { name: "s", aliases: ["S"], label: "S", family: Clifford, targets: 1, params: [],
        matrix: |_| diag(&[ONE, I]), inverse: |_| to(Gate::Sdg, &[]), definition: "U(0, 0, pi/2) a;" }
    /// S†: phase -i on |1⟩.
    Sdg { name: "sdg", label: "S†", family: Clifford, targets: 1, params: [],
        matrix: |_| diag(&[ONE, -I]), inverse: |_| to(Gate::S, &[]), definition: "U(0, 0, -pi/2) a;" }
    /// T: phase e^{iπ/4} on |1⟩.
    T { name: "t", aliases: ["T"], label: "T", family: Phase, targets: 1, params: [],
        matrix: |_| diag(&[ONE, cis(PI / 4.0)]), inverse: |_| to(Gate::Tdg, &[]), definition: "U(0, 0, pi/4) a;" }
    /// T†: phase e^{-iπ/4} on |1⟩.
    Tdg { name: "tdg", label: "T†", family: Phase, targets: 1, params: [],
        matrix: |_| diag(&[ONE, cis(-PI / 4.0)]), inverse: |_| to(Gate::T, &[]), definition: "U(0, 0, -pi/4) a;" }
    /// √X.
    Sx { name: "sx", aliases: ["v"], label: "√X", family: Clifford, targets: 1, params: [],
        matrix: |_| sx(), inverse: |_| to(Gate::Sxdg, &[]), definition: "gphase(pi/4); U(pi/2, -pi/2, pi/2) a;" }
    /// √X†.
    Sxdg { name: "sxdg", aliases: ["vdg"], label: "√X†", family: Clifford, targets: 1, params: [],
        matrix: |_| sx().dagger(), inverse: |_| to(Gate::Sx, &[]), definition: "gphase(-pi/4); U(pi/2, pi/2, -pi/2) a;" }
    /// √Y.
    Sy { name: "sy", label: "√Y", family: Clifford, targets: 1, params: [],
        matrix: |_| { let p = Complex64::new(0.5, 0.5); Matrix::from_rows([[p, -p], [p, p]]) },
        inverse: |_| to(Gate::Sydg, &[]), definition: "gphase(pi/4); U(pi/2, 0, 0) a;" }
    /// √Y†.
    Sydg { name: "sydg", label: "√Y†", family: Clifford, targets: 1, params: [],
        matrix: |_| { let m = Complex64::new(0.5, -0.5); Matrix::from_rows([[m, m], [-m, m]]) },
        inverse: |_| to(Gate::Sy, &[]), definition: "gphase(-pi/4); U(-pi/2, 0, 0) a;" }
    /// Rotation about X, `exp(-i θ/2 X)`.
    Rx { name: "rx", label: "RX", family: Rotation, targets: 1, params: [Theta],
        matrix: |p| rx(p[0]), inverse: |p| to(Gate::Rx, &[-p[0]]), definition: "U(theta, -pi/2, pi/2) a;" }
    /// Rotation about Y, `exp(-i θ/2 Y)`.
    Ry { name: "ry", label: "RY", family: Rotation, targets: 1, params: [Theta],
        matrix: |p| ry(p[0]), inverse: |p| to(Gate::Ry, &[-p[0]]), definition: "U(theta, 0, 0) a;" }
    /// Rotation about Z, `exp(-i θ/2 Z)`.
    Rz { name: "rz", label: "RZ", family: Rotation, targets: 1, params: [Theta],
        matrix: |p| rz(p[0]), inverse: |p| to(Gate::Rz, &[-p[0]]), definition: "gphase(-theta/2); U(0, 0, theta) a;" }
    /// Phase e^{iλ} on |1⟩.
    P { name: "p", aliases: ["u1", "phase"], label: "P", family: Phase, targets: 1, params: [Lambda],
        matrix: |p| diag(&[ONE, cis(p[0])]), inverse: |p| to(Gate::P, &[-p[0]]), definition: "U(0, 0, lambda) a;" }
    /// `U(π/2, φ, λ)`.
    U2 { name: "u2", label: "U2", family: Rotation, targets: 1, params: [Phi, Lambda],
        matrix: |p| u_matrix(PI / 2.0, p[0], p[1]), inverse: |p| to(Gate::U2, &[-p[1] - PI, -p[0] + PI]),
        definition: "U(pi/2, phi, lambda) a;" }
    /// Any one-qubit gate up to phase: `U(θ, φ, λ)` with a real first entry.
    U { name: "u", aliases: ["u3", "U"], label: "U", family: Rotation, targets: 1, params: [Theta, Phi, Lambda],
        matrix: |p| u_matrix(p[0], p[1], p[2]), inverse: |p| to(Gate::U, &[-p[0], -p[2], -p[1]]),
        definition: "" }
    /// Rotation by θ about the axis at angle φ in the XY plane.
    R { name: "r", aliases: ["prx"], label: "R", family: Rotation, targets: 1, params: [Theta, Phi],
        matrix: |p| r(p[0], p[1]), inverse: |p| to(Gate::R, &[-p[0], p[1]]),
        definition: "U(theta, phi - pi/2, pi/2 - phi) a;" }
    /// Half turn about the axis at angle φ in the XY plane, φ in radians, without the factor -i of `r`.
    Gpi { name: "gpi", label: "GPI", family: Rotation, targets: 1, params: [Phi],
        matrix: |p| Matrix::from_rows([[O, cis(-p[0])], [cis(p[0]), O]]), inverse: |p| to(Gate::Gpi, &[p[0]]),
        definition: "U(pi, phi, pi - phi) a;" }
    /// Quarter turn about the axis at angle φ in the XY plane, φ in radians.
    Gpi2 { name: "gpi2", label: "GPI2", family: Rotation, targets: 1, params: [Phi],
        matrix: |p| r(PI / 2.0, p[0]), inverse: |p| to(Gate::Gpi2, &[p[0] + PI]),
        definition: "U(pi/2, phi - pi/2, pi/2 - phi) a;" }
    /// Controlled X.
    Cx { name: "cx", aliases: ["CX", "cnot"], label: "X", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| x(), inverse: |_| to(Gate::Cx, &[]), definition: "ctrl @ x a, b;" }
    /// Controlled Y.
    Cy { name: "cy", label: "Y", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| Matrix::from_rows([[O, -I], [I, O]]), inverse: |_| to(Gate::Cy, &[]), definition: "ctrl @ y a, b;" }
    /// Controlled Z: signs |11⟩.
    Cz { name: "cz", label: "Z", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| diag(&[ONE, -ONE]), inverse: |_| to(Gate::Cz, &[]), definition: "ctrl @ z a, b;" }
    /// Controlled Hadamard.
    Ch { name: "ch", label: "H", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| h(), inverse: |_| to(Gate::Ch, &[]), definition: "ctrl @ h a, b;" }
    /// Controlled S.
    Cs { name: "cs", label: "S", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| diag(&[ONE, I]), inverse: |_| to(Gate::Csdg, &[]), definition: "ctrl @ s a, b;" }
    /// Controlled S†.
    Csdg { name: "csdg", label: "S†", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| diag(&[ONE, -I]), inverse: |_| to(Gate::Cs, &[]), definition: "ctrl @ sdg a, b;" }
    /// Controlled √X.
    Csx { name: "csx", label: "√X", family: Multi, controls: 1, targets: 1, params: [],
        matrix: |_| sx(), inverse: |_| None, definition: "ctrl @ sx a, b;" }
    /// Controlled phase: e^{iλ} on |11⟩.
    Cp { name: "cp", aliases: ["cu1", "cphase"], label: "P", family: Multi, controls: 1, targets: 1, params: [Lambda],
        matrix: |p| diag(&[ONE, cis(p[0])]), inverse: |p| to(Gate::Cp, &[-p[0]]), definition: "ctrl @ p(lambda) a, b;" }
    /// Controlled rotation about X.
    Crx { name: "crx", label: "RX", family: Multi, controls: 1, targets: 1, params: [Theta],
        matrix: |p| rx(p[0]), inverse: |p| to(Gate::Crx, &[-p[0]]), definition: "ctrl @ rx(theta) a, b;" }
    /// Controlled rotation about Y.
    Cry { name: "cry", label: "RY", family: Multi, controls: 1, targets: 1, params: [Theta],
        matrix: |p| ry(p[0]), inverse: |p| to(Gate::Cry, &[-p[0]]), definition: "ctrl @ ry(theta) a, b;" }
    /// Controlled rotation about Z.
    Crz { name: "crz", label: "RZ", family: Multi, controls: 1, targets: 1, params: [Theta],
        matrix: |p| rz(p[0]), inverse: |p| to(Gate::Crz, &[-p[0]]), definition: "ctrl @ rz(theta) a, b;" }
    /// Controlled `u` without a phase of its own (`u3` under a control).
    Cu3 { name: "cu3", label: "U", family: Multi, controls: 1, targets: 1, params: [Theta, Phi, Lambda],
        matrix: |p| u_matrix(p[0], p[1], p[2]), inverse: |p| to(Gate::Cu3, &[-p[0], -p[2], -p[1]]),
        definition: "ctrl @ U(theta, phi, lambda) a, b;" }
    /// Controlled `u` with phase: `e^{iγ} U(θ, φ, λ)` where the control is 1.
    Cu { name: "cu", label: "U", family: Multi, controls: 1, targets: 1, params: [Theta, Phi, Lambda, Gamma],
        matrix: |p| u_matrix(p[0], p[1], p[2]).scale(cis(p[3])),
        inverse: |p| to(Gate::Cu, &[-p[0], -p[2], -p[1], -p[3]]),
        definition: "p(gamma) a; ctrl @ U(theta, phi, lambda) a, b;" }
    /// Exchanges two qubits.
    Swap { name: "swap", aliases: ["SWAP"], label: "×", family: Multi, targets: 2, params: [],
        matrix: |_| swap(), inverse: |_| to(Gate::Swap, &[]), definition: "cx a, b; cx b, a; cx a, b;" }
    /// Exchanges two qubits, with a factor i where they differ.
    Iswap { name: "iswap", label: "iSWAP", family: Multi, targets: 2, params: [],
        matrix: |_| blocks(ID2, [[O, I], [I, O]]), inverse: |_| None,
        definition: "s a; s b; h a; cx a, b; cx b, a; h b;" }
    /// Square root of iSWAP.
    SqrtIswap { name: "siswap", aliases: ["sqrt_iswap"], label: "√iSWAP", family: Multi, targets: 2, params: [],
        matrix: |_| blocks(ID2, [[R, I * R], [I * R, R]]), inverse: |_| None,
        definition: "rxx(-pi/4) a, b; ryy(-pi/4) a, b;" }
    /// `cx a, b` followed by `cx b, a`.
    Dcx { name: "dcx", label: "DCX", family: Multi, targets: 2, params: [],
        matrix: |_| permutation(&[0, 2, 3, 1]), inverse: |_| None, definition: "cx a, b; cx b, a;" }
    /// Echoed cross resonance, `(IX - XY)/√2` with X on the first qubit.
    Ecr { name: "ecr", label: "ECR", family: Multi, targets: 2, params: [],
        matrix: |_| Matrix::from_rows([[O, R, O, I * R], [R, O, -I * R, O], [O, I * R, O, R], [-I * R, O, R, O]]),
        inverse: |_| to(Gate::Ecr, &[]), definition: "rzx(pi/4) a, b; x a; rzx(-pi/4) a, b;" }
    /// XX interaction, `exp(-i θ/2 X⊗X)`.
    Rxx { name: "rxx", label: "XX", family: Multi, targets: 2, params: [Theta],
        matrix: |p| anti(p[0], 1.0, 1.0), inverse: |p| to(Gate::Rxx, &[-p[0]]),
        definition: "h a; h b; rzz(theta) a, b; h a; h b;" }
    /// YY interaction, `exp(-i θ/2 Y⊗Y)`.
    Ryy { name: "ryy", label: "YY", family: Multi, targets: 2, params: [Theta],
        matrix: |p| anti(p[0], -1.0, 1.0), inverse: |p| to(Gate::Ryy, &[-p[0]]),
        definition: "rx(pi/2) a; rx(pi/2) b; rzz(theta) a, b; rx(-pi/2) a; rx(-pi/2) b;" }
    /// ZZ interaction, `exp(-i θ/2 Z⊗Z)`. Symmetric in its qubits.
    Rzz { name: "rzz", label: "ZZ", family: Multi, targets: 2, params: [Theta],
        matrix: |p| diag(&[cis(-p[0] / 2.0), cis(p[0] / 2.0), cis(p[0] / 2.0), cis(-p[0] / 2.0)]),
        inverse: |p| to(Gate::Rzz, &[-p[0]]), definition: "cx a, b; rz(theta) b; cx a, b;" }
    /// ZX interaction, `exp(-i θ/2 Z⊗X)` with Z on the first qubit and X on the second.
    Rzx { name: "rzx", label: "ZX", family: Multi, targets: 2, params: [Theta],
        matrix: |p| { let (c, s) = cs(p[0]); let (c, s) = (re(c), im(s));
            Matrix::from_rows([[c, O, -s, O], [O, c, O, s], [-s, O, c, O], [O, s, O, c]]) },
        inverse: |p| to(Gate::Rzx, &[-p[0]]), definition: "h b; rzz(theta) a, b; h b;" }
    /// `exp(-i θ/4 (e^{iβ}|00⟩⟨11| + h.c.)·2)`: rotates within |00⟩, |11⟩ (XX - YY).
    XxMinusYy { name: "xx_minus_yy", label: "XX−YY", family: Multi, targets: 2, params: [Theta, Beta],
        matrix: |p| { let (c, s) = cs(p[0]); blocks([[re(c), -I * cis(-p[1]) * s], [-I * cis(p[1]) * s, re(c)]], ID2) },
        inverse: |p| to(Gate::XxMinusYy, &[-p[0], p[1]]),
        definition: "rz(-beta) b; rxx(theta/2) a, b; ryy(-theta/2) a, b; rz(beta) b;" }
    /// Rotates within |01⟩, |10⟩ by θ with phase β (XX + YY).
    XxPlusYy { name: "xx_plus_yy", label: "XX+YY", family: Multi, targets: 2, params: [Theta, Beta],
        matrix: |p| { let (c, s) = cs(p[0]); blocks(ID2, [[re(c), -I * cis(-p[1]) * s], [-I * cis(p[1]) * s, re(c)]]) },
        inverse: |p| to(Gate::XxPlusYy, &[-p[0], p[1]]),
        definition: "rz(beta) a; rxx(theta/2) a, b; ryy(theta/2) a, b; rz(-beta) a;" }
    /// Excitation exchange by θ and phase -φ on |11⟩: `[[1,0,0,0],[0,cos θ,-i sin θ,0],[0,-i sin θ,cos θ,0],[0,0,0,e^{-iφ}]]`.
    Fsim { name: "fsim", label: "fSim", family: Multi, targets: 2, params: [Theta, Phi],
        matrix: |p| { let (c, s) = cs(2.0 * p[0]);
            blocks([[ONE, O], [O, cis(-p[1])]], [[re(c), im(-s)], [im(-s), re(c)]]) },
        inverse: |p| to(Gate::Fsim, &[-p[0], -p[1]]),
        definition: "rxx(theta) a, b; ryy(theta) a, b; cp(-phi) a, b;" }
    /// Mølmer–Sørensen: `exp(-i θ/2 (cos φ X + sin φ Y)⊗(cos λ X + sin λ Y))`, radians.
    Ms { name: "ms", label: "MS", family: Multi, targets: 2, params: [Phi, Lambda, Theta],
        matrix: |p| { let (c, s) = cs(p[2]); let (u, v) = (p[0] + p[1], p[0] - p[1]);
            blocks([[re(c), -I * cis(-u) * s], [-I * cis(u) * s, re(c)]],
                   [[re(c), -I * cis(v) * s], [-I * cis(-v) * s, re(c)]]) },
        inverse: |p| to(Gate::Ms, &[p[0], p[1], -p[2]]),
        definition: "rz(-phi) a; rz(-lambda) b; rxx(theta) a, b; rz(phi) a; rz(lambda) b;" }
    /// Toffoli: X under two controls.
    Ccx { name: "ccx", aliases: ["toffoli"], label: "X", family: Multi, controls: 2, targets: 1, params: [],
        matrix: |_| x(), inverse: |_| to(Gate::Ccx, &[]), definition: "ctrl(2) @ x a, b, c;" }
    /// Z under two controls.
    Ccz { name: "ccz", label: "Z", family: Multi, controls: 2, targets: 1, params: [],
        matrix: |_| diag(&[ONE, -ONE]), inverse: |_| to(Gate::Ccz, &[]), definition: "ctrl(2) @ z a, b, c;" }
    /// Fredkin: exchange under a control.
    Cswap { name: "cswap", aliases: ["fredkin"], label: "×", family: Multi, controls: 1, targets: 2, params: [],
        matrix: |_| swap(), inverse: |_| to(Gate::Cswap, &[]), definition: "ctrl @ swap a, b, c;" }
    /// Toffoli up to phases, with three CX.
    Rccx { name: "rccx", label: "RCCX", family: Multi, targets: 3, params: [],
        matrix: |_| rccx(), inverse: |_| to(Gate::Rccx, &[]),
        definition: "u2(0, pi) c; p(pi/4) c; cx b, c; p(-pi/4) c; cx a, c; p(pi/4) c; cx b, c; p(-pi/4) c; u2(0, pi) c;" }
    /// Peres: Toffoli, then CX of the first two.
    Peres { name: "peres", label: "Peres", family: Multi, targets: 3, params: [],
        matrix: |_| permutation(&[0, 3, 2, 5, 4, 7, 6, 1]), inverse: |_| None,
        definition: "ccx a, b, c; cx a, b;" }
    /// X under three controls.
    C3x { name: "c3x", aliases: ["mcx3"], label: "X", family: Multi, controls: 3, targets: 1, params: [],
        matrix: |_| x(), inverse: |_| to(Gate::C3x, &[]), definition: "ctrl(3) @ x a, b, c, d;" }
    /// √X under three controls.
    C3sx { name: "c3sx", aliases: ["c3sqrtx"], label: "√X", family: Multi, controls: 3, targets: 1, params: [],
        matrix: |_| sx(), inverse: |_| None, definition: "ctrl(3) @ sx a, b, c, d;" }
    /// X under three controls up to phases, with six CX.
    Rc3x { name: "rc3x", aliases: ["rcccx"], label: "RC3X", family: Multi, targets: 4, params: [],
        matrix: |_| rc3x(), inverse: |_| None,
        definition: "u2(0, pi) d; p(pi/4) d; cx c, d; p(-pi/4) d; u2(0, pi) d; cx a, d; p(pi/4) d; cx b, d; p(-pi/4) d; cx a, d; p(pi/4) d; cx b, d; p(-pi/4) d; u2(0, pi) d; p(pi/4) d; cx c, d; p(-pi/4) d; u2(0, pi) d;" }
    /// X under four controls.
    C4x { name: "c4x", label: "X", family: Multi, controls: 4, targets: 1, params: [],
        matrix: |_| x(), inverse: |_| to(Gate::C4x, &[]), definition: "ctrl(4) @ x a, b, c, d, e;" }
}

impl Gate {
    /// Its row.
    pub fn spec(self) -> &'static GateSpec {
        &GATES[self as usize]
    }

    /// By OpenQASM name or alias; names are case-sensitive.
    pub fn by_name(name: &str) -> Option<Self> {
        GATES.iter().find(|g| g.name == name || g.aliases.contains(&name)).map(|g| g.gate)
    }

    /// Its inverse, where the table has it.
    pub fn inverse(self, params: &[f64]) -> Option<(Self, Params)> {
        (self.spec().inverse)(params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOL: f64 = 1e-12;

    fn sample(spec: &GateSpec) -> Params {
        let mut p = Params::new();
        for i in 0..spec.num_params() {
            p.push(0.3 + 0.7 * i as f64);
        }
        p
    }

    #[test]
    fn every_gate_is_unitary_and_of_the_stated_size() {
        for spec in GATES {
            let m = spec.matrix(&sample(spec));
            assert_eq!(m.num_qubits(), spec.num_qubits(), "{}", spec.name);
            assert!(m.unitary_deviation() < ATOL, "{}", spec.name);
        }
    }

    #[test]
    fn every_inverse_undoes_its_gate() {
        for spec in GATES {
            let p = sample(spec);
            if let Some((inverse, q)) = spec.gate.inverse(&p) {
                let product = inverse.spec().matrix(&q).mul(&spec.matrix(&p));
                assert!(
                    product.max_difference(&Matrix::identity(product.dim())) < ATOL,
                    "{}",
                    spec.name
                );
            }
        }
    }

    #[test]
    fn rows_lie_at_their_variant_and_names_are_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for (i, spec) in GATES.iter().enumerate() {
            assert_eq!(spec.gate as usize, i);
            assert!(seen.insert(spec.name), "{}", spec.name);
            for alias in spec.aliases {
                assert!(seen.insert(alias), "{alias}");
            }
        }
    }
}
