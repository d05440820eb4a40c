//! Sizes that depend on variables.

use crate::{Options, compile};

fn check(text: &str, error: Option<&str>) {
    let compiled = compile(text, &Options::default());
    let found = compiled.diagnostics.iter().find(|d| d.is_error()).map(|d| d.code);
    assert_eq!(found, error, "{text}\n{:?}", compiled.diagnostics);
}

#[test]
fn a_size_may_be_a_variable_whose_value_is_certain() {
    check("uint n = 4; qubit[n] q;", None);
    check("uint n = 4; def f(bit[n] b) { } bit[4] c; f(c);", None);
    check("uint n = 4; def f(bit[n] b) { } bit[3] c; f(c);", Some("bad_type"));
    check("input uint n; def f(bit[n] b) { }", Some("not_constant"));
}

#[test]
fn a_subroutine_that_is_called_above_sees_no_variables_of_the_place_of_the_call() {
    check("uint n = 4; bit[4] c; f(c); n = 5; def f(bit[n] b) { }", Some("undefined"));
    check("const uint n = 4; bit[4] c; f(c); def f(bit[n] b) { }", None);
}
