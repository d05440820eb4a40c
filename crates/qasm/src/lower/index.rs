//! Indices: of classical values, and what can be assigned to.

use circuit::classical::ValueError;
use circuit::classical::index::{Index, Selection};
use circuit::{Expr, ExprKind, IndexItem, LValue, RangeExpr, Scalar};
use smallvec::SmallVec;

use crate::ast::{self, Name};
use crate::span::Span;

use super::Lookup;
use super::Lowerer;
use super::expr::Typed;
use super::symbol::{Symbol, Ty};

/// One entry between brackets, lowered.
pub(super) struct Item {
    pub index: IndexItem,
    pub single: bool,
    /// Where all its numbers are known.
    pub known: Option<Index>,
    pub span: Span,
}

impl<'a> Lowerer<'a> {
    fn index_number(&mut self, e: &'a ast::Expr) -> (Expr, Option<i128>) {
        // Numbers of version 2 are real elsewhere.
        if let ast::ExprKind::Int(Some(v)) = e.kind {
            let value = circuit::Value::literal(v);
            let known = value.as_integer();
            return (Expr::new(ExprKind::Literal(value), self.span(e.span)), known);
        }
        let t = self.expr(e);
        let fits = matches!(
            t.ty,
            Ty::Scalar(
                Scalar::Int(_) | Scalar::Uint(_) | Scalar::Bit | Scalar::Bits(_) | Scalar::Bool
            ) | Ty::Unknown
        );
        if !fits {
            self.error(
                "not_integer",
                e.span,
                format!("an index is a whole number, not a value of type `{}`", t.ty),
            );
        }
        let known = if fits { t.value.as_ref().and_then(circuit::Value::as_integer) } else { None };
        (t.expr, known)
    }

    pub(super) fn index_items(&mut self, indices: &'a [ast::Expr]) -> SmallVec<[Item; 1]> {
        indices.iter().map(|e| self.index_item(e)).collect()
    }

    fn index_item(&mut self, e: &'a ast::Expr) -> Item {
        match &e.kind {
            ast::ExprKind::Range { start, step, end } => {
                let mut known = true;
                let mut part = |l: &mut Self, e: &'a Option<Box<ast::Expr>>| {
                    e.as_deref().map(|e| {
                        let (expr, value) = l.index_number(e);
                        known &= value.is_some();
                        (expr, value)
                    })
                };
                let (start, step, stop) = (part(self, start), part(self, step), part(self, end));
                if let Some((_, Some(0))) = &step {
                    self.error("zero_step", e.span, "the step of a range must not be 0");
                    known = false;
                }
                let value = |p: &Option<(Expr, Option<i128>)>| p.as_ref().and_then(|p| p.1);
                let index = Index::Range {
                    start: value(&start),
                    step: value(&step).unwrap_or(1),
                    stop: value(&stop),
                };
                let span = self.span(e.span);
                let range = RangeExpr {
                    start: start.map(|p| p.0),
                    step: step.map(|p| p.0),
                    stop: stop.map(|p| p.0),
                    span,
                };
                Item {
                    index: IndexItem::Range(Box::new(range)),
                    single: false,
                    known: known.then_some(index),
                    span: e.span,
                }
            }
            ast::ExprKind::List(items) => {
                let numbers: Vec<_> = items.iter().map(|i| self.index_number(i)).collect();
                let known: Option<Vec<i128>> = numbers.iter().map(|n| n.1).collect();
                let set = IndexItem::Set(numbers.into_iter().map(|n| n.0).collect());
                Item { index: set, single: false, known: known.map(Index::Set), span: e.span }
            }
            _ => {
                let (expr, value) = self.index_number(e);
                Item {
                    index: IndexItem::Single(expr),
                    single: true,
                    known: value.map(Index::Single),
                    span: e.span,
                }
            }
        }
    }

    /// Positions that an index picks among `size`; `Err` after an error, `Ok(None)` if only a run
    /// knows.
    pub(super) fn select(
        &mut self,
        item: &Item,
        size: Option<u32>,
        of: impl FnOnce() -> String,
    ) -> Result<Option<Selection>, ()> {
        let (Some(known), Some(size)) = (&item.known, size) else { return Ok(None) };
        match known.select(size) {
            Ok(s) => Ok(Some(s)),
            Err(ValueError::IndexOutOfRange { index, .. }) => {
                let (of, last) = (of(), size.saturating_sub(1));
                let message =
                    format!("index {index} is out of range: {of} has {size}, numbered 0 to {last}");
                self.error("index_out_of_range", item.span, message);
                Err(())
            }
            Err(e) => {
                self.error("zero_step", item.span, e.to_string());
                Err(())
            }
        }
    }

    /// Type of a value of type `ty` under one pair of brackets; `None` after an error.
    pub(super) fn index_type(&mut self, ty: &Ty, items: &[Item], span: Span) -> Option<Ty> {
        match ty {
            Ty::Array { element, dims } => {
                if items.len() > dims.len() {
                    let message = format!("`{ty}` takes at most {} indices", dims.len());
                    self.error("index_count", span, message);
                    return None;
                }
                let mut left: SmallVec<[Option<u32>; 4]> = SmallVec::new();
                for (item, dim) in items.iter().zip(dims) {
                    let picked = self.select(item, *dim, || "this dimension".to_owned()).ok()?;
                    if !item.single {
                        left.push(picked.map(|p| count(&p)));
                    }
                }
                left.extend_from_slice(&dims[items.len()..]);
                Some(if left.is_empty() {
                    Ty::Scalar(*element)
                } else {
                    Ty::Array { element: *element, dims: left }
                })
            }
            Ty::Scalar(Scalar::Bits(n) | Scalar::Int(n) | Scalar::Uint(n) | Scalar::Angle(n)) => {
                let [item] = items else {
                    self.error("index_count", span, format!("`{ty}` takes one index"));
                    return None;
                };
                let picked = self.select(item, Some(*n), || "the value".to_owned()).ok()?;
                Some(if item.single {
                    Ty::Scalar(Scalar::Bit)
                } else {
                    picked.map_or(Ty::Unknown, |p| Ty::Scalar(Scalar::Bits(count(&p))))
                })
            }
            Ty::Unknown => None,
            other => {
                self.error(
                    "not_indexable",
                    span,
                    format!("a value of type `{other}` cannot be indexed"),
                );
                None
            }
        }
    }

    pub(super) fn index_expr(
        &mut self,
        base: &'a ast::Expr,
        indices: &'a [ast::Expr],
        span: Span,
    ) -> Typed {
        let at = self.span(span);
        let base = self.expr(base);
        let items = self.index_items(indices);
        let ty = if base.is_unknown() { None } else { self.index_type(&base.ty, &items, span) };
        let is_unknown = ty.is_none();
        let known: Option<Vec<Index>> = items.iter().map(|i| i.known.clone()).collect();
        let value = match (&base.value, known) {
            (Some(v), Some(known)) if !is_unknown => {
                circuit::classical::index::index(v, &known).ok()
            }
            _ => None,
        };
        let is_const = base.is_const && value.is_some();
        let items = items.into_iter().map(|i| i.index).collect();
        Typed {
            expr: Expr::new(ExprKind::Index(Box::new(base.expr), items), at),
            ty: ty.unwrap_or(Ty::Unknown),
            value,
            is_const,
        }
    }

    /// What can be assigned to, and its type. `None` after an error.
    pub(super) fn lvalue(&mut self, e: &'a ast::Expr) -> Option<(LValue, Ty)> {
        match &e.kind {
            ast::ExprKind::Name => {
                let name = Name { span: e.span };
                let text = self.name(name);
                if let Lookup::Found(Symbol::Qubits(..)) = self.lookup(text) {
                    let help = "qubits change by gates, `measure` and `reset`";
                    self.error_help(
                        "not_classical",
                        e.span,
                        format!("`{text}` holds qubits: nothing can be assigned to it"),
                        help,
                    );
                    return None;
                }
                let v = self.variable(name)?;
                if !self.check_writable(&v, e.span, text) {
                    return None;
                }
                let mut lvalue = LValue::var(v.var);
                lvalue.span = self.span(e.span);
                Some((lvalue, v.ty))
            }
            ast::ExprKind::Index(base, indices) => {
                let (mut lvalue, ty) = self.lvalue(base)?;
                let items = self.index_items(indices);
                let ty = self.index_type(&ty, &items, e.span)?;
                lvalue.path.push(items.into_iter().map(|i| i.index).collect());
                lvalue.span = self.span(e.span);
                Some((lvalue, ty))
            }
            ast::ExprKind::Paren(inner) => self.lvalue(inner),
            _ => {
                self.error(
                    "not_assignable",
                    e.span,
                    "a value can be assigned to a variable or a part of one",
                );
                None
            }
        }
    }
}

pub(super) fn count(s: &Selection) -> u32 {
    u32::try_from(s.positions().len()).unwrap_or(u32::MAX)
}
