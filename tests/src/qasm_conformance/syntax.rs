//! What parses and what does not, and where.

use qasm::{LineIndex, Severity};

use super::data::{self, Case};

/// Line and column of the first error of the parser.
fn first_error(source: &str) -> Option<(u32, u32, String)> {
    let parsed = qasm::parse(source);
    let d = parsed.diagnostics.iter().find(|d| d.severity == Severity::Error)?;
    let at = LineIndex::new(source).line_column(source, d.span.start);
    Some((at.line, at.column, d.message.clone()))
}

fn check_verdicts(cases: &[Case]) {
    let mut wrong = Vec::new();
    for c in cases {
        let error = first_error(&c.source);
        match (c.must_parse, &error) {
            (Some(true), Some(e)) => wrong.push(format!("{} is refused at {e:?}", c.name)),
            (Some(false), None) if c.stage == "syntax" && !c.may_accept => {
                wrong.push(format!("{} is accepted, expected an error at {:?}", c.name, c.error));
            }
            _ => {}
        }
        if let (Some(false), Some((line, column, message)), Some(place)) =
            (c.must_parse, error, c.error)
            && !place.allows(&c.source, line, column)
        {
            wrong.push(format!(
                "{}: {line}:{column} `{message}`, expected {}:{}",
                c.name, place.line, place.column
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_openqasm_2_files_parse_as_their_index_says() {
    check_verdicts(&data::indexed("qasm2"));
}

#[test]
fn the_openqasm_3_files_parse_as_their_index_says() {
    check_verdicts(&data::indexed("qasm3"));
}

#[test]
fn the_qe_qasm_programs_parse_as_the_official_grammar_says() {
    check_verdicts(&data::qe_qasm());
}

#[test]
fn syntax_errors_have_their_place() {
    check_verdicts(&data::invalid("qasm2"));
    check_verdicts(&data::invalid("qasm3"));
}

#[test]
fn every_line_that_the_grammar_tests_refuse_is_refused() {
    check_verdicts(&data::grammar_invalid());
}
