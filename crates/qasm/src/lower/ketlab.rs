//! `@ketlab.…` annotations: what OpenQASM itself cannot say. The grammar is in docs/languages.md.

use std::sync::Arc;

use circuit::{
    BlockGate, Gate, GateRef, Matrix, NoiseCall, NoiseRef, Pauli, QubitExpr, Scalar, StatementKind,
    Value,
};
use num_complex::Complex64;

use crate::ast::{self, Annotation, ExprKind};
use crate::diagnostic::nearest;
use crate::span::Span;

use super::Lowerer;
use super::expr::plural;
use super::gates::to_u32;
use super::symbol::{Qubits, Ty};

/// Widest gate given by its entries: `2^12` of a diagonal, `4^6` of a matrix.
const MAX_ENTRIES: usize = 4096;
/// How far from unitary or normalized rounded entries may be.
const ATOL: f64 = 1e-6;

/// What an annotation says that a gate is.
pub(super) enum Body {
    Gate(GateRef),
    Opaque,
}

impl<'a> Lowerer<'a> {
    fn keyword(&self, a: &Annotation) -> &'a str {
        let text = self.text(a.span);
        let word = text.split([' ', '\t']).next().unwrap_or(text);
        word.strip_prefix("@ketlab.").unwrap_or("")
    }

    fn wrong(&mut self, span: Span, message: impl Into<String>) {
        self.error_help("annotation", span, message, "the grammar is in the language reference");
    }

    /// A word, alone or with arguments.
    fn word(&mut self, a: &'a Annotation) -> Option<(&'a str, &'a [ast::Expr])> {
        match a.value.as_ref().map(|v| (&v.kind, v.span)) {
            Some((ExprKind::Name, span)) => Some((self.text(span), &[])),
            Some((ExprKind::Call(name, args), _)) => Some((self.name(*name), args)),
            _ => {
                self.wrong(a.span, "a name is expected in this annotation");
                None
            }
        }
    }

    /// `@ketlab.gate name`: the definition is of a gate of the table.
    pub(super) fn table_annotation(
        &mut self,
        annotations: &'a [Annotation],
        def: &'a ast::GateDef,
    ) -> Option<Gate> {
        let a = annotations.iter().find(|a| self.keyword(a) == "gate")?;
        let (word, _) = self.word(a)?;
        let Some(gate) = Gate::by_name(word) else {
            self.wrong(a.span, format!("there is no gate `{word}` in the table"));
            return None;
        };
        let spec = gate.spec();
        if (spec.num_params(), spec.num_qubits()) != (def.params.len(), def.qubits.len()) {
            let message = format!(
                "`{word}` has {} and {}",
                plural(spec.num_params(), "parameter"),
                plural(spec.num_qubits(), "qubit")
            );
            self.wrong(a.span, message);
            return None;
        }
        Some(gate)
    }

    /// `@ketlab.unitary` and its like. `None` for none, and after an error.
    pub(super) fn special_body(
        &mut self,
        annotations: &'a [Annotation],
        def: &'a ast::GateDef,
    ) -> Option<Body> {
        for a in annotations {
            let keyword = self.keyword(a);
            let num_params = usize::from(keyword == "pauli_rotation");
            let n = def.qubits.len();
            let gate = match keyword {
                "opaque" => return Some(Body::Opaque),
                "unitary" => self.matrix_value(a, n).map(|m| GateRef::Unitary(Arc::new(m))),
                "diagonal" => self.diagonal(a, n),
                "permutation" => self.permutation(a, n),
                "prepare" => self.prepare(a, n),
                "pauli_rotation" => self.pauli_rotation(a, n),
                "block" => self.block_gate(a, to_u32(n)).map(GateRef::Block),
                "" | "gate" => continue,
                other => {
                    let known = [
                        "gate",
                        "unitary",
                        "diagonal",
                        "permutation",
                        "prepare",
                        "pauli_rotation",
                        "block",
                        "opaque",
                    ];
                    let hint = nearest(other, known)
                        .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    self.wrong(a.span, format!("`@ketlab.{other}` does not describe a gate{hint}"));
                    return None;
                }
            };
            if gate.is_some() && def.params.len() != num_params {
                self.wrong(
                    a.span,
                    format!("`@ketlab.{keyword}` takes {}", plural(num_params, "parameter")),
                );
                return None;
            }
            return gate.map(Body::Gate);
        }
        None
    }

    /// `@ketlab.noise` and `@ketlab.postselect`; `Some` of nothing after an error.
    pub(super) fn special_statement(
        &mut self,
        annotations: &'a [Annotation],
        q: &[(Qubits, Span)],
    ) -> Option<Vec<StatementKind>> {
        let a = annotations.iter().find(|a| matches!(self.keyword(a), "noise" | "postselect"))?;
        let kind =
            if self.keyword(a) == "noise" { self.noise(a, q) } else { self.postselect(a, q) };
        Some(kind.into_iter().collect())
    }

    fn noise(&mut self, a: &'a Annotation, q: &[(Qubits, Span)]) -> Option<StatementKind> {
        let (word, args) = self.word(a)?;
        let mut params = smallvec::SmallVec::new();
        let channel = match word {
            "depolarizing" => NoiseRef::Depolarizing,
            "bit_flip" => NoiseRef::BitFlip,
            "phase_flip" => NoiseRef::PhaseFlip,
            "bit_phase_flip" => NoiseRef::BitPhaseFlip,
            "pauli" => NoiseRef::Pauli,
            "amplitude_damping" => NoiseRef::AmplitudeDamping,
            "phase_damping" => NoiseRef::PhaseDamping,
            "thermal_relaxation" => NoiseRef::ThermalRelaxation,
            "kraus" => {
                let operators: Option<Vec<Matrix>> =
                    args.iter().map(|e| self.matrix(e, q.len())).collect();
                let operators = operators?;
                if operators.is_empty() || !is_channel(&operators) {
                    self.wrong(
                        a.span,
                        "the Kraus operators do not add up to a channel: the sum of K†K is not 1",
                    );
                    return None;
                }
                NoiseRef::Kraus(operators.into())
            }
            other => {
                self.wrong(a.span, format!("there is no channel `{other}`"));
                return None;
            }
        };
        if !matches!(channel, NoiseRef::Kraus(_)) {
            for e in args {
                params.push(self.gate_parameter(e)?);
            }
            if params.len() != channel.num_params() {
                self.wrong(
                    a.span,
                    format!("`{word}` takes {}", plural(channel.num_params(), "number")),
                );
                return None;
            }
        }
        let wrong_count = channel.num_qubits().is_some_and(|n| n != q.len());
        if q.is_empty() || wrong_count {
            self.wrong(a.span, format!("`{word}` does not act on {}", plural(q.len(), "qubit")));
            return None;
        }
        let length = self.broadcast(q, a.span)?;
        if !self.check_operands(q, length, a.span) {
            return None;
        }
        let operands =
            q.iter().map(|(q, at)| QubitExpr::new(q.kind.clone(), self.span(*at))).collect();
        Some(StatementKind::Noise(Box::new(NoiseCall { channel, params, operands })))
    }

    fn postselect(&mut self, a: &'a Annotation, q: &[(Qubits, Span)]) -> Option<StatementKind> {
        let [(qubit, at)] = q else {
            self.wrong(a.span, "`@ketlab.postselect` is about one qubit");
            return None;
        };
        let Some(value) = &a.value else {
            self.wrong(a.span, "the outcome is missing: `@ketlab.postselect 0`");
            return None;
        };
        let outcome = self.condition(value);
        if matches!(outcome.ty, Ty::Unknown)
            || !matches!(
                outcome.ty,
                Ty::Scalar(Scalar::Bit | Scalar::Bool | Scalar::Int(_) | Scalar::Uint(_))
            )
        {
            self.wrong(a.span, "the outcome is 0 or 1");
            return None;
        }
        let qubit = QubitExpr::new(qubit.kind.clone(), self.span(*at));
        Some(StatementKind::Postselect { qubit, outcome: outcome.expr })
    }

    // ---- values ----

    fn complex(&mut self, e: &'a ast::Expr) -> Option<Complex64> {
        let value = self.constant(e, "an entry")?;
        let number = match &value {
            Value::Complex(c) => Some(*c),
            v => v.as_real().map(|r| Complex64::new(r, 0.0)),
        };
        if number.is_none() {
            self.wrong(e.span, "an entry is a number");
        }
        number
    }

    /// `2^n` numbers.
    fn entries(&mut self, e: &'a ast::Expr, n: usize) -> Option<Vec<Complex64>> {
        let ExprKind::List(items) = &e.kind else {
            self.wrong(e.span, "a list in braces is expected: `{1, 0.5 + 0.5im}`");
            return None;
        };
        let wanted =
            u32::try_from(n).ok().and_then(|n| 1usize.checked_shl(n)).filter(|&w| w <= MAX_ENTRIES);
        match wanted {
            None => {
                self.wrong(
                    e.span,
                    format!("a gate of {n} qubits is too wide to be given by its entries"),
                );
                None
            }
            Some(w) if w != items.len() => {
                self.wrong(
                    e.span,
                    format!(
                        "{} take {w} entries, and here are {}",
                        plural(n, "qubit"),
                        items.len()
                    ),
                );
                None
            }
            Some(_) => items.iter().map(|i| self.complex(i)).collect(),
        }
    }

    fn list(&mut self, a: &'a Annotation) -> Option<&'a ast::Expr> {
        if a.value.is_none() {
            self.wrong(a.span, "a list in braces is missing");
        }
        a.value.as_ref()
    }

    fn matrix(&mut self, e: &'a ast::Expr, n: usize) -> Option<Matrix> {
        let ExprKind::List(rows) = &e.kind else {
            self.wrong(e.span, "a matrix is a list of rows: `{{0, 1}, {1, 0}}`");
            return None;
        };
        if n > 6 {
            self.wrong(e.span, "a matrix is on at most 6 qubits");
            return None;
        }
        if rows.len() != 1 << n {
            let message = format!(
                "the matrix of {} has {} rows, and here are {}",
                plural(n, "qubit"),
                1 << n,
                rows.len()
            );
            self.wrong(e.span, message);
            return None;
        }
        let mut all = Vec::new();
        for row in rows {
            all.extend(self.entries(row, n)?);
        }
        Matrix::from_entries(&all).ok()
    }

    fn matrix_value(&mut self, a: &'a Annotation, n: usize) -> Option<Matrix> {
        let list = self.list(a)?;
        let m = self.matrix(list, n)?;
        if m.unitary_deviation() > ATOL {
            self.wrong(list.span, "the matrix is not unitary");
            return None;
        }
        Some(m)
    }

    fn diagonal(&mut self, a: &'a Annotation, n: usize) -> Option<GateRef> {
        let list = self.list(a)?;
        let d = self.entries(list, n)?;
        if d.iter().any(|c| (c.norm_sqr() - 1.0).abs() > ATOL) {
            self.wrong(list.span, "each entry of the diagonal has modulus 1");
            return None;
        }
        Some(GateRef::Diagonal(d.into()))
    }

    fn permutation(&mut self, a: &'a Annotation, n: usize) -> Option<GateRef> {
        let list = self.list(a)?;
        let ExprKind::List(items) = &list.kind else {
            self.wrong(list.span, "a permutation is a list: `{0, 2, 1, 3}`");
            return None;
        };
        if n > 12 || items.len() != 1 << n {
            self.wrong(
                list.span,
                format!(
                    "a permutation on {} lists where each of its states goes",
                    plural(n, "qubit")
                ),
            );
            return None;
        }
        let mut map = Vec::with_capacity(items.len());
        let mut seen = vec![false; items.len()];
        for i in items {
            let to = self.constant_integer(i, "a state")?;
            match usize::try_from(to).ok().and_then(|t| seen.get_mut(t)) {
                Some(s) if !*s => *s = true,
                _ => {
                    self.wrong(i.span, format!("state {to} is out of range, or stands twice"));
                    return None;
                }
            }
            map.push(u32::try_from(to).unwrap_or(0));
        }
        Some(GateRef::Permutation(map.into()))
    }

    fn prepare(&mut self, a: &'a Annotation, n: usize) -> Option<GateRef> {
        let list = self.list(a)?;
        let mut amplitudes = self.entries(list, n)?;
        let norm: f64 = amplitudes.iter().map(Complex64::norm_sqr).sum();
        if (norm - 1.0).abs() > 1e-3 {
            self.wrong(
                list.span,
                format!("the squares of the amplitudes add up to {norm:.6}, not to 1"),
            );
            return None;
        }
        // Rounded digits are meant to be normalized; what is, to the last bits, stays as it is.
        if (norm - 1.0).abs() > 1e-12 {
            let scale = 1.0 / norm.sqrt();
            for c in &mut amplitudes {
                *c *= scale;
            }
        }
        Some(GateRef::Prepare(amplitudes.into()))
    }

    /// `XIZ`, highest qubit first.
    fn pauli_rotation(&mut self, a: &'a Annotation, n: usize) -> Option<GateRef> {
        let (word, _) = self.word(a)?;
        let letters: Option<Vec<Option<Pauli>>> = word
            .chars()
            .rev()
            .map(|c| match c {
                'I' => Some(None),
                'X' => Some(Some(Pauli::X)),
                'Y' => Some(Some(Pauli::Y)),
                'Z' => Some(Some(Pauli::Z)),
                _ => None,
            })
            .collect();
        match letters {
            Some(l) if l.len() == n => Some(GateRef::PauliRotation(l.into())),
            _ => {
                self.wrong(a.span, format!("a Pauli string of {n} letters I, X, Y, Z is expected"));
                None
            }
        }
    }

    fn block_gate(&mut self, a: &'a Annotation, n: u32) -> Option<BlockGate> {
        let (word, args) = self.word(a)?;
        let mut numbers = Vec::new();
        for e in args {
            numbers.push(self.constant_integer(e, "the argument")?);
        }
        let signed = |i: usize| numbers.get(i).and_then(|&v| i64::try_from(v).ok());
        let unsigned = |i: usize| numbers.get(i).and_then(|&v| u64::try_from(v).ok());
        let split = || numbers.first().and_then(|&v| u32::try_from(v).ok()).filter(|&s| s < n);
        let num_qubits = n;
        let block = match (word, numbers.len()) {
            ("qft", 0) => Some(BlockGate::Qft { num_qubits }),
            ("phase_gradient", 0) => Some(BlockGate::PhaseGradient { num_qubits }),
            ("increment", 1) => signed(0).map(|amount| BlockGate::Increment { num_qubits, amount }),
            ("add", 1) => split().map(|split| BlockGate::Add { split, num_qubits }),
            ("multiply", 1) => unsigned(0)
                .filter(|f| f % 2 == 1)
                .map(|factor| BlockGate::Multiply { num_qubits, factor }),
            ("modular_increment", 2) => {
                signed(0).zip(modulus(unsigned(1), n)).map(|(amount, modulus)| {
                    BlockGate::ModularIncrement { num_qubits, amount, modulus }
                })
            }
            ("modular_multiply", 2) => {
                unsigned(0).zip(modulus(unsigned(1), n)).filter(|&(f, m)| gcd(f, m) == 1).map(
                    |(factor, modulus)| BlockGate::ModularMultiply { num_qubits, factor, modulus },
                )
            }
            ("multiply_add", 2) => split()
                .zip(signed(1))
                .map(|(split, factor)| BlockGate::MultiplyAdd { split, num_qubits, factor }),
            ("xor", 0) if n.is_multiple_of(2) => Some(BlockGate::Xor { split: n / 2 }),
            ("reverse", 0) => Some(BlockGate::Reverse { num_qubits }),
            ("rotate", 1) => signed(0).map(|amount| BlockGate::Rotate { num_qubits, amount }),
            ("sign_if_less", 1) => split().map(|split| BlockGate::SignIfLess { split, num_qubits }),
            _ => None,
        };
        if block.is_none() {
            self.wrong(a.span, format!("`{word}` is not a block, or its arguments do not fit"));
        }
        block
    }
}

/// A modulus that fits into `n` qubits.
fn modulus(m: Option<u64>, n: u32) -> Option<u64> {
    m.filter(|&m| m >= 1 && (n >= 64 || m <= 1 << n))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// `Σ K†K = 1`.
fn is_channel(operators: &[Matrix]) -> bool {
    let Some(first) = operators.first() else { return false };
    let dim = first.dim();
    let mut sum = Matrix::zero(dim);
    for k in operators {
        let product = k.dagger().mul(k);
        for row in 0..dim {
            for col in 0..dim {
                sum.set(row, col, sum.at(row, col) + product.at(row, col));
            }
        }
    }
    sum.max_difference(&Matrix::identity(dim)) < ATOL
}
