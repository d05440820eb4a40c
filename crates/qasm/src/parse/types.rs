//! Types, as declarations, casts and signatures write them.

use crate::ast::{Arg, Expr, Type, TypeKind};
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, Tok};

use super::{Parse, Parser};

impl Parser<'_> {
    /// Begins a classical type.
    pub(super) fn is_type(kw: Kw) -> bool {
        matches!(
            kw,
            Kw::Bit
                | Kw::Bool
                | Kw::Int
                | Kw::Uint
                | Kw::Float
                | Kw::Angle
                | Kw::Complex
                | Kw::Duration
                | Kw::Stretch
                | Kw::Array
        )
    }

    /// A scalar type or an array.
    pub(super) fn classical_type(&mut self) -> Parse<Type> {
        if self.is_kw(Kw::Array) { self.array_type() } else { self.scalar_type() }
    }

    pub(super) fn scalar_type(&mut self) -> Parse<Type> {
        let start = self.span();
        let Tok::Kw(kw) = self.kind() else {
            return Err(self.expected_help(
                "a type",
                "such as `int`, `uint[8]`, `float`, `bit[2]` or `angle`",
            ));
        };
        if !Self::is_type(kw) || kw == Kw::Array {
            return Err(self.expected_help(
                "a type",
                "such as `int`, `uint[8]`, `float`, `bit[2]` or `angle`",
            ));
        }
        self.at += 1;
        let kind = match kw {
            Kw::Bit => TypeKind::Bit(self.size()?),
            Kw::Int => TypeKind::Int(self.size()?),
            Kw::Uint => TypeKind::Uint(self.size()?),
            Kw::Float => TypeKind::Float(self.size()?),
            Kw::Angle => TypeKind::Angle(self.size()?),
            Kw::Complex => TypeKind::Complex(self.complex_part()?),
            Kw::Bool => TypeKind::Bool,
            Kw::Duration => TypeKind::Duration,
            _ => TypeKind::Stretch,
        };
        if self.is("[") && matches!(kind, TypeKind::Bool | TypeKind::Duration | TypeKind::Stretch) {
            let help = format!("for several values write `array[{}, 4]`", kw.text());
            return Err(self.expected_help(&format!("a name: `{}` has no size", kw.text()), help));
        }
        Ok(Type { span: self.since(start), kind })
    }

    /// `[n]`, if it is there.
    pub(super) fn size(&mut self) -> Parse<Option<Box<Expr>>> {
        if !self.eat("[") {
            return Ok(None);
        }
        if self.is("]") {
            return Err(self.expected("a size"));
        }
        let size = self.expr()?;
        self.expect("]", "after the size")?;
        Ok(Some(Box::new(size)))
    }

    /// `complex`, `complex[float]`, `complex[float[64]]`: the width of the float.
    fn complex_part(&mut self) -> Parse<Option<Box<Expr>>> {
        if !self.eat("[") {
            return Ok(None);
        }
        if !self.is_kw(Kw::Float) {
            return Err(self.expected_help(
                "`float`",
                "a complex number has parts of type float, as in `complex[float[64]]`",
            ));
        }
        self.at += 1;
        let width = self.size()?;
        self.expect("]", "after the type of the parts")?;
        Ok(width)
    }

    /// `array[int[8], 2, 3]`.
    fn array_type(&mut self) -> Parse<Type> {
        let start = self.advance();
        if !self.is("[") {
            return Err(
                self.expected_help("`[` after `array`", "an array is written `array[int[8], 4]`")
            );
        }
        self.at += 1;
        let element = Box::new(self.scalar_type()?);
        self.expect(",", "between the type and the sizes of the array")?;
        if self.is("]") {
            return Err(self.expected("a size"));
        }
        if self.kind() == Tok::Dim {
            return Err(self.expected_help(
                "a size",
                "`#dim` is for parameters of subroutines; here the sizes are given",
            ));
        }
        let dims = self.list("]", "the sizes of the array", Self::array_size)?;
        Ok(Type { span: self.since(start), kind: TypeKind::Array { element, dims } })
    }

    fn array_size(&mut self) -> Parse<Expr> {
        self.expr()
    }

    /// `readonly array[int[8], #dim = 1]`, `mutable array[float, 2, 2]`.
    fn array_reference(&mut self, mutable: bool) -> Parse<Type> {
        let start = self.advance();
        if !self.eat_kw(Kw::Array) {
            return Err(self.expected("`array`"));
        }
        self.expect("[", "after `array`")?;
        let element = Box::new(self.scalar_type()?);
        self.expect(",", "between the type and the sizes of the array")?;
        let (dims, rank) = if self.kind() == Tok::Dim {
            self.at += 1;
            self.expect("=", "after `#dim`")?;
            let rank = self.expr()?;
            self.eat(",");
            self.expect("]", "after the number of dimensions")?;
            (Vec::new(), Some(Box::new(rank)))
        } else {
            (self.list("]", "the sizes of the array", Self::array_size)?, None)
        };
        Ok(Type {
            span: self.since(start),
            kind: TypeKind::ArrayRef { mutable, element, dims, rank },
        })
    }

    /// A parameter of a subroutine, with its name.
    pub(super) fn parameter(&mut self) -> Parse<Arg> {
        let start = self.span();
        let (ty, name) = match self.kind() {
            Tok::Kw(Kw::Qubit) => {
                self.at += 1;
                let size = self.size()?;
                let ty = Type { span: self.since(start), kind: TypeKind::Qubit(size) };
                (ty, self.name("the name of a parameter")?)
            }
            Tok::Kw(kw @ (Kw::Qreg | Kw::Creg)) => {
                self.at += 1;
                let name = self.name("the name of a parameter")?;
                let size = self.size()?;
                let kind = if kw == Kw::Qreg { TypeKind::Qubit(size) } else { TypeKind::Bit(size) };
                (Type { span: self.since(start), kind }, name)
            }
            Tok::Kw(kw @ (Kw::Readonly | Kw::Mutable)) => {
                let ty = self.array_reference(kw == Kw::Mutable)?;
                (ty, self.name("the name of a parameter")?)
            }
            Tok::Kw(Kw::Array) => {
                let d = Diagnostic::error(
                    "syntax",
                    start,
                    "an array is passed by reference: say whether it may change",
                )
                .help("write `readonly array[…]` or `mutable array[…]`");
                return Err(self.report(d));
            }
            _ => (self.scalar_type()?, self.name("the name of a parameter")?),
        };
        Ok(Arg { span: self.since(start), ty, name })
    }

    /// A parameter of an `extern`: types alone.
    pub(super) fn extern_parameter(&mut self) -> Parse<Type> {
        let start = self.span();
        match self.kind() {
            Tok::Kw(Kw::Creg) => {
                self.at += 1;
                let size = self.size()?;
                Ok(Type { span: self.since(start), kind: TypeKind::Bit(size) })
            }
            Tok::Kw(kw @ (Kw::Readonly | Kw::Mutable)) => self.array_reference(kw == Kw::Mutable),
            _ => self.scalar_type(),
        }
    }
}
