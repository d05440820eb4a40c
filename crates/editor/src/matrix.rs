//! Gates given by their matrix, as people type one: rows on lines of their own or between brackets,
//! entries as expressions in which `i`, `j` or `im` is the imaginary unit.

use std::fmt::Write as _;

use circuit::Matrix;
use num_complex::Complex64;

use crate::document::Definition;
use crate::expr::{self, BinaryOp, Expr, ExprError, Function};

/// Widest gate that is typed as a matrix: 64 rows.
pub const MAX_QUBITS: u32 = 6;
/// Longest text.
pub const MAX_LENGTH: usize = 1 << 18;
/// How far from unitary a matrix may be: the rounding of a matrix written with a few digits.
pub const UNITARY_ATOL: f64 = 1e-6;

/// What is wrong with a matrix. Shown beside the field as it stands.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatrixError {
    #[error("a matrix is missing")]
    Empty,
    #[error("the matrix is longer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("row {row} has {given} entries, and there are {rows} rows")]
    NotSquare { row: usize, given: usize, rows: usize },
    #[error("a gate's matrix has 2, 4, 8, 16, 32 or 64 rows, not {0}")]
    Rows(usize),
    #[error("row {row}, column {column}: {error}")]
    Entry { row: usize, column: usize, error: ExprError },
}

/// Reads a matrix. Rows are separated by line breaks, `;` or brackets, entries by `,`, or by blanks
/// where a row has no comma.
pub fn parse(text: &str) -> Result<Matrix, MatrixError> {
    if text.len() > MAX_LENGTH {
        return Err(MatrixError::TooLong);
    }
    let rows: Vec<Vec<String>> = rows(text).iter().map(|row| entries(row)).collect();
    if rows.is_empty() {
        return Err(MatrixError::Empty);
    }
    if let Some(row) = rows.iter().position(|row| row.len() != rows.len()) {
        return Err(MatrixError::NotSquare {
            row: row + 1,
            given: rows[row].len(),
            rows: rows.len(),
        });
    }
    if !rows.len().is_power_of_two() || rows.len() < 2 || rows.len() > 1 << MAX_QUBITS {
        return Err(MatrixError::Rows(rows.len()));
    }
    let mut out = Matrix::zero(rows.len());
    for (r, row) in rows.iter().enumerate() {
        for (c, entry) in row.iter().enumerate() {
            let value = number(entry).map_err(|error| MatrixError::Entry {
                row: r + 1,
                column: c + 1,
                error,
            })?;
            out.set(r, c, value);
        }
    }
    Ok(out)
}

/// One text per row: brackets and parentheses that only hold rows together are gone.
fn rows(text: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let new_row = depth == 0 && matches!(c, '[' | ']' | '{' | '}' | ';' | '\n');
        if new_row {
            rows.push(String::new());
        } else if let Some(row) = rows.last_mut() {
            row.push(if c.is_whitespace() { ' ' } else { c });
        }
    }
    // Between two bracketed rows stands a comma.
    let trimmed = |row: &String| row.trim().trim_matches(',').trim().to_owned();
    rows.iter().map(trimmed).filter(|row| !row.is_empty()).collect()
}

fn entries(row: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0_usize;
    let separator = if row.contains([',', '&']) { [',', '&'] } else { [' ', ' '] };
    for c in row.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && separator.contains(&c) {
            out.push(String::new());
        } else if let Some(entry) = out.last_mut() {
            entry.push(c);
        }
    }
    let keep_empty = separator[0] != ' ';
    out.into_iter().map(|e| e.trim().to_owned()).filter(|e| keep_empty || !e.is_empty()).collect()
}

/// An entry: `1/sqrt(2)`, `0.5+0.5i`, `-i/√2`, `exp(i*pi/4)`.
fn number(text: &str) -> Result<Complex64, ExprError> {
    let value = complex(&expr::parse(&spelled_out(text))?)?;
    if value.is_finite() { Ok(value) } else { Err(ExprError::NotFinite) }
}

/// `0.5i` as `0.5*i`, `√2` as `sqrt(2)`, `½` as `0.5`.
fn spelled_out(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut previous = ' ';
    while let Some(c) = chars.next() {
        let unit = matches!(c, 'i' | 'j');
        match c {
            '√' => {
                let mut digits = String::new();
                while let Some(d) = chars.peek().filter(|d| d.is_ascii_digit() || **d == '.') {
                    digits.push(*d);
                    chars.next();
                }
                if previous.is_ascii_digit() || previous == ')' {
                    out.push('*');
                }
                out.push_str("sqrt");
                if !digits.is_empty() {
                    let _ = write!(out, "({digits})");
                }
            }
            '½' => out.push_str("0.5"),
            _ => {
                if (unit || c == 'π')
                    && (previous.is_ascii_digit() || matches!(previous, '.' | ')'))
                {
                    out.push('*');
                }
                out.push(c);
            }
        }
        previous = if c == '½' { '5' } else { c };
    }
    out
}

fn complex(expr: &Expr) -> Result<Complex64, ExprError> {
    let real = |x: f64| Complex64::new(x, 0.0);
    Ok(match expr {
        Expr::Number(x) | Expr::Integer(x) => real(*x),
        Expr::Name(name) if matches!(name.as_str(), "i" | "j" | "im") => Complex64::I,
        // The constants; other names have no value here.
        Expr::Name(_) => real(expr.evaluate(&|_| None)?),
        Expr::Negate(x) => -complex(x)?,
        Expr::Call(function, x) => {
            let z = complex(x)?;
            match function {
                Function::Sin => z.sin(),
                Function::Cos => z.cos(),
                Function::Tan => z.tan(),
                Function::Sqrt => z.sqrt(),
                Function::Exp => z.exp(),
                Function::Log | Function::Ln => z.ln(),
                Function::Arcsin => z.asin(),
                Function::Arccos => z.acos(),
                Function::Arctan => z.atan(),
                Function::Floor => Complex64::new(z.re.floor(), z.im.floor()),
                Function::Ceiling => Complex64::new(z.re.ceil(), z.im.ceil()),
            }
        }
        Expr::Binary(op, a, b) => {
            let (a, b) = (complex(a)?, complex(b)?);
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                BinaryOp::Pow => a.powc(b),
            }
        }
    })
}

/// A number as it is typed: `0.5-0.5i`.
fn written(z: Complex64, unit: &str) -> String {
    let clean = |x: f64| if x == 0.0 { 0.0 } else { x };
    let (re, im) = (clean(z.re), clean(z.im));
    match (re == 0.0, im == 0.0) {
        (_, true) => format!("{re}"),
        (true, false) => format!("{im}{unit}"),
        (false, false) if im < 0.0 => format!("{re}{im}{unit}"),
        (false, false) => format!("{re}+{im}{unit}"),
    }
}

/// The matrix as it is typed, one row a line.
pub fn to_text(matrix: &Matrix) -> String {
    let row = |r: usize| {
        let entries: Vec<String> =
            (0..matrix.dim()).map(|c| written(matrix.at(r, c), "i")).collect();
        entries.join(", ")
    };
    (0..matrix.dim()).map(row).collect::<Vec<_>>().join("\n")
}

/// The definition of a gate with this matrix. The first qubit is the low bit of the index.
pub fn definition(name: &str, matrix: &Matrix) -> Definition {
    let qubits = matrix.num_qubits();
    let mut text = String::from("@ketlab.unitary {");
    for r in 0..matrix.dim() {
        let entries: Vec<String> =
            (0..matrix.dim()).map(|c| written(matrix.at(r, c), "im")).collect();
        let _ = write!(text, "{}{{{}}}", if r > 0 { ", " } else { "" }, entries.join(", "));
    }
    let names: Vec<String> = (0..qubits).map(|q| format!("q{q}")).collect();
    let _ = write!(text, "}}\ngate {name} {} {{ }}", names.join(", "));
    Definition {
        name: name.into(),
        num_params: 0,
        num_qubits: u32::try_from(qubits).unwrap_or(u32::MAX),
        text: text.into(),
        late: false,
        body: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(f64, f64)]) {
        let matrix = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let expected: Vec<Complex64> =
            expected.iter().map(|&(a, b)| Complex64::new(a, b)).collect();
        for (got, want) in matrix.entries().iter().zip(&expected) {
            assert!((got - want).norm() < 1e-15, "{text}: {:?}", matrix.entries());
        }
    }

    #[test]
    fn matrices_are_read_as_people_write_them() {
        let s = std::f64::consts::FRAC_1_SQRT_2;
        let hadamard = [(s, 0.0), (s, 0.0), (s, 0.0), (-s, 0.0)];
        check("1/sqrt(2), 1/sqrt(2)\n1/sqrt(2), -1/sqrt(2)", &hadamard);
        check("[[1/√2, 1/√2], [1/√2, -1/√2]]", &hadamard);
        check("{{√½, √½}, {√½, -√½}}".replace("√½", "sqrt(½)").as_str(), &hadamard);
        let y = [(0.0, 0.0), (0.0, -1.0), (0.0, 1.0), (0.0, 0.0)];
        for text in ["0 -i; i 0", "0, -1j\n1j, 0\n", "[[0,-1.0im],[1im,0]]", "0 & -i ; i & 0"] {
            check(text, &y);
        }
        check("1 0; 0 exp(i*pi/4)", &[(1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (s, s)]);
        check("½+½i ½-½i; ½-½i ½+½i", &[(0.5, 0.5), (0.5, -0.5), (0.5, -0.5), (0.5, 0.5)]);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let refused = |text: &str| parse(text).expect_err(text).to_string();
        assert_eq!(refused("  "), "a matrix is missing");
        assert_eq!(refused("1 0; 0"), "row 2 has 1 entries, and there are 2 rows");
        assert_eq!(refused("1"), "a gate's matrix has 2, 4, 8, 16, 32 or 64 rows, not 1");
        assert_eq!(
            refused("1,0,0\n0,1,0\n0,0,1"),
            "a gate's matrix has 2, 4, 8, 16, 32 or 64 rows, not 3"
        );
        assert_eq!(refused("1, 0\n0, x"), "row 2, column 2: `x` has no value");
        assert_eq!(refused("1, 0\n0, 1/0"), "row 2, column 2: the value is not a finite number");
        assert_eq!(refused("1, \n0, 1"), "row 1 has 1 entries, and there are 2 rows");
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "0.5+0.5i, 0.5-0.5i\n0.5-0.5i, 0.5+0.5i";
        assert_eq!(to_text(&parse(text).expect("a matrix")), text);
    }
}
