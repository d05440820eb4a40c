//! Types and sizes: what has to be known before a run.

use circuit::classical::types::{MAX_DIMENSIONS, MAX_WIDTH};
use circuit::{Scalar, Type, Value};
use smallvec::SmallVec;

use crate::ast::{self, TypeKind, Version};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

use super::Lowerer;
use super::symbol::Ty;

impl<'a> Lowerer<'a> {
    /// The value of an expression that has to be constant.
    pub(super) fn constant(&mut self, e: &'a ast::Expr, what: &str) -> Option<Value> {
        let typed = self.expr(e);
        if matches!(typed.ty, Ty::Unknown) && typed.value.is_none() {
            return None;
        }
        match typed.value {
            Some(v) if typed.is_const => Some(v),
            Some(v) => {
                let d = Diagnostic::warning(
                    "not_constant",
                    e.span,
                    format!("{what} should be constant"),
                )
                .help("declare what it depends on by `const`");
                self.report(d);
                Some(v)
            }
            None => {
                let d =
                    Diagnostic::error("not_constant", e.span, format!("{what} must be constant"))
                        .help("only literals and names declared by `const` may stand here");
                self.report(d);
                None
            }
        }
    }

    /// A constant whole number.
    pub(super) fn constant_integer(&mut self, e: &'a ast::Expr, what: &str) -> Option<i128> {
        if let ast::ExprKind::Int(Some(v)) = e.kind {
            return Some(i128::try_from(v).unwrap_or(i128::MAX));
        }
        let value = self.constant(e, what)?;
        let integer = match value {
            Value::Float(_) | Value::Angle(_) => None,
            _ => value.as_integer(),
        };
        if integer.is_none() {
            self.error("not_integer", e.span, format!("{what} must be a whole number"));
        }
        integer
    }

    /// A constant of at least 1 and at most `most`.
    pub(super) fn size(&mut self, e: &'a ast::Expr, what: &str, most: u32) -> Option<u32> {
        let n = self.constant_integer(e, what)?;
        if n < 1 {
            self.error("bad_size", e.span, format!("{what} must be at least 1, and is {n}"));
            return None;
        }
        if let Some(n) = u32::try_from(n).ok().filter(|&n| n <= most) {
            Some(n)
        } else {
            self.error("too_large", e.span, format!("{what} is {n}; at most {most} is supported"));
            None
        }
    }

    fn width(&mut self, e: Option<&'a ast::Expr>, default: u32) -> Option<u32> {
        match e {
            None => Some(default),
            Some(e) => self.size(e, "the width of the type", MAX_WIDTH),
        }
    }

    /// Whatever it is, 64 bits are computed with.
    fn float_width(&mut self, e: Option<&'a ast::Expr>) -> Option<u32> {
        match e {
            None => Some(64),
            Some(e) => self.size(e, "the width of the type", 1 << 16),
        }
    }

    /// A type that is neither an array nor qubits; `None` after an error.
    pub(super) fn scalar_type(&mut self, ty: &'a ast::Type) -> Option<Scalar> {
        Some(match &ty.kind {
            TypeKind::Bit(None) => Scalar::Bit,
            TypeKind::Bit(Some(e)) => {
                let most = self.options.limits.clbits;
                Scalar::Bits(self.size(e, "the number of bits", most)?)
            }
            TypeKind::Bool => Scalar::Bool,
            TypeKind::Int(e) => Scalar::Int(self.width(e.as_deref(), 64)?),
            TypeKind::Uint(e) => Scalar::Uint(self.width(e.as_deref(), 64)?),
            TypeKind::Float(e) => Scalar::Float(self.float_width(e.as_deref())?),
            TypeKind::Angle(e) => Scalar::Angle(self.width(e.as_deref(), 64)?),
            TypeKind::Complex(e) => Scalar::Complex(self.float_width(e.as_deref())?),
            TypeKind::Duration => Scalar::Duration,
            TypeKind::Stretch => Scalar::Stretch,
            TypeKind::Error
            | TypeKind::Array { .. }
            | TypeKind::ArrayRef { .. }
            | TypeKind::Qubit(_) => {
                self.error("syntax", ty.span, "a scalar type is expected here");
                return None;
            }
        })
    }

    /// A type of a variable; `None` after an error.
    pub(super) fn variable_type(&mut self, ty: &'a ast::Type) -> Option<Type> {
        let TypeKind::Array { element, dims } = &ty.kind else {
            return Some(Type::Scalar(self.scalar_type(ty)?));
        };
        let element_type = self.element_type(element)?;
        let dims = self.dimensions(dims, ty.span)?;
        let elements = dims.iter().fold(1u64, |n, &d| n.saturating_mul(d.into()));
        // An element of many bits weighs as many elements.
        let weight =
            elements.saturating_mul(u64::from(element_type.num_clbits().div_ceil(64).max(1)));
        self.array_elements = self.array_elements.saturating_add(weight);
        let most = self.options.limits.array_elements;
        if self.array_elements > most {
            self.error(
                "too_large",
                ty.span,
                format!("the arrays of a program have at most {most} elements"),
            );
            return None;
        }
        Some(Type::array(element_type, &dims))
    }

    fn element_type(&mut self, element: &'a ast::Type) -> Option<Scalar> {
        let scalar = self.scalar_type(element)?;
        if scalar == Scalar::Stretch {
            self.error("bad_type", element.span, "there are no arrays of `stretch`");
            return None;
        }
        Some(scalar)
    }

    fn dimensions(&mut self, dims: &'a [ast::Expr], span: Span) -> Option<SmallVec<[u32; 4]>> {
        if dims.len() > MAX_DIMENSIONS {
            self.error(
                "bad_type",
                span,
                format!("an array has at most {MAX_DIMENSIONS} dimensions"),
            );
            return None;
        }
        let mut sizes = SmallVec::new();
        for d in dims {
            sizes.push(self.size(d, "the size of the array", u32::MAX)?);
        }
        Some(sizes)
    }

    /// Shape of an array parameter.
    pub(super) fn array_parameter(
        &mut self,
        ty: &'a ast::Type,
    ) -> Option<(Scalar, circuit::ArrayShape, bool)> {
        let TypeKind::ArrayRef { mutable, element, dims, rank } = &ty.kind else { return None };
        let element = self.element_type(element)?;
        let shape = match rank {
            Some(rank) => {
                let most = u32::try_from(MAX_DIMENSIONS).unwrap_or(7);
                circuit::ArrayShape::NumDims(self.size(rank, "the number of dimensions", most)?)
            }
            None => circuit::ArrayShape::Dims(self.dimensions(dims, ty.span)?.to_vec()),
        };
        Some((element, shape, *mutable))
    }

    /// `pi` and its like.
    pub(super) fn builtin_constant(&self, name: &str) -> Option<f64> {
        use std::f64::consts::{E, PI, TAU};
        match (name, self.version()) {
            ("pi", _) | ("π", Version::V3) => Some(PI),
            ("tau" | "τ", Version::V3) => Some(TAU),
            ("euler" | "ℇ", Version::V3) => Some(E),
            _ => None,
        }
    }
}
