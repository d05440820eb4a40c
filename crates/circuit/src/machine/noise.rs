//! Noise channels and post-selection.

use std::collections::VecDeque;
use std::sync::Arc;

use quantum_info::Matrix;
use smallvec::SmallVec;

use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{QubitList, evaluate, evaluate_qubits, evaluate_real};
use super::resolve::{broadcast_count, check_distinct};
use super::run::Pending;
use super::{Machine, Step};
use crate::Qubit;
use crate::classical::cast::cast_scalar;
use crate::classical::{Scalar, Value};
use crate::expr::{Expr, QubitExpr};
use crate::operation::{NoiseCall, NoiseRef};
use crate::span::Span;

/// A noise channel with its parameters: see [`crate::NoiseRef`].
#[derive(Debug, Clone, PartialEq)]
pub enum Channel {
    Depolarizing { lambda: f64 },
    Pauli { x: f64, y: f64, z: f64 },
    AmplitudeDamping { gamma: f64 },
    PhaseDamping { lambda: f64 },
    ThermalRelaxation { time: f64, t1: f64, t2: f64 },
    Kraus(Arc<[Matrix]>),
}

impl Machine {
    pub(super) fn noise(&mut self, call: &NoiseCall, span: Span) -> Result<(), RuntimeError> {
        let scope = self.scope(true);
        let params = call
            .params
            .iter()
            .map(|p| evaluate_real(p, &scope))
            .collect::<Result<SmallVec<[f64; 3]>, _>>()?;
        let channel = match (&call.channel, params.as_slice()) {
            (NoiseRef::Depolarizing, &[lambda]) => Channel::Depolarizing { lambda },
            (NoiseRef::BitFlip, &[p]) => Channel::Pauli { x: p, y: 0.0, z: 0.0 },
            (NoiseRef::PhaseFlip, &[p]) => Channel::Pauli { x: 0.0, y: 0.0, z: p },
            (NoiseRef::BitPhaseFlip, &[p]) => Channel::Pauli { x: 0.0, y: p, z: 0.0 },
            (NoiseRef::Pauli, &[x, y, z]) => Channel::Pauli { x, y, z },
            (NoiseRef::AmplitudeDamping, &[gamma]) => Channel::AmplitudeDamping { gamma },
            (NoiseRef::PhaseDamping, &[lambda]) => Channel::PhaseDamping { lambda },
            (NoiseRef::ThermalRelaxation, &[time, t1, t2]) => {
                Channel::ThermalRelaxation { time, t1, t2 }
            }
            (NoiseRef::Kraus(k), []) => Channel::Kraus(Arc::clone(k)),
            (channel, found) => {
                let (gate, expected) = (String::from("noise"), channel.num_params());
                return Err(RuntimeError::new(
                    RuntimeErrorKind::ParamCount { gate, expected, found: found.len() },
                    span,
                ));
            }
        };
        if !channel.is_physical() {
            return Err(RuntimeError::new(
                RuntimeErrorKind::Invalid("the parameters are not those of a channel"),
                span,
            ));
        }
        if let Some(expected) = call.channel.num_qubits()
            && call.operands.len() != expected
        {
            let kind = RuntimeErrorKind::OperandCount {
                gate: String::from("noise"),
                expected,
                found: call.operands.len(),
            };
            return Err(RuntimeError::new(kind, span));
        }
        let operands = call
            .operands
            .iter()
            .map(|o| evaluate_qubits(o, &scope))
            .collect::<Result<SmallVec<[_; 3]>, _>>()?;
        let mut steps = VecDeque::new();
        for i in 0..broadcast_count(&operands, span)? {
            let pick = |o: &QubitList| if o.qubits.len() == 1 { o.qubits[0] } else { o.qubits[i] };
            let qubits: Vec<Qubit> = operands.iter().map(pick).collect();
            check_distinct(&qubits, span)?;
            steps.push_back(Step::Noise { channel: channel.clone(), qubits });
        }
        self.pending = Pending::Queue(steps);
        Ok(())
    }

    pub(super) fn postselect(
        &mut self,
        qubit: &QubitExpr,
        outcome: &Expr,
        span: Span,
    ) -> Result<(), RuntimeError> {
        let scope = self.scope(true);
        let list = evaluate_qubits(qubit, &scope)?;
        let len = u32::try_from(list.qubits.len()).unwrap_or(u32::MAX);
        let value = evaluate(outcome, &scope)?;
        let bits = match cast_scalar(&value, Scalar::Bits(len)) {
            Ok(Value::Bits(bits)) => bits,
            Ok(_) => return Ok(()),
            Err(e) => return Err(RuntimeError::new(e, outcome.span.or(span))),
        };
        let steps = list.qubits.iter().zip(bits.iter());
        self.pending = Pending::Queue(
            steps.map(|(&qubit, outcome)| Step::Postselect { qubit, outcome }).collect(),
        );
        Ok(())
    }
}

impl Channel {
    /// Whether the parameters are in range.
    fn is_physical(&self) -> bool {
        let unit = |p: f64| (0.0..=1.0).contains(&p);
        match *self {
            Self::Depolarizing { lambda } | Self::PhaseDamping { lambda } => unit(lambda),
            Self::Pauli { x, y, z } => unit(x) && unit(y) && unit(z) && x + y + z <= 1.0 + 1e-12,
            Self::AmplitudeDamping { gamma } => unit(gamma),
            Self::ThermalRelaxation { time, t1, t2 } => {
                time >= 0.0 && t1 > 0.0 && t2 > 0.0 && t2 <= 2.0 * t1 && time.is_finite()
            }
            Self::Kraus(_) => true,
        }
    }
}
