//! Expressions, with as few brackets as they need.

use std::fmt::Write as _;

use circuit::{
    Argument, BinaryOp, Call, Expr, ExprKind, IndexItem, LValue, QubitExpr, QubitExprKind,
    RangeExpr, UnaryOp, Value,
};

use super::v3::Writer;

/// How tightly an operator binds; see the parser.
fn power(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::BitOr => 3,
        BinaryOp::BitXor => 4,
        BinaryOp::BitAnd => 5,
        BinaryOp::Eq | BinaryOp::Ne => 6,
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => 7,
        BinaryOp::Shl | BinaryOp::Shr => 8,
        BinaryOp::Add | BinaryOp::Sub => 9,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod => 10,
        BinaryOp::Pow => 13,
    }
}

const UNARY: u8 = 12;
const ATOM: u8 = 20;

/// A finite number, as a multiple of `pi` where it is exactly one.
pub(super) fn float(x: f64) -> String {
    if let Some(text) = multiple_of_pi(x) {
        return text;
    }
    plain_float(x)
}

/// Shortest digits that give `x` back, with a decimal point.
pub(super) fn plain_float(x: f64) -> String {
    let text = format!("{x:?}");
    match text.find('e') {
        Some(e) if !text[..e].contains('.') => format!("{}.0{}", &text[..e], &text[e..]),
        _ => text,
    }
}

/// `pi/2`, `-3*pi/4`: only if evaluating the text gives the very number.
fn multiple_of_pi(x: f64) -> Option<String> {
    use std::f64::consts::PI;
    if x == 0.0 || !x.is_finite() || x.abs() > 100.0 * PI {
        return None;
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let size = x.abs();
    for d in [1u32, 2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64, 128, 256, 512, 1024] {
        let times = (size * f64::from(d) / PI).round();
        if !(1.0..=4096.0).contains(&times) {
            continue;
        }
        let value = if d == 1 { times * PI } else { times * PI / f64::from(d) };
        // Exactly, to the last bit: the text must give the number back.
        if value.to_bits() == size.to_bits() {
            let times = if times < 1.5 { "pi".to_owned() } else { format!("{times}*pi") };
            return Some(if d == 1 {
                format!("{sign}{times}")
            } else {
                format!("{sign}{times}/{d}")
            });
        }
    }
    None
}

impl Writer<'_> {
    pub(super) fn expr(&self, e: &Expr) -> String {
        let mut out = String::new();
        self.write_expr(&mut out, e, 0);
        out
    }

    /// An expression whose operators must bind tighter than `least`, or stand in brackets.
    fn write_expr(&self, out: &mut String, e: &Expr, least: u8) {
        let own = self.precedence(e);
        let brackets = own <= least;
        if brackets {
            out.push('(');
        }
        self.write_bare(out, e);
        if brackets {
            out.push(')');
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the other parts do")]
    fn precedence(&self, e: &Expr) -> u8 {
        match &e.kind {
            ExprKind::Binary(op, _) => power(*op),
            ExprKind::Unary(..) => UNARY,
            ExprKind::Literal(v) => match v {
                Value::Int { value, .. } if *value < 0 => UNARY,
                Value::Float(f) => match multiple_of_pi(*f) {
                    Some(t) if t.starts_with('-') => UNARY - 3,
                    Some(t) if t.contains(['*', '/']) => power(BinaryOp::Mul),
                    _ if f.is_sign_negative() => UNARY,
                    _ => ATOM,
                },
                Value::Complex(c) if c.re == 0.0 && c.im >= 0.0 => ATOM,
                Value::Complex(_) => 0,
                Value::Duration(d) if d.ns != 0.0 && d.dt != 0.0 => 0,
                Value::Duration(d) if d.ns < 0.0 || d.dt < 0.0 => UNARY,
                _ => ATOM,
            },
            ExprKind::Concat(_) => 0,
            _ => ATOM,
        }
    }

    fn write_bare(&self, out: &mut String, e: &Expr) {
        match &e.kind {
            ExprKind::Literal(v) => out.push_str(&literal(v)),
            ExprKind::Variable(v) => out.push_str(&self.variable(*v)),
            ExprKind::Unary(op, inner) => {
                out.push_str(match op {
                    UnaryOp::Negate => "-",
                    UnaryOp::Not => "!",
                    UnaryOp::BitNot => "~",
                });
                self.write_expr(out, inner, UNARY - 1);
            }
            ExprKind::Binary(op, sides) => {
                let own = power(*op);
                // `**` groups to the right, all others to the left. A sign is not the base of `**`.
                let (left, right) =
                    if *op == BinaryOp::Pow { (own, UNARY - 1) } else { (own - 1, own) };
                self.write_expr(out, &sides.0, left);
                match op {
                    BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow => out.push_str(op.symbol()),
                    _ => {
                        let _ = write!(out, " {} ", op.symbol());
                    }
                }
                self.write_expr(out, &sides.1, right);
            }
            ExprKind::Cast(ty, inner) => {
                let _ = write!(out, "{ty}(");
                self.write_expr(out, inner, 0);
                out.push(')');
            }
            ExprKind::Index(base, items) => {
                self.write_expr(out, base, ATOM - 1);
                self.write_items(out, items);
            }
            ExprKind::Concat(parts) => {
                for (i, p) in parts.iter().enumerate() {
                    if i > 0 {
                        out.push_str(" ++ ");
                    }
                    self.write_expr(out, p, 0);
                }
            }
            ExprKind::Array(items) => self.write_list(out, '{', items, '}'),
            ExprKind::Builtin(f, args) => {
                out.push_str(f.name());
                self.write_list(out, '(', args, ')');
            }
            ExprKind::SizeOf(array, dimension) => {
                out.push_str("sizeof(");
                self.write_expr(out, array, 0);
                if let Some(d) = dimension {
                    out.push_str(", ");
                    self.write_expr(out, d, 0);
                }
                out.push(')');
            }
            ExprKind::SizeOfQubits(q) => {
                let _ = write!(out, "sizeof({})", self.qubits(q));
            }
            ExprKind::Call(call) => out.push_str(&self.call(call)),
            ExprKind::Measure(q) => {
                let _ = write!(out, "measure {}", self.qubits(q));
            }
            ExprKind::DurationOf(block) => {
                let _ = write!(out, "durationof({})", self.inline_block(block));
            }
        }
    }

    fn write_list(&self, out: &mut String, open: char, items: &[Expr], close: char) {
        out.push(open);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_expr(out, item, 0);
        }
        out.push(close);
    }

    pub(super) fn write_items(&self, out: &mut String, items: &[IndexItem]) {
        out.push('[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match item {
                IndexItem::Single(e) => self.write_expr(out, e, 0),
                IndexItem::Range(r) => self.write_range(out, r),
                IndexItem::Set(set) => self.write_list(out, '{', set, '}'),
            }
        }
        out.push(']');
    }

    pub(super) fn write_range(&self, out: &mut String, r: &RangeExpr) {
        if let Some(e) = &r.start {
            self.write_expr(out, e, 0);
        }
        out.push(':');
        if let Some(e) = &r.step {
            self.write_expr(out, e, 0);
            out.push(':');
        }
        if let Some(e) = &r.stop {
            self.write_expr(out, e, 0);
        }
    }

    pub(super) fn lvalue(&self, l: &LValue) -> String {
        let mut out = self.variable(l.var);
        for items in &l.path {
            self.write_items(&mut out, items);
        }
        out
    }

    pub(super) fn call(&self, call: &Call) -> String {
        let mut out = self.subroutine(call.subroutine).to_owned();
        out.push('(');
        for (i, arg) in call.args.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match arg {
                Argument::Value(e) => self.write_expr(&mut out, e, 0),
                Argument::Qubits(q) => out.push_str(&self.qubits(q)),
                Argument::Reference(l) => out.push_str(&self.lvalue(l)),
            }
        }
        out.push(')');
        out
    }

    pub(super) fn qubits(&self, q: &QubitExpr) -> String {
        match &q.kind {
            QubitExprKind::Register(id) => self.register(*id).to_owned(),
            QubitExprKind::Qubit(q) => self.qubit(*q),
            QubitExprKind::Argument(i) => self.argument(*i),
            QubitExprKind::Variable(v) => self.variable(*v),
            QubitExprKind::Index(base, items) => {
                let mut out = self.qubits(base);
                self.write_items(&mut out, items);
                out
            }
            QubitExprKind::Concat(parts) => {
                parts.iter().map(|p| self.qubits(p)).collect::<Vec<_>>().join(" ++ ")
            }
        }
    }
}

fn literal(v: &Value) -> String {
    match v {
        Value::Bit(b) => format!("bit({})", u8::from(*b)),
        Value::Bits(b) => format!("\"{b}\""),
        Value::Bool(b) => b.to_string(),
        Value::Int { width: 64, value } => value.to_string(),
        Value::Int { width: 128, value } if i64::try_from(*value).is_err() => value.to_string(),
        Value::Int { width, value } => format!("int[{width}]({value})"),
        Value::Uint { width: 128, value } if i128::try_from(*value).is_err() => value.to_string(),
        Value::Uint { width, value } => format!("uint[{width}]({value})"),
        Value::Float(f) => float(*f),
        Value::Angle(a) => format!("angle[{}]({})", a.width(), float(a.radians())),
        Value::Complex(c) if c.re == 0.0 => format!("{}im", plain_float(c.im)),
        Value::Complex(c) if c.im < 0.0 => {
            format!("{} - {}im", plain_float(c.re), plain_float(-c.im))
        }
        Value::Complex(c) => format!("{} + {}im", plain_float(c.re), plain_float(c.im)),
        Value::Duration(d) if d.dt == 0.0 => format!("{}ns", plain_float(d.ns)),
        Value::Duration(d) if d.ns == 0.0 => format!("{}dt", plain_float(d.dt)),
        Value::Duration(d) => format!("{}ns + {}dt", plain_float(d.ns), plain_float(d.dt)),
        Value::Array(a) => array_literal(&a.dims, &a.data),
    }
}

fn array_literal(dims: &[u32], data: &[Value]) -> String {
    let Some((_, inner)) = dims.split_first() else {
        return data.first().map(literal).unwrap_or_default();
    };
    let step = inner.iter().map(|&d| d as usize).product::<usize>().max(1);
    let parts: Vec<String> = data.chunks(step).map(|c| array_literal(inner, c)).collect();
    format!("{{{}}}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn numbers_are_multiples_of_pi_only_where_they_are_exactly() {
        let check = |x: f64, text: &str| assert_eq!(float(x), text);
        check(PI / 2.0, "pi/2");
        check(-3.0 * PI / 4.0, "-3*pi/4");
        check(2.0 * PI, "2*pi");
        check(1.5, "1.5");
        check(1e-7, "1.0e-7");
        check(0.0, "0.0");
        check(2.0, "2.0");
    }
}
