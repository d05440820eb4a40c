//! Values of expressions, and the qubits that operands name.
//!
//! [`evaluate`] is pure: subroutine calls and measurements, which act on the quantum state, have
//! been taken out of the expression before ([`super::compile`]) and are refused here.

use smallvec::{SmallVec, smallvec};

use super::error::{RuntimeError, RuntimeErrorKind};
use crate::Qubit;
use crate::classical::index::{Index, Selection, index};
use crate::classical::types::MAX_DIMENSIONS;
use crate::classical::{Array, ArrayType, Duration, Scalar, Type, Value, ValueError, cast, ops};
use crate::expr::{
    BinaryOp, Expr, ExprKind, IndexItem, LValue, QubitExpr, QubitExprKind, RangeExpr, VarRef,
};
use crate::span::Span;

/// Qubits of an operand. `single` for one that is not a register, such as `q[0]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QubitList {
    pub qubits: SmallVec<[Qubit; 4]>,
    pub single: bool,
}

/// What an expression can see.
pub trait Scope {
    /// The value of a variable.
    fn load(&self, var: VarRef) -> Result<Value, RuntimeErrorKind>;

    /// The variable itself, where no alias stands between.
    fn borrow(&self, var: VarRef) -> Option<&Value>;

    /// Qubits that may be named by number.
    fn num_qubits(&self) -> u32;

    /// Qubits of a register, an argument or an alias (not of an index or a concatenation).
    fn qubits(&self, base: &QubitExprKind) -> Result<QubitList, RuntimeErrorKind>;
}

/// For constants: variables as the function says, no qubits.
pub struct ConstantScope<F>(pub F);

impl<F: Fn(VarRef) -> Option<Value>> Scope for ConstantScope<F> {
    fn load(&self, var: VarRef) -> Result<Value, RuntimeErrorKind> {
        (self.0)(var).ok_or(RuntimeErrorKind::NotConstant)
    }

    fn borrow(&self, _: VarRef) -> Option<&Value> {
        None
    }

    fn num_qubits(&self) -> u32 {
        0
    }

    fn qubits(&self, _: &QubitExprKind) -> Result<QubitList, RuntimeErrorKind> {
        Err(RuntimeErrorKind::NotConstant)
    }
}

fn fail<T>(kind: impl Into<RuntimeErrorKind>, span: Span) -> Result<T, RuntimeError> {
    Err(RuntimeError::new(kind, span))
}

/// The value of `expr`.
pub fn evaluate<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<Value, RuntimeError> {
    let at = |e: ValueError| RuntimeError::new(e, expr.span);
    match &expr.kind {
        ExprKind::Literal(v) => Ok(v.clone()),
        ExprKind::Variable(var) => scope.load(*var).map_err(|k| RuntimeError::new(k, expr.span)),
        ExprKind::Unary(op, x) => ops::unary(*op, &evaluate(x, scope)?).map_err(at),
        ExprKind::Binary(op, sides) => {
            let left = evaluate(&sides.0, scope)?;
            if matches!(op, BinaryOp::And | BinaryOp::Or)
                && left.as_bool() == Some(*op == BinaryOp::Or)
            {
                return Ok(Value::Bool(*op == BinaryOp::Or));
            }
            ops::binary(*op, &left, &evaluate(&sides.1, scope)?).map_err(at)
        }
        ExprKind::Cast(ty, x) => match (&x.kind, ty) {
            (ExprKind::Array(_), Type::Array(shape)) => array_of(x, shape, scope),
            _ => cast::cast(&evaluate(x, scope)?, ty).map_err(at),
        },
        ExprKind::Index(base, items) => {
            let indices = evaluate_items(items, scope)?;
            if let ExprKind::Variable(var) = &base.kind
                && let Some(value) = scope.borrow(*var)
            {
                return index(value, &indices).map_err(at);
            }
            index(&evaluate(base, scope)?, &indices).map_err(at)
        }
        ExprKind::Concat(parts) => {
            let parts = parts.iter().map(|p| evaluate(p, scope)).collect::<Result<Vec<_>, _>>()?;
            ops::concat(&parts).map_err(at)
        }
        ExprKind::Array(_) => untyped_array(expr, scope),
        ExprKind::Builtin(function, args) => {
            let args = args
                .iter()
                .map(|a| evaluate(a, scope))
                .collect::<Result<SmallVec<[Value; 2]>, _>>()?;
            ops::builtin(*function, &args).map_err(at)
        }
        ExprKind::SizeOf(array, dimension) => {
            let dimension = match dimension {
                Some(d) => evaluate_integer(d, scope)?,
                None => 0,
            };
            ops::size_of(&evaluate(array, scope)?, dimension).map_err(at)
        }
        ExprKind::SizeOfQubits(qubits) => {
            Ok(Value::uint(64, evaluate_qubits(qubits, scope)?.qubits.len() as u128))
        }
        ExprKind::DurationOf(_) => Ok(Value::Duration(Duration::ZERO)),
        ExprKind::Call(_) | ExprKind::Measure(_) => fail(RuntimeErrorKind::NotConstant, expr.span),
    }
}

/// The value of `expr` as an initial value or argument of type `ty`: nested lists take their shape
/// from it.
pub fn evaluate_as<S: Scope + ?Sized>(
    expr: &Expr,
    ty: &Type,
    scope: &S,
) -> Result<Value, RuntimeError> {
    match (&expr.kind, ty) {
        (ExprKind::Array(_), Type::Array(shape)) => array_of(expr, shape, scope),
        (ExprKind::Literal(v), _) if v.scalar_type().is_some_and(|s| *ty == Type::Scalar(s)) => {
            Ok(v.clone())
        }
        _ => cast::cast(&evaluate(expr, scope)?, ty).map_err(|e| RuntimeError::new(e, expr.span)),
    }
}

fn array_of<S: Scope + ?Sized>(
    expr: &Expr,
    shape: &ArrayType,
    scope: &S,
) -> Result<Value, RuntimeError> {
    let mut flat = Vec::new();
    fill(expr, shape, &shape.dims, &mut flat, scope)?;
    ops::array_from(shape.element, &shape.dims, &flat).map_err(|e| RuntimeError::new(e, expr.span))
}

fn fill<S: Scope + ?Sized>(
    expr: &Expr,
    shape: &ArrayType,
    dims: &[u32],
    flat: &mut Vec<Value>,
    scope: &S,
) -> Result<(), RuntimeError> {
    let wrong = || {
        RuntimeError::new(ValueError::ArrayShape(Type::Array(Box::new(shape.clone()))), expr.span)
    };
    match (&expr.kind, dims.split_first()) {
        (ExprKind::Array(items), Some((&size, rest))) => {
            if items.len() != size as usize {
                return Err(wrong());
            }
            items.iter().try_for_each(|item| fill(item, shape, rest, flat, scope))
        }
        (ExprKind::Array(_), None) => Err(wrong()),
        (_, inner) => {
            match (evaluate(expr, scope)?, inner) {
                (Value::Array(a), Some(_)) if a.dims[..] == *dims => {
                    flat.extend(a.data.iter().cloned());
                }
                (Value::Array(_), _) | (_, Some(_)) => return Err(wrong()),
                (scalar, None) => flat.push(scalar),
            }
            Ok(())
        }
    }
}

/// A list whose type nothing states: of the type of its first element, or of floats where one is.
fn untyped_array<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<Value, RuntimeError> {
    let mut dims: SmallVec<[u32; 4]> = SmallVec::new();
    let mut inner = expr;
    while let ExprKind::Array(items) = &inner.kind {
        dims.push(u32::try_from(items.len()).unwrap_or(u32::MAX));
        match items.first() {
            Some(first) if dims.len() < MAX_DIMENSIONS => inner = first,
            _ => break,
        }
    }
    if !matches!(inner.kind, ExprKind::Array(_))
        && let Value::Array(a) = evaluate(inner, scope)?
    {
        dims.extend(a.dims.iter().copied());
    }
    let mut shape = ArrayType { element: Scalar::INT, dims };
    let mut flat = Vec::new();
    fill(expr, &shape, &shape.dims, &mut flat, scope)?;
    shape.element = match flat.iter().find(|v| matches!(v, Value::Float(_))).or(flat.first()) {
        Some(v) => v.scalar_type().unwrap_or(Scalar::INT),
        None => Scalar::INT,
    };
    ops::array_from(shape.element, &shape.dims, &flat).map_err(|e| RuntimeError::new(e, expr.span))
}

/// The value of `expr` as an integer.
pub fn evaluate_integer<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<i128, RuntimeError> {
    if let ExprKind::Literal(Value::Int { value, .. }) = &expr.kind {
        return Ok(*value);
    }
    let value = evaluate(expr, scope)?;
    match value.as_integer() {
        Some(i) => Ok(i),
        None => fail(ValueError::NotInteger(value.ty()), expr.span),
    }
}

/// The value of `expr` as a real number; an angle in radians.
pub fn evaluate_real<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<f64, RuntimeError> {
    match &expr.kind {
        ExprKind::Literal(Value::Float(f)) => return Ok(*f),
        ExprKind::Variable(var) => {
            if let Some(Value::Float(f)) = scope.borrow(*var) {
                return Ok(*f);
            }
        }
        _ => {}
    }
    let value = evaluate(expr, scope)?;
    match value.as_real() {
        Some(f) => Ok(f),
        None => fail(ValueError::NotNumber(value.ty()), expr.span),
    }
}

/// The value of `expr` as a condition.
pub fn evaluate_condition<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<bool, RuntimeError> {
    let value = evaluate(expr, scope)?;
    match value.as_bool() {
        Some(b) => Ok(b),
        None => fail(ValueError::NotCondition(value.ty()), expr.span),
    }
}

/// A bound of a range. An unsigned number with its highest of 64 or more bits set is read as
/// negative: `i - 1` of an unsigned `i = 0` is meant as -1, and no range reaches so far.
fn range_bound<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<i128, RuntimeError> {
    if let ExprKind::Literal(Value::Int { value, .. }) = &expr.kind {
        return Ok(*value);
    }
    let value = evaluate(expr, scope)?;
    let bound = match &value {
        Value::Uint { width, value } if *width >= 64 => {
            let Value::Int { value, .. } = Value::int(*width, value.cast_signed()) else {
                return Ok(0);
            };
            Some(value)
        }
        _ => value.as_integer(),
    };
    match bound {
        Some(i) => Ok(i),
        None => fail(ValueError::NotInteger(value.ty()), expr.span),
    }
}

/// Start, step and stop.
pub fn evaluate_range<S: Scope + ?Sized>(
    range: &RangeExpr,
    scope: &S,
) -> Result<(Option<i128>, i128, Option<i128>), RuntimeError> {
    let bound = |e: &Option<Expr>| e.as_ref().map(|e| range_bound(e, scope)).transpose();
    let step = bound(&range.step)?.unwrap_or(1);
    if step == 0 {
        return fail(ValueError::ZeroStep, range.span);
    }
    Ok((bound(&range.start)?, step, bound(&range.stop)?))
}

fn evaluate_item<S: Scope + ?Sized>(item: &IndexItem, scope: &S) -> Result<Index, RuntimeError> {
    Ok(match item {
        IndexItem::Single(e) => Index::Single(evaluate_integer(e, scope)?),
        IndexItem::Range(r) => {
            let (start, step, stop) = evaluate_range(r, scope)?;
            Index::Range { start, step, stop }
        }
        IndexItem::Set(items) => {
            Index::Set(items.iter().map(|e| evaluate_integer(e, scope)).collect::<Result<_, _>>()?)
        }
    })
}

/// The indices between one pair of brackets.
pub fn evaluate_items<S: Scope + ?Sized>(
    items: &[IndexItem],
    scope: &S,
) -> Result<SmallVec<[Index; 2]>, RuntimeError> {
    items.iter().map(|item| evaluate_item(item, scope)).collect()
}

/// The indices of all pairs of brackets.
pub fn evaluate_path<S: Scope + ?Sized>(
    target: &LValue,
    scope: &S,
) -> Result<Vec<Vec<Index>>, RuntimeError> {
    target.path.iter().map(|items| Ok(evaluate_items(items, scope)?.into_vec())).collect()
}

/// Which qubits `expr` names.
pub fn evaluate_qubits<S: Scope + ?Sized>(
    expr: &QubitExpr,
    scope: &S,
) -> Result<QubitList, RuntimeError> {
    match &expr.kind {
        QubitExprKind::Qubit(q) if q.0 < scope.num_qubits() => {
            Ok(QubitList { qubits: smallvec![*q], single: true })
        }
        QubitExprKind::Qubit(_) => fail(RuntimeErrorKind::Invalid("no such qubit"), expr.span),
        QubitExprKind::Index(base, items) => {
            let base = evaluate_qubits(base, scope)?;
            let [item] = items.as_slice() else {
                return fail(RuntimeErrorKind::Invalid("qubits take one index"), expr.span);
            };
            let size = u32::try_from(base.qubits.len()).unwrap_or(u32::MAX);
            let selection = evaluate_item(item, scope)?.select(size);
            match selection.map_err(|e| RuntimeError::new(e, expr.span))? {
                Selection::One(i) => {
                    Ok(QubitList { qubits: smallvec![base.qubits[i as usize]], single: true })
                }
                Selection::Many(m) => Ok(QubitList {
                    qubits: m.iter().map(|&i| base.qubits[i as usize]).collect(),
                    single: false,
                }),
            }
        }
        QubitExprKind::Concat(parts) => {
            let mut qubits = SmallVec::new();
            for part in parts {
                qubits.extend(evaluate_qubits(part, scope)?.qubits);
            }
            Ok(QubitList { qubits, single: false })
        }
        base => scope.qubits(base).map_err(|k| RuntimeError::new(k, expr.span)),
    }
}

/// The elements that a loop over a value visits.
pub fn elements_of(value: &Value, span: Span) -> Result<Vec<Value>, RuntimeError> {
    match value {
        Value::Array(a) if a.dims.len() == 1 => Ok(a.data.to_vec()),
        Value::Array(a) => {
            // Over rows: each is an array of its own.
            let rows = a.dims[0];
            let width = a.data.len().checked_div(rows as usize).unwrap_or(0);
            Ok(a.data
                .chunks(width.max(1))
                .map(|row| {
                    Value::Array(Box::new(Array {
                        element: a.element,
                        dims: SmallVec::from_slice(&a.dims[1..]),
                        data: std::sync::Arc::new(row.to_vec()),
                    }))
                })
                .collect())
        }
        Value::Bits(b) => Ok(b.iter().map(Value::Bit).collect()),
        _ => fail(ValueError::NotIndexable(value.ty()), span),
    }
}
