//! Expressions in gate parameters: numbers, `pi`, names, `+ - * / **`, functions, parentheses.
//!
//! `^` is read as a power, as people write it; [`to_openqasm`] turns it into `**`, since in
//! OpenQASM 3 `^` is the bitwise exclusive or. `π`, `τ` and `ℇ` are accepted beside `pi`, `tau` and
//! `euler`. Nesting is bounded by [`MAX_DEPTH`], length by [`MAX_LENGTH`] and
//! [`MAX_OPERATORS`].

use std::f64::consts::{E, PI, TAU};

/// Deepest nesting of parentheses, signs and powers.
pub const MAX_DEPTH: usize = 64;
/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// Most operators and parentheses: OpenQASM is read with a bound on them too.
pub const MAX_OPERATORS: usize = 256;
/// Greatest integer: the next ones are no exact floats.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// What is wrong with an expression. Shown beside the field as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    #[error("an expression is missing")]
    Empty,
    #[error("`{0}` is not part of an expression")]
    Unexpected(String),
    #[error("the expression ends too early")]
    End,
    #[error("`{0}` has no value")]
    UnknownName(String),
    #[error("`{0}` is not a function that is known here")]
    UnknownFunction(String),
    #[error("the value is not a finite number")]
    NotFinite,
    #[error("the expression is nested too deeply")]
    TooDeep,
    #[error("the expression is too long")]
    TooLong,
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Number(f64),
    /// A number written without point and exponent: OpenQASM divides such numbers as integers.
    Integer(f64),
    Name(String),
    Negate(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Call(Function, Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

macro_rules! functions {
    ($($name:literal => $variant:ident, $f:expr;)*) => {
        /// A function of one number, as OpenQASM 3 names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function { $($variant,)* }

        impl Function {
            fn by_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            fn call(self, x: f64) -> f64 {
                let f: fn(f64) -> f64 = match self { $(Self::$variant => $f,)* };
                f(x)
            }
        }
    };
}

functions! {
    "sin" => Sin, f64::sin;
    "cos" => Cos, f64::cos;
    "tan" => Tan, f64::tan;
    "arcsin" => Arcsin, f64::asin;
    "arccos" => Arccos, f64::acos;
    "arctan" => Arctan, f64::atan;
    "sqrt" => Sqrt, f64::sqrt;
    "exp" => Exp, f64::exp;
    "log" => Log, f64::ln;
    "ln" => Ln, f64::ln;
    "floor" => Floor, f64::floor;
    "ceiling" => Ceiling, f64::ceil;
}

#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Number(f64),
    Integer(f64),
    Name(&'a str),
    Symbol(&'a str),
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, ExprError> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if first.is_ascii_digit() || first == '.' {
            number_length(rest)
        } else if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else if rest.starts_with("**") {
            2
        } else {
            first.len_utf8()
        };
        let (word, tail) = rest.split_at(len);
        out.push(if first.is_ascii_digit() || first == '.' {
            let digits = word.replace('_', "");
            let refused = || ExprError::Unexpected(word.to_owned());
            let value: f64 = digits.parse().map_err(|_| refused())?;
            if value.is_infinite() {
                return Err(ExprError::NotFinite);
            }
            // OpenQASM has no integers of any length; a longer number has a point or an exponent.
            if misplaced_underscore(word) || (is_integer(word) && value > MAX_INTEGER) {
                return Err(refused());
            }
            if is_integer(word) { Token::Integer(value) } else { Token::Number(value) }
        } else if first.is_alphabetic() || first == '_' {
            Token::Name(word)
        } else if matches!(word, "+" | "-" | "−" | "*" | "·" | "/" | "^" | "**" | "(" | ")") {
            Token::Symbol(match word {
                "−" => "-",
                "·" => "*",
                "^" => "**",
                other => other,
            })
        } else {
            return Err(ExprError::Unexpected(word.to_owned()));
        });
        rest = tail.trim_start();
    }
    Ok(out)
}

/// Underscores stand one at a time, between two digits.
fn misplaced_underscore(number: &str) -> bool {
    number.split('_').any(|part| {
        !part.starts_with(|c: char| c.is_ascii_digit() || (c == '.' && number.starts_with('.')))
            || !(part.ends_with(|c: char| c.is_ascii_digit()) || number.ends_with(part))
    }) && number.contains('_')
}

/// Digits alone.
fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// Length of the number at the start: digits, point, digits, exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        while bytes.get(i).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            i += 1;
        }
        i
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        let Some(Token::Symbol(s)) = self.peek() else { return None };
        let found = symbols.iter().find(|x| *x == s).copied();
        self.at += usize::from(found.is_some());
        found
    }

    fn unexpected(&self) -> ExprError {
        match self.peek() {
            None => ExprError::End,
            Some(Token::Number(x) | Token::Integer(x)) => ExprError::Unexpected(x.to_string()),
            Some(Token::Name(s) | Token::Symbol(s)) => ExprError::Unexpected((*s).to_owned()),
        }
    }

    fn sum(&mut self, depth: usize) -> Result<Expr, ExprError> {
        let mut left = self.product(depth)?;
        while let Some(op) = self.eat(&["+", "-"]) {
            let op = if op == "+" { BinaryOp::Add } else { BinaryOp::Sub };
            left = Expr::Binary(op, Box::new(left), Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Expr, ExprError> {
        let mut left = self.unary(depth)?;
        while let Some(op) = self.eat(&["*", "/"]) {
            let op = if op == "*" { BinaryOp::Mul } else { BinaryOp::Div };
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary(depth)?));
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Expr, ExprError> {
        if depth > MAX_DEPTH {
            return Err(ExprError::TooDeep);
        }
        match self.eat(&["-", "+"]) {
            Some("-") => Ok(Expr::Negate(Box::new(self.unary(depth + 1)?))),
            Some(_) => self.unary(depth + 1),
            None => {
                let base = self.atom(depth)?;
                // A power binds more tightly than the sign on its left and takes one on its right.
                if self.eat(&["**"]).is_some() {
                    Ok(Expr::Binary(
                        BinaryOp::Pow,
                        Box::new(base),
                        Box::new(self.unary(depth + 1)?),
                    ))
                } else {
                    Ok(base)
                }
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Result<Expr, ExprError> {
        if self.eat(&["("]).is_some() {
            let inner = self.sum(depth + 1)?;
            return if self.eat(&[")"]).is_some() { Ok(inner) } else { Err(self.unexpected()) };
        }
        match self.peek() {
            Some(&Token::Number(x)) => {
                self.at += 1;
                Ok(Expr::Number(x))
            }
            Some(&Token::Integer(x)) => {
                self.at += 1;
                Ok(Expr::Integer(x))
            }
            Some(&Token::Name(name)) => {
                self.at += 1;
                if self.eat(&["("]).is_none() {
                    return Ok(Expr::Name(name.to_owned()));
                }
                let function = Function::by_name(name)
                    .ok_or_else(|| ExprError::UnknownFunction(name.to_owned()))?;
                let inner = self.sum(depth + 1)?;
                if self.eat(&[")"]).is_some() {
                    Ok(Expr::Call(function, Box::new(inner)))
                } else {
                    Err(self.unexpected())
                }
            }
            _ => Err(self.unexpected()),
        }
    }
}

/// Reads an expression. Names are not looked up.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    if text.len() > MAX_LENGTH {
        return Err(ExprError::TooLong);
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    if parser.tokens.is_empty() {
        return Err(ExprError::Empty);
    }
    let operators = parser.tokens.iter().filter(|t| matches!(t, Token::Symbol(_)));
    if operators.count() > MAX_OPERATORS {
        return Err(ExprError::TooLong);
    }
    let expr = parser.sum(0)?;
    if parser.peek().is_some() { Err(parser.unexpected()) } else { Ok(expr) }
}

fn constant(name: &str) -> Option<f64> {
    Some(match name {
        "pi" | "π" => PI,
        "tau" | "τ" => TAU,
        "euler" | "ℇ" => E,
        _ => return None,
    })
}

impl Expr {
    /// The value, with names other than the constants looked up in `names`.
    pub fn evaluate(&self, names: &dyn Fn(&str) -> Option<f64>) -> Result<f64, ExprError> {
        let value = match self {
            Self::Number(x) | Self::Integer(x) => *x,
            Self::Name(name) => constant(name)
                .or_else(|| names(name))
                .ok_or_else(|| ExprError::UnknownName(name.clone()))?,
            Self::Negate(x) => -x.evaluate(names)?,
            Self::Call(f, x) => f.call(x.evaluate(names)?),
            Self::Binary(op, a, b) => {
                let (a, b) = (a.evaluate(names)?, b.evaluate(names)?);
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div => a / b,
                    BinaryOp::Pow => a.powf(b),
                }
            }
        };
        // Of the parts too: 1 divided by infinity is nothing that a program can say.
        if value.is_finite() { Ok(value) } else { Err(ExprError::NotFinite) }
    }

    /// OpenQASM would compute a part of it with integers, and give another value: `1/2` is 0 there.
    fn rounds_in_openqasm(&self) -> bool {
        fn is_integer(expr: &Expr) -> bool {
            match expr {
                Expr::Integer(_) => true,
                Expr::Negate(x) => is_integer(x),
                Expr::Binary(_, a, b) => is_integer(a) && is_integer(b),
                Expr::Number(_) | Expr::Name(_) | Expr::Call(..) => false,
            }
        }
        match self {
            Self::Number(_) | Self::Integer(_) | Self::Name(_) => false,
            Self::Negate(x) | Self::Call(_, x) => x.rounds_in_openqasm(),
            Self::Binary(op, a, b) => {
                let integers =
                    matches!(op, BinaryOp::Div | BinaryOp::Pow) && is_integer(a) && is_integer(b);
                integers || a.rounds_in_openqasm() || b.rounds_in_openqasm()
            }
        }
    }

    /// Names that are not constants, each once, in order of appearance.
    pub fn free_names(&self) -> Vec<&str> {
        fn walk<'a>(expr: &'a Expr, out: &mut Vec<&'a str>) {
            match expr {
                Expr::Number(_) | Expr::Integer(_) => {}
                Expr::Name(name) => {
                    if constant(name).is_none() && !out.contains(&name.as_str()) {
                        out.push(name);
                    }
                }
                Expr::Negate(x) | Expr::Call(_, x) => walk(x, out),
                Expr::Binary(_, a, b) => {
                    walk(a, out);
                    walk(b, out);
                }
            }
        }
        let mut out = Vec::new();
        walk(self, &mut out);
        out
    }
}

/// The value of `text`, with no names but the constants.
pub fn evaluate(text: &str) -> Result<f64, ExprError> {
    parse(text)?.evaluate(&|_| None)
}

/// Behind these, `+` is a sign.
const SIGNED: [char; 5] = ['(', '+', '-', '*', '/'];

/// `text` as OpenQASM 3 reads it: `**` for `^`, `pi` for `π`, `log` for `ln`. Spacing is kept.
pub fn to_openqasm(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '^' => out.push_str("**"),
            'π' => out.push_str("pi"),
            'τ' => out.push_str("tau"),
            'ℇ' => out.push_str("euler"),
            '−' => out.push('-'),
            '·' => out.push('*'),
            // OpenQASM 3 has no sign `+`.
            '+' if out.trim_end().is_empty() || out.trim_end().ends_with(SIGNED) => {}
            c => out.push(c),
        }
    }
    if out.contains("ln") {
        out = crate::emit::replace_words(&out, &|word| (word == "ln").then(|| "log".to_owned()));
    }
    if parse(&out).is_ok_and(|e| e.rounds_in_openqasm()) {
        out = with_points(&out, |_| true);
    }
    out
}

/// OpenQASM 2, in which every number is real, spelled as OpenQASM 3: any text, not one expression.
pub(crate) fn modernized(text: &str) -> String {
    let text = text.replace('^', "**");
    let text = crate::emit::replace_words(&text, &|word| (word == "ln").then(|| "log".to_owned()));
    // A quotient of two integers needs a point.
    with_points(&text, |rest| {
        let after = rest.trim_start().strip_prefix('/').map(str::trim_start);
        after.is_some_and(|a| a.starts_with(|c: char| c.is_ascii_digit() || c == '('))
    })
}

/// Writes a point after the integers for which `f`, given what follows them, says so. Those in
/// brackets are indices and stay.
fn with_points(text: &str, f: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let (mut rest, mut brackets, mut in_word) = (text, 0_usize, false);
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit() || (first == '.' && !in_word);
        let len = if digit && !in_word { number_length(rest).max(1) } else { first.len_utf8() };
        let (word, tail) = rest.split_at(len);
        match first {
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        out.push_str(word);
        if first.is_ascii_digit() && !in_word && brackets == 0 && is_integer(word) && f(tail) {
            out.push_str(".0");
        }
        in_word = first.is_alphanumeric() || first == '_';
        rest = tail;
    }
    out
}

/// `text` as it is written on a gate: `π` for `pi`, Greek letters for their names, no spaces.
pub fn to_label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let len = if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else if first.is_ascii_digit() || first == '.' {
            number_length(rest)
        } else {
            first.len_utf8()
        };
        let (word, tail) = rest.split_at(len);
        match word {
            "*" => {
                // `2*pi` is written 2π, `pi*2` as π·2.
                let juxtaposed = out.ends_with(|c: char| c.is_ascii_digit())
                    && tail.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '(');
                if let Some(exponent) = tail.strip_prefix('*') {
                    out.push('^');
                    rest = exponent;
                    continue;
                }
                if !juxtaposed {
                    out.push('·');
                }
            }
            "-" => out.push('−'),
            word if word.trim().is_empty() => {}
            word => out.push_str(greek(word)),
        }
        rest = tail;
    }
    out
}

fn greek(word: &str) -> &str {
    match word {
        "pi" => "π",
        "tau" => "τ",
        "alpha" => "α",
        "beta" => "β",
        "gamma" => "γ",
        "delta" => "δ",
        "epsilon" => "ε",
        "eta" => "η",
        "theta" => "θ",
        "kappa" => "κ",
        "lambda" => "λ",
        "mu" => "μ",
        "phi" => "φ",
        "chi" => "χ",
        "psi" => "ψ",
        "omega" => "ω",
        other => other,
    }
}

/// Largest denominator in which an angle is recognised as a fraction of π.
const MAX_DENOMINATOR: i32 = 64;

/// An expression for `value`: a fraction of π where it is one to 1e-12, else the shortest decimal
/// that reads back as the same number.
pub fn from_value(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let turns = value / PI;
    for denominator in 1..=MAX_DENOMINATOR {
        let numerator = turns * f64::from(denominator);
        let rounded = numerator.round();
        if rounded != 0.0
            && rounded.abs() <= 4096.0
            && (numerator - rounded).abs() < 1e-12 * numerator.abs().max(1.0)
        {
            let sign = if rounded < 0.0 { "-" } else { "" };
            let times =
                if rounded.abs() > 1.0 { format!("{}*", rounded.abs()) } else { String::new() };
            let over = if denominator > 1 { format!("/{denominator}") } else { String::new() };
            return format!("{sign}{times}pi{over}");
        }
    }
    // Long rows of digits would be read as an integer, which has a greatest.
    if value.abs() > MAX_INTEGER { format!("{value:?}") } else { format!("{value}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: f64) {
        let value = evaluate(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(
            (value - expected).abs() <= 1e-12 * expected.abs().max(1.0),
            "{text} = {value}, not {expected}"
        );
    }

    fn check_error(text: &str, expected: &ExprError) {
        assert_eq!(evaluate(text).as_ref(), Err(expected), "{text}");
    }

    #[test]
    fn arithmetic_follows_the_usual_order() {
        check("1 + 2*3", 7.0);
        check("(1+2)*3", 9.0);
        check("8/4/2", 1.0);
        check("2-3-4", -5.0);
        check("2^3^2", 512.0);
        check("2**-1", 0.5);
        check("-2**2", -4.0);
        check("--2", 2.0);
        check("1.5e-3", 0.0015);
        check(".5", 0.5);
        check("1_000", 1000.0);
    }

    #[test]
    fn constants_and_functions_are_known() {
        check("pi/2", PI / 2.0);
        check("π", PI);
        check("2·π − tau", 0.0);
        check("sin(pi/6) + cos(0)", 1.5);
        check("sqrt(2)^2", 2.0);
        check("ln(euler)", 1.0);
    }

    #[test]
    fn mistakes_are_named() {
        check_error("", &ExprError::Empty);
        check_error("1 +", &ExprError::End);
        check_error("(1", &ExprError::End);
        check_error("1)", &ExprError::Unexpected(")".into()));
        check_error("theta", &ExprError::UnknownName("theta".into()));
        check_error("foo(1)", &ExprError::UnknownFunction("foo".into()));
        check_error("1/0", &ExprError::NotFinite);
        check_error("1 $ 2", &ExprError::Unexpected("$".into()));
        check_error("1 2", &ExprError::Unexpected("2".into()));
        check_error(&"(".repeat(200), &ExprError::TooDeep);
        check_error(&"-".repeat(200), &ExprError::TooDeep);
        check_error(&"1+".repeat(3000), &ExprError::TooLong);
    }

    #[test]
    fn names_are_looked_up_and_listed() {
        let expr = parse("2*theta + phi/theta + pi").expect("an expression");
        assert_eq!(expr.free_names(), ["theta", "phi"]);
        let value =
            expr.evaluate(&|n| Some(if n == "theta" { 2.0 } else { 1.0 })).expect("a value");
        assert!((value - (4.5 + PI)).abs() < 1e-12);
    }

    #[test]
    fn values_become_fractions_of_pi_and_read_back() {
        for (value, text) in [
            (PI / 4.0, "pi/4"),
            (-PI, "-pi"),
            (3.0 * PI / 8.0, "3*pi/8"),
            (0.0, "0"),
            (0.3, "0.3"),
            (2.0 * PI, "2*pi"),
        ] {
            assert_eq!(from_value(value), text);
            check(text, value);
        }
        for value in [0.1 + 0.2, 1e-300, -12345.678, 1e22] {
            assert_eq!(evaluate(&from_value(value)), Ok(value));
        }
    }

    #[test]
    fn labels_and_program_text_differ_in_spelling_alone() {
        assert_eq!(to_label("3*pi/4"), "3π/4");
        assert_eq!(to_label("-theta + pi*2"), "−θ+π·2");
        assert_eq!(to_label("x**2"), "x^2");
        assert_eq!(to_openqasm("π^2 − x"), "pi**2 - x");
        assert_eq!(to_openqasm("ln(2)*x2"), "log(2)*x2");
    }

    #[test]
    fn quotients_of_integers_stay_real_numbers_in_a_program() {
        assert_eq!(to_openqasm("1/2"), "1.0/2.0");
        assert_eq!(to_openqasm("(1 + 2)/4*pi"), "(1.0 + 2.0)/4.0*pi");
        assert_eq!(to_openqasm("3*pi/4"), "3*pi/4");
        assert_eq!(to_openqasm("1.0/2"), "1.0/2");
        assert_eq!(
            modernized("u1(t/2^3) q[1]; rx(1/2*pi) a1;"),
            "u1(t/2**3) q[1]; rx(1.0/2*pi) a1;"
        );
    }
}
