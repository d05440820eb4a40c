//! One target of an instruction.

use super::{ReadLimits, Result, wrong};
use crate::Pauli;
use crate::circuit::Target;

/// The target that begins at byte `from`, and where it ends.
pub(super) fn target(text: &str, from: usize, limits: &ReadLimits) -> Result<(Target, usize)> {
    let bytes = text.as_bytes();
    if bytes[from] == b'*' {
        return Ok((Target::Times, from + 1));
    }
    let inverted = bytes[from] == b'!';
    let at = from + usize::from(inverted);
    let rest = &text[at..];
    let bad = || {
        let len = text[from..]
            .find(|c: char| c.is_whitespace() || matches!(c, '#' | '{' | '}' | '*'))
            .unwrap_or(text.len() - from);
        let len = len.max(text[from..].chars().next().map_or(0, char::len_utf8));
        let shown: String = text[from..from + len].chars().take(40).collect();
        wrong("bad_target", from, from + len, format!("`{}` is no target", shown.escape_debug()))
    };
    let lower =
        |prefix: &str| rest.get(..prefix.len()).is_some_and(|r| r.eq_ignore_ascii_case(prefix));
    if lower("sweep[") {
        return wrong(
            "sweep_bit",
            from,
            at + 5,
            "sweep bits are not supported: nothing here would give them values",
        );
    }
    if lower("rec[") {
        let start = at + 4;
        let Some(len) = text[start..].find(']') else { return bad() };
        let look_back = text[start..start + len].strip_prefix('-').filter(|d| digits(d));
        let Some(digits) = look_back.filter(|_| !inverted) else { return bad() };
        return match digits.parse::<u32>() {
            Ok(k) if k > 0 && k <= limits.qubits => {
                end(text, start + len + 1, Target::Record(k), bad)
            }
            _ => wrong(
                "bad_record",
                from,
                start + len + 1,
                format!("rec[-k] looks back from 1 to {} results", limits.qubits),
            ),
        };
    }
    let pauli = match bytes.get(at) {
        Some(b'X' | b'x') => Some(Pauli::X),
        Some(b'Y' | b'y') => Some(Pauli::Y),
        Some(b'Z' | b'z') => Some(Pauli::Z),
        _ => None,
    };
    let start = at + usize::from(pauli.is_some());
    let len =
        bytes[start..].iter().position(|b| !b.is_ascii_digit()).unwrap_or(bytes.len() - start);
    if len == 0 {
        return bad();
    }
    let stop = start + len;
    match text[start..stop].parse::<u32>().ok().filter(|&q| q < limits.qubits) {
        Some(qubit) => {
            let target = match pauli {
                Some(pauli) => Target::Pauli { pauli, qubit, inverted },
                None => Target::Qubit { index: qubit, inverted },
            };
            end(text, stop, target, bad)
        }
        None => wrong(
            "too_many_qubits",
            from,
            stop,
            format!("qubits are numbered from 0 to {}", limits.qubits - 1),
        ),
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The target, if nothing is glued to it.
fn end(
    text: &str,
    to: usize,
    target: Target,
    bad: impl Fn() -> Result<(Target, usize)>,
) -> Result<(Target, usize)> {
    match text.as_bytes().get(to) {
        None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'#' | b'*' | b'}' | b'{') => Ok((target, to)),
        Some(_) => bad(),
    }
}
