//! Expressions, by precedence.

use crate::ast::{BinOp, Expr, ExprKind, Name, TimeUnit, UnOp, Version};
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, Tok};
use crate::span::Span;

use super::{MAX_HEIGHT, Parse, Parser};

/// Unary operators bind tighter than `*` and looser than `**`.
const UNARY: u8 = 12;
const POWER: u8 = 13;

/// How tightly a binary operator binds. `^` is a power in version 2.
fn binary(tok: Tok, version: Version) -> Option<(BinOp, u8)> {
    let Tok::P(p) = tok else { return None };
    Some(match p {
        "||" => (BinOp::Or, 1),
        "&&" => (BinOp::And, 2),
        "|" => (BinOp::BitOr, 3),
        "^" if version == Version::V2 => (BinOp::Pow, POWER),
        "^" => (BinOp::BitXor, 4),
        "&" => (BinOp::BitAnd, 5),
        "==" => (BinOp::Eq, 6),
        "!=" => (BinOp::Ne, 6),
        "<" => (BinOp::Lt, 7),
        ">" => (BinOp::Gt, 7),
        "<=" => (BinOp::Le, 7),
        ">=" => (BinOp::Ge, 7),
        "<<" => (BinOp::Shl, 8),
        ">>" => (BinOp::Shr, 8),
        "+" => (BinOp::Add, 9),
        "-" => (BinOp::Sub, 9),
        "*" => (BinOp::Mul, 10),
        "/" => (BinOp::Div, 10),
        "%" => (BinOp::Rem, 10),
        "**" => (BinOp::Pow, POWER),
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.expr_above(0)
    }

    /// An expression whose operators bind tighter than `least`.
    fn expr_above(&mut self, least: u8) -> Parse<Expr> {
        let outer = std::mem::take(&mut self.height);
        let start = self.deeper(Self::operand)?;
        let e = self.expr_rest(start, least)?;
        self.height = outer.max(self.height + 1);
        Ok(e)
    }

    /// What follows the first operand.
    pub(super) fn expr_rest(&mut self, mut left: Expr, least: u8) -> Parse<Expr> {
        while let Some((op, power)) = binary(self.kind(), self.version) {
            if power <= least {
                break;
            }
            self.check_height()?;
            self.at += 1;
            // `**` groups to the right.
            let right_least = if op == BinOp::Pow { power - 1 } else { power };
            let right = self.deeper(|p| p.expr_above(right_least))?;
            self.height += 1;
            let span = left.span.to(right.span);
            left = Expr { span, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    /// Operators and indices in a row nest to the left without a bracket, and brackets may hold such
    /// rows again.
    fn check_height(&mut self) -> Parse<()> {
        if self.height < MAX_HEIGHT {
            return Ok(());
        }
        let d = Diagnostic::error(
            "nested_too_deep",
            self.span(),
            format!("operators nest at most {MAX_HEIGHT} deep in one expression"),
        )
        .help("each operator of `a + b + c` holds the one before it: split it over several statements, or bracket its parts");
        Err(self.report(d))
    }

    fn operand(&mut self) -> Parse<Expr> {
        let start = self.span();
        let op = match self.kind() {
            Tok::P("-") => UnOp::Neg,
            Tok::P("~") => UnOp::BitNot,
            Tok::P("!") => UnOp::Not,
            Tok::P("+") if self.version == Version::V2 => {
                self.at += 1;
                return self.expr_above(UNARY);
            }
            _ => {
                let primary = self.primary()?;
                return self.postfix(primary);
            }
        };
        self.at += 1;
        let inner = self.expr_above(UNARY)?;
        Ok(Expr { span: start.to(inner.span), kind: ExprKind::Unary(op, Box::new(inner)) })
    }

    /// Indices behind an operand.
    pub(super) fn postfix(&mut self, mut base: Expr) -> Parse<Expr> {
        while self.is("[") {
            self.check_height()?;
            let indices = self.deeper(Self::indices)?;
            self.height += 1;
            let span = self.since(base.span);
            base = Expr { span, kind: ExprKind::Index(Box::new(base), indices) };
        }
        Ok(base)
    }

    /// `[i, j]`, `[a:b]`, `[{i, j}]`.
    fn indices(&mut self) -> Parse<Vec<Expr>> {
        let open = self.advance();
        if self.is("]") {
            return Err(self.expected("an index"));
        }
        let items = self.list("]", "the index", Self::index_item)?;
        debug_assert!(open.start < self.prev_end());
        Ok(items)
    }

    fn index_item(&mut self) -> Parse<Expr> {
        if self.is("{") {
            return self.braces();
        }
        self.range_or_expr()
    }

    /// `a`, `a:b`, `a:step:b`, with every part but the middle optional in ranges.
    pub(super) fn range_or_expr(&mut self) -> Parse<Expr> {
        let start_span = self.span();
        let first = if self.is(":") { None } else { Some(self.expr()?) };
        if !self.eat(":") {
            return first.ok_or_else(|| self.expected("an index"));
        }
        let ends = |p: &Self| matches!(p.kind(), Tok::P("]" | "," | ":" | "}"));
        let second = if ends(self) { None } else { Some(Box::new(self.expr()?)) };
        let start = first.map(Box::new);
        let kind = if self.eat(":") {
            let end = if ends(self) { None } else { Some(Box::new(self.expr()?)) };
            ExprKind::Range { start, step: second, end }
        } else {
            ExprKind::Range { start, step: None, end: second }
        };
        Ok(Expr { span: self.since(start_span), kind })
    }

    /// `{a, b, {c}}`: the value of an array, or a set.
    pub(super) fn braces(&mut self) -> Parse<Expr> {
        let start = self.span();
        let items = self.deeper(|p| {
            p.expect("{", "to open the list")?;
            p.list("}", "the list", |p| if p.is("{") { p.braces() } else { p.expr() })
        })?;
        Ok(Expr { span: self.since(start), kind: ExprKind::List(items) })
    }

    fn primary(&mut self) -> Parse<Expr> {
        let span = self.span();
        let kind = match self.kind() {
            Tok::Int => ExprKind::Int(self.int_value(span)),
            Tok::Float => ExprKind::Float(self.float_value(span)),
            Tok::Imaginary => {
                let text = self.slice(span).trim_end_matches("im").trim_end();
                ExprKind::Imaginary(parse_float(text))
            }
            Tok::Timing => {
                let (value, unit) = timing(self.slice(span));
                ExprKind::Timing(value, unit)
            }
            Tok::BitString => ExprKind::BitString,
            Tok::Kw(Kw::True) => ExprKind::Bool(true),
            Tok::Kw(Kw::False) => ExprKind::Bool(false),
            Tok::Hardware => ExprKind::Hardware(self.slice(span)[1..].parse().ok()),
            Tok::Ident => {
                self.at += 1;
                return self.name_or_call(Name { span });
            }
            Tok::Kw(Kw::Pow) => {
                return Err(self.expected_help(
                    "an expression",
                    "`pow` is a modifier of gates; the power of numbers is `a ** b`",
                ));
            }
            Tok::P("(") => {
                self.at += 1;
                let inner = self.expr()?;
                self.expect(")", "to close the bracket")?;
                return Ok(Expr { span: self.since(span), kind: ExprKind::Paren(Box::new(inner)) });
            }
            Tok::Kw(Kw::Durationof) => {
                self.at += 1;
                self.expect("(", "after `durationof`")?;
                let block = self.block("durationof")?;
                self.expect(")", "behind the block of `durationof`")?;
                return Ok(Expr { span: self.since(span), kind: ExprKind::DurationOf(block) });
            }
            Tok::Kw(kw) if Self::is_type(kw) => {
                let ty = self.classical_type()?;
                if !self.is("(") {
                    return Err(self.expected_help(
                        "`(` after the type of a cast",
                        "a cast is written `int[8](x)`",
                    ));
                }
                self.at += 1;
                let inner = self.expr()?;
                self.expect(")", "to close the cast")?;
                return Ok(Expr {
                    span: self.since(span),
                    kind: ExprKind::Cast(Box::new(ty), Box::new(inner)),
                });
            }
            Tok::Kw(Kw::Measure) => {
                return Err(self.expected_help(
                    "an expression",
                    "a measurement cannot be part of a larger expression: assign it to a bit first, `bit b = measure q;`",
                ));
            }
            Tok::P("{") => {
                return Err(self.expected_help(
                    "an expression",
                    "a list in braces is only the whole value of an array",
                ));
            }
            Tok::Str => {
                return Err(
                    self.expected_help("an expression", "bit strings hold only the digits 0 and 1")
                );
            }
            _ => return Err(self.expected("an expression")),
        };
        self.at += 1;
        Ok(Expr { span, kind })
    }

    /// A name, or a call where a bracket follows.
    pub(super) fn name_or_call(&mut self, name: Name) -> Parse<Expr> {
        if !self.eat("(") {
            return Ok(Expr { span: name.span, kind: ExprKind::Name });
        }
        let args = self.list(")", "the arguments", Self::expr)?;
        Ok(Expr { span: self.since(name.span), kind: ExprKind::Call(name, args) })
    }

    /// A qubit, a register, a part of one, or a physical qubit.
    pub(super) fn gate_operand(&mut self) -> Parse<Expr> {
        let span = self.span();
        let kind = match self.kind() {
            Tok::Ident => ExprKind::Name,
            Tok::Hardware => ExprKind::Hardware(self.slice(span)[1..].parse().ok()),
            _ => return Err(self.expected("a qubit or a register")),
        };
        self.at += 1;
        let base = Expr { span, kind };
        if matches!(base.kind, ExprKind::Name) { self.postfix(base) } else { Ok(base) }
    }

    /// Operands up to the `;`, which is left. A comma may end the list.
    pub(super) fn gate_operands(&mut self) -> Parse<Vec<Expr>> {
        let mut operands = Vec::with_capacity(2);
        loop {
            operands.push(self.gate_operand()?);
            if !self.eat(",") || self.is(";") {
                return Ok(operands);
            }
        }
    }

    fn int_value(&self, span: Span) -> Option<u128> {
        let text = self.slice(span);
        let (digits, radix) = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&text[2..], 16),
            [b'0', b'o' | b'O', ..] => (&text[2..], 8),
            [b'0', b'b' | b'B', ..] => (&text[2..], 2),
            _ => (text, 10),
        };
        let mut value = 0u128;
        for c in digits.chars().filter_map(|c| c.to_digit(radix)) {
            value = value.checked_mul(radix.into())?.checked_add(c.into())?;
        }
        Some(value)
    }

    fn float_value(&self, span: Span) -> f64 {
        parse_float(self.slice(span))
    }
}

/// The lexer has seen that it is a number.
fn parse_float(text: &str) -> f64 {
    if text.contains('_') { text.replace('_', "").parse() } else { text.parse() }
        .unwrap_or(f64::NAN)
}

fn timing(text: &str) -> (f64, TimeUnit) {
    let units = [
        ("dt", TimeUnit::Dt),
        ("ns", TimeUnit::Ns),
        ("us", TimeUnit::Us),
        ("µs", TimeUnit::Us),
        ("μs", TimeUnit::Us),
        ("ms", TimeUnit::Ms),
        ("s", TimeUnit::S),
    ];
    for (suffix, unit) in units {
        if let Some(number) = text.strip_suffix(suffix) {
            return (parse_float(number.trim_end()), unit);
        }
    }
    (f64::NAN, TimeUnit::S)
}
