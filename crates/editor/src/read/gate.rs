//! Gates with their modifiers, written out over registers.

use circuit::{Control, Expr, Gate, GateCall, GateRef, Modifier, Qubit};

use super::{Reader, integer};
use crate::document::{Operation, Param, What};
use crate::expr;

/// Modifiers in the order in which the picture knows them: controls outside, then a power, then an
/// inverse. Controls commute with both.
struct Modifiers {
    /// Of each control, outermost first.
    controls: Vec<bool>,
    power: Option<Param>,
    inverse: bool,
}

impl Reader<'_> {
    /// A gate once for each position of its registers; `None` where it has no picture.
    pub(super) fn gate(&self, call: &GateCall) -> Option<Vec<Operation>> {
        let modifiers = self.modifiers(&call.modifiers)?;
        let params: Vec<Param> =
            call.params.iter().map(|p| self.param(p)).collect::<Option<_>>()?;
        let operands: Vec<Vec<Qubit>> =
            call.operands.iter().map(|o| self.qubits(o)).collect::<Option<_>>()?;
        let times = operands.iter().map(Vec::len).find(|&len| len != 1).unwrap_or(1);
        if operands.is_empty() || operands.iter().any(|o| o.len() != 1 && o.len() != times) {
            return None;
        }
        if times.checked_mul(operands.len())? > super::MAX_OPERATIONS {
            return None;
        }
        (0..times)
            .map(|i| {
                let qubits: Vec<Qubit> =
                    operands.iter().map(|o| if o.len() == 1 { o[0] } else { o[i] }).collect();
                self.one(&call.gate, &modifiers, &params, &qubits)
            })
            .collect()
    }

    fn one(
        &self,
        gate: &GateRef,
        modifiers: &Modifiers,
        params: &[Param],
        qubits: &[Qubit],
    ) -> Option<Operation> {
        if qubits.len() < modifiers.controls.len() {
            return None;
        }
        let (outer, own) = qubits.split_at(modifiers.controls.len());
        let mut controls: Vec<Control> = std::iter::zip(outer, &modifiers.controls)
            .map(|(&qubit, &on)| Control { qubit, on })
            .collect();
        let mut op = match gate {
            GateRef::Table(gate) => {
                let spec = gate.spec();
                if own.len() != spec.num_qubits() || params.len() != spec.num_params() {
                    return None;
                }
                Operation::gate(*gate, params.to_vec(), own)
            }
            GateRef::Custom(id) => {
                let definition = self.circuit.gates.get(id.0 as usize)?;
                let name = self.renamed.get(&definition.name).unwrap_or(&definition.name);
                Operation::call(name, params.to_vec(), own)
            }
            // A phase on a control's subspace is a phase gate on that control.
            GateRef::GlobalPhase if own.is_empty() && controls.last().is_some_and(|c| c.on) => {
                let target = controls.pop()?.qubit;
                Operation::gate(Gate::P, params.to_vec(), &[target])
            }
            _ => return None,
        };
        controls.append(&mut op.controls);
        op.controls = controls;
        op.power.clone_from(&modifiers.power);
        op.inverse = modifiers.inverse;
        // Whatever the checks let through, the picture holds no gate twice on a qubit.
        let mut seen: Vec<Qubit> = op.qubits().collect();
        seen.sort_unstable();
        let distinct = seen.windows(2).all(|w| w[0] != w[1]);
        (distinct && matches!(op.what, What::Gate { .. } | What::Call { .. })).then_some(op)
    }

    fn modifiers(&self, list: &[Modifier]) -> Option<Modifiers> {
        let mut out = Modifiers { controls: Vec::new(), power: None, inverse: false };
        for modifier in list {
            match modifier {
                Modifier::Ctrl(count) | Modifier::NegCtrl(count) => {
                    let on = matches!(modifier, Modifier::Ctrl(_));
                    let count = count.as_ref().map_or(Some(1), integer)?;
                    let count = usize::try_from(count)
                        .ok()
                        .filter(|&c| c <= self.header().num_qubits() as usize)?;
                    out.controls.extend(std::iter::repeat_n(on, count));
                }
                Modifier::Inv => out.inverse = !out.inverse,
                Modifier::Pow(exponent) => {
                    if out.power.is_some() {
                        return None;
                    }
                    let mut param = self.param(exponent)?;
                    // An inverse outside a power goes into its exponent. Inside it would be another
                    // gate: the principal root of -1 is i, that of its inverse i as well.
                    if std::mem::take(&mut out.inverse) {
                        param = Param {
                            text: format!("-({})", param.text).into(),
                            value: param.value.map(|v| -v),
                        };
                    }
                    out.power = Some(param);
                }
            }
        }
        Some(out)
    }

    /// A parameter as it was written. Where the text is not at hand, or would mean something else,
    /// its value.
    pub(super) fn param(&self, expr: &Expr) -> Option<Param> {
        let constant =
            expr.as_literal().and_then(circuit::Value::as_real).filter(|v| v.is_finite());
        let readable = |text: &&str| {
            expr::parse(text).is_ok_and(|e| {
                // The value of what was folded must come out of the text again, unless names of the
                // program stand in it.
                !e.free_names().is_empty()
                    || constant.is_none_or(|c| {
                        e.evaluate(&|_| None)
                            .is_ok_and(|v| (v - c).abs() <= 1e-12 * c.abs().max(1.0))
                    })
            })
        };
        let text = self.slice(expr.span).map(str::trim).filter(readable);
        match (text, constant) {
            (Some(text), value) => {
                let value = value.or_else(|| self.header().param(text).ok().and_then(|p| p.value));
                Some(Param { text: text.into(), value })
            }
            (None, Some(value)) => Some(Param::from_value(value)),
            (None, None) => None,
        }
    }
}
