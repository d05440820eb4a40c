//! Subroutines: arguments in, result and mutable arrays out.

use std::sync::Arc;

use smallvec::smallvec;

use super::compile::Program;
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{Scope, evaluate, evaluate_as, evaluate_path, evaluate_qubits};
use super::resolve::check_distinct;
use super::scope::{fitting, masked};
use super::state::{Content, Origin, Slot};
use super::{Activation, Machine, Qubits};
use crate::circuit::{ArrayShape, ParamKind};
use crate::classical::cast::cast;
use crate::classical::index::{self, Index};
use crate::classical::{ArrayType, Scalar, Type, Value};
use crate::expr::{Argument, Call, Expr, VarRef};
use crate::span::Span;

/// A mutable array argument: on return its slot is copied back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WriteBack {
    var: VarRef,
    path: Vec<Vec<Index>>,
    slot: u32,
    span: Span,
}

impl Machine {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of parameter")]
    pub(super) fn call(
        &mut self,
        program: &Arc<Program>,
        call: &Call,
        result: Option<u32>,
        span: Span,
    ) -> Result<(), RuntimeError> {
        let place = call.span.or(span);
        let fail = |kind| Err(RuntimeError::new(kind, place));
        let Some(info) = program.subroutines.get(call.subroutine.0 as usize) else {
            return fail(RuntimeErrorKind::Invalid("no such subroutine"));
        };
        let name = || info.head.name.clone();
        let Some(entry) = info.entry else {
            return fail(RuntimeErrorKind::Extern { name: name() });
        };
        if call.args.len() != info.head.params.len() {
            let (expected, found) = (info.head.params.len(), call.args.len());
            return fail(RuntimeErrorKind::ArgumentCount { name: name(), expected, found });
        }
        let limit = self.budget.limits.max_call_depth;
        if self.activations.len() as u64 > u64::from(limit) {
            return fail(RuntimeErrorKind::CallDepth { limit });
        }
        let memory = self.budget.memory;
        self.budget.allocate(u64::from(info.num_locals) * size_of::<Slot>() as u64, place)?;
        let mut slots = vec![Slot::default(); info.num_locals as usize];
        let mut used: Qubits = smallvec![];
        let mut write_back = Vec::new();
        for (i, (arg, param)) in call.args.iter().zip(&info.head.params).enumerate() {
            let wrong_kind = || {
                let kind =
                    RuntimeErrorKind::ArgumentKind { name: name(), param: param.name.clone() };
                Err(RuntimeError::new(kind, place))
            };
            let scope = self.scope(false);
            slots[i] = match (&param.kind, arg) {
                (ParamKind::Scalar(ty), Argument::Value(e)) => {
                    let origin = self.origin_of(&scope, e);
                    let value = masked(evaluate_as(e, &Type::Scalar(*ty), &scope), &origin, place)?;
                    let origin = fitting(origin, &value);
                    Slot { content: Content::Value(value), origin }
                }
                (ParamKind::Qubits(size), Argument::Qubits(q)) => {
                    let list = evaluate_qubits(q, &self.scope(true))?;
                    let expected = size.unwrap_or(1) as usize;
                    if list.qubits.len() != expected {
                        let kind = RuntimeErrorKind::ArgumentSize {
                            name: name(),
                            param: param.name.clone(),
                            expected,
                            found: list.qubits.len(),
                        };
                        return Err(RuntimeError::new(kind, q.span.or(place)));
                    }
                    used.extend(list.qubits.iter().copied());
                    let content = Content::Qubits {
                        qubits: list.qubits.into_vec().into(),
                        single: size.is_none(),
                    };
                    Slot { content, origin: Origin::Fixed }
                }
                (
                    ParamKind::Array { element, shape, mutable },
                    Argument::Value(_) | Argument::Reference(_),
                ) => {
                    let (value, origin) = match arg {
                        Argument::Value(e) if !mutable => {
                            (evaluate(e, &scope)?, self.origin_of(&scope, e))
                        }
                        Argument::Reference(l) => {
                            let path = evaluate_path(l, &self.scope(true))?;
                            let mut value = scope
                                .load(l.var)
                                .map_err(|k| RuntimeError::new(k, l.span.or(place)))?;
                            for indices in &path {
                                value = index::index(&value, indices)
                                    .map_err(|e| RuntimeError::new(e, l.span.or(place)))?;
                            }
                            let origin = scope.origin(l.var);
                            if *mutable {
                                let slot = u32::try_from(i).unwrap_or(u32::MAX);
                                write_back.push(WriteBack { var: l.var, path, slot, span: l.span });
                            }
                            (value, origin)
                        }
                        _ => return wrong_kind(),
                    };
                    let value = array_argument(
                        &value,
                        *element,
                        shape,
                        || (name(), param.name.clone()),
                        place,
                    )?;
                    Slot { content: Content::Value(value), origin }
                }
                _ => return wrong_kind(),
            };
        }
        check_distinct(&used, place)?;
        self.activations.push(Activation {
            slots,
            loops: Vec::new(),
            return_to: self.at,
            result,
            subroutine: Some(call.subroutine.0),
            write_back,
            memory,
        });
        self.at = entry;
        Ok(())
    }

    pub(super) fn return_value(
        &mut self,
        program: &Program,
        value: Option<&Expr>,
        span: Span,
    ) -> Result<(), RuntimeError> {
        let Some(subroutine) = self.activations.last().and_then(|a| a.subroutine) else {
            return Err(RuntimeError::new(
                RuntimeErrorKind::Invalid("`return` outside of a subroutine"),
                span,
            ));
        };
        let head = &program.subroutines[subroutine as usize].head;
        let slot = match (value, head.returns) {
            (Some(e), Some(ty)) => {
                let scope = self.scope(false);
                let origin = self.origin_of(&scope, e);
                let value = masked(evaluate_as(e, &Type::Scalar(ty), &scope), &origin, span)?;
                let origin = fitting(origin, &value);
                Some(Slot { content: Content::Value(value), origin })
            }
            (Some(e), None) => {
                evaluate(e, &self.scope(false))?;
                None
            }
            (None, _) => None,
        };
        let Some(done) = self.activations.pop() else { return Ok(()) };
        if let Some(i) = done.result {
            let Some(slot) = slot else {
                return Err(RuntimeError::new(
                    RuntimeErrorKind::NoReturnValue { name: head.name.clone() },
                    span,
                ));
            };
            *self.slot_mut(VarRef::Local(i), span)? = slot;
        }
        for back in done.write_back {
            let from = &done.slots[back.slot as usize];
            let Some(value) = from.value() else { continue };
            let origin = from.origin.clone();
            let slot = self.slot_mut(back.var, back.span)?;
            if let Content::Value(old) = &mut slot.content {
                index::assign(old, &back.path, value)
                    .map_err(|e| RuntimeError::new(e, back.span.or(span)))?;
                if origin != Origin::Fixed {
                    slot.origin = Origin::Computed;
                }
            }
        }
        self.budget.memory = done.memory;
        self.at = done.return_to;
        Ok(())
    }
}

fn array_argument(
    value: &Value,
    element: Scalar,
    shape: &ArrayShape,
    names: impl Fn() -> (String, String),
    span: Span,
) -> Result<Value, RuntimeError> {
    let refuse = || {
        let (name, param) = names();
        RuntimeError::new(RuntimeErrorKind::ArgumentShape { name, param, found: value.ty() }, span)
    };
    let Value::Array(a) = value else { return Err(refuse()) };
    let fits = match shape {
        ArrayShape::Dims(dims) => a.dims[..] == dims[..],
        ArrayShape::NumDims(n) => a.dims.len() == *n as usize,
    };
    if !fits {
        return Err(refuse());
    }
    let ty = Type::Array(Box::new(ArrayType { element, dims: a.dims.clone() }));
    cast(value, &ty).map_err(|_| refuse())
}
