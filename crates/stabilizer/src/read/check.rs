//! Whether the targets of an instruction are such as it takes.

use std::ops::Range;

use super::{Result, wrong};
use crate::circuit::{Instruction, Target, product};
use crate::gate::{Action, Channel, Targets};

/// `name` and `places` are bytes of the text; `measured` results are in the record before it, and
/// `chain` says that a correlated error stands before it.
pub(super) fn check(
    i: &Instruction,
    name: Range<usize>,
    places: &[Range<usize>],
    measured: u64,
    chain: bool,
) -> Result<()> {
    for (target, place) in i.targets.iter().zip(places) {
        if !takes(i.gate.targets, *target) {
            let message = format!("`{}` takes {}", i.gate.name, wanted(i.gate.targets));
            return wrong("bad_target", place.start, place.end, message);
        }
        if let Target::Record(k) = target
            && u64::from(*k) > measured
        {
            let message = format!("looks back {k} results where {measured} were measured");
            return wrong("bad_record", place.start, place.end, message);
        }
    }
    if i.gate.action == Action::Noise(Channel::Correlated(true)) && !chain {
        let message =
            "ELSE_CORRELATED_ERROR continues a CORRELATED_ERROR, and none stands before it";
        return wrong("no_chain", name.start, name.end, message);
    }
    match i.gate.targets {
        Targets::None if !i.targets.is_empty() => {
            let message = format!("`{}` takes no targets", i.gate.name);
            wrong("bad_target", places[0].start, places[0].end, message)
        }
        Targets::Pairs | Targets::MeasuredPairs => pairs(i, places, (false, false)),
        Targets::Controlled(first, second) => pairs(i, places, (first, second)),
        Targets::Products => products(i, places),
        Targets::Paulis => paulis(i, places),
        _ => Ok(()),
    }
}

/// Whether a target of this kind may stand with such an instruction at all.
fn takes(targets: Targets, target: Target) -> bool {
    match target {
        Target::Qubit { index, inverted } => match targets {
            Targets::Qubits | Targets::Pairs | Targets::Controlled(..) => !inverted,
            Targets::Measured | Targets::MeasuredPairs => true,
            Targets::Bits => !inverted && index <= 1,
            _ => false,
        },
        Target::Record(_) => {
            matches!(targets, Targets::Controlled(..) | Targets::Records | Targets::RecordsOrPaulis)
        }
        Target::Pauli { inverted, .. } => match targets {
            Targets::Products => true,
            Targets::Paulis | Targets::RecordsOrPaulis => !inverted,
            _ => false,
        },
        Target::Times => targets == Targets::Products,
    }
}

fn wanted(targets: Targets) -> &'static str {
    match targets {
        Targets::None => "no targets",
        Targets::Qubits => "qubits, as `0 1`",
        Targets::Measured => "qubits, as `0 !1`",
        Targets::Pairs => "pairs of qubits, as `0 1 2 3`",
        Targets::MeasuredPairs => "pairs of qubits, as `0 1 2 !3`",
        Targets::Controlled(..) => "pairs of qubits, as `0 1 rec[-1] 3`",
        Targets::Products => "products of Paulis, as `X0*Z1 !Y2`",
        Targets::Paulis => "Paulis, as `X0 Z1`",
        Targets::Records => "results, as `rec[-1]`",
        Targets::RecordsOrPaulis => "results or Paulis, as `rec[-1] X2`",
        Targets::Bits => "bits, 0 or 1",
    }
}

fn pairs(i: &Instruction, places: &[Range<usize>], records: (bool, bool)) -> Result<()> {
    if !i.targets.len().is_multiple_of(2) {
        let last = &places[places.len() - 1];
        let message = format!("`{}` acts on pairs, and this one has no partner", i.gate.name);
        return wrong("odd_targets", last.start, last.end, message);
    }
    for (k, pair) in i.targets.chunks_exact(2).enumerate() {
        let place = places[2 * k].start..places[2 * k + 1].end;
        let record = |t: Target| matches!(t, Target::Record(_));
        if record(pair[0]) && !records.0 || record(pair[1]) && !records.1 {
            let message = format!(
                "a result can only stand where `{}` has a control in the Z basis",
                i.gate.name
            );
            return wrong("bad_target", place.start, place.end, message);
        }
        if pair[0].index().is_some() && pair[0].index() == pair[1].index() {
            let message = "the qubits of a pair must differ";
            return wrong("duplicate_qubit", place.start, place.end, message);
        }
    }
    Ok(())
}

fn products(i: &Instruction, places: &[Range<usize>]) -> Result<()> {
    let mut factor_before = false;
    for (k, (target, place)) in i.targets.iter().zip(places).enumerate() {
        let joint = *target == Target::Times;
        let next = i.targets.get(k + 1).is_some_and(|t| *t != Target::Times);
        if joint && !(factor_before && next) {
            let message = "`*` stands between two Paulis";
            return wrong("bad_target", place.start, place.end, message);
        }
        factor_before = !joint;
    }
    let mut first = 0;
    for group in i.groups() {
        let last = first + group.len() - 1;
        if product(group).is_none() {
            let message = "this product is not Hermitian: it has no real results";
            return wrong("not_hermitian", places[first].start, places[last].end, message);
        }
        first = last + 1;
    }
    Ok(())
}

fn paulis(i: &Instruction, places: &[Range<usize>]) -> Result<()> {
    let mut seen: Vec<Option<u32>> = i.targets.iter().map(|t| t.index()).collect();
    seen.sort_unstable();
    if let Some(twice) = seen.windows(2).find(|w| w[0] == w[1]) {
        let at = i.targets.iter().rposition(|t| t.index() == twice[0]).unwrap_or(0);
        let message = "each qubit stands once in a correlated error";
        return wrong("duplicate_qubit", places[at].start, places[at].end, message);
    }
    Ok(())
}
