//! The reader and the writer.

use crate::circuit::Item;
use crate::{ReadLimits, read};

fn good(text: &str) -> String {
    match read(text, &ReadLimits::default()) {
        Ok(circuit) => circuit.to_string(),
        Err(d) => panic!("{d:?} in {text}"),
    }
}

/// Refused with this code at this place.
fn bad(text: &str, code: &str, line: u32, column: u32) {
    let found = read(text, &ReadLimits::default()).expect_err(text);
    let first = &found[0];
    assert_eq!((first.code, first.line, first.column), (code, line, column), "{text}: {first:?}");
}

#[test]
fn what_is_written_reads_back() {
    for (text, written) in [
        ("h 0 1\n  cnot 0 1 # twice\n", "H 0 1\nCX 0 1\n"),
        ("M(0.25) !0 1\nCX rec[-1] 2", "M(0.25) !0 1\nCX rec[-1] 2\n"),
        ("MPP X0*!Y1*Z2 Z3", "MPP X0*!Y1*Z2 Z3\n"),
        ("MPP x0 * y1", "MPP X0*Y1\n"),
        ("H[a\\Cb\\B\\n] 0", "H[a\\Cb\\B\\n] 0\n"),
        ("REPEAT[t] 3 {\r\n\tTICK\r\n}\r\n", "REPEAT[t] 3 {\n    TICK\n}\n"),
        (
            "QUBIT_COORDS(1, -2.5e1) 3\nSHIFT_COORDS(0,0,1)",
            "QUBIT_COORDS(1, -25) 3\nSHIFT_COORDS(0, 0, 1)\n",
        ),
        (
            "M 0\nDETECTOR(1) rec[-1]\nOBSERVABLE_INCLUDE(3) rec[-1] X5",
            "M 0\nDETECTOR(1) rec[-1]\nOBSERVABLE_INCLUDE(3) rec[-1] X5\n",
        ),
        (
            "E(0.1) X1\nELSE_CORRELATED_ERROR(0.2) Z2 Y3",
            "CORRELATED_ERROR(0.1) X1\nELSE_CORRELATED_ERROR(0.2) Z2 Y3\n",
        ),
        (
            "X_ERROR(1e-3) 0\nDETECTOR\nTICK\nMPAD 0 1",
            "X_ERROR(0.001) 0\nDETECTOR\nTICK\nMPAD 0 1\n",
        ),
        ("", ""),
    ] {
        let first = good(text);
        assert_eq!(first, written);
        assert_eq!(good(&first), first);
    }
}

#[test]
fn errors_have_their_place() {
    bad("H 0\nFOO 1", "unknown_gate", 2, 1);
    bad("H 0\n  H q", "bad_target", 2, 5);
    bad("# ü\nM !0 ü", "bad_target", 2, 6);
    bad("H !0", "bad_target", 1, 3);
    bad("CX 0 1 2", "odd_targets", 1, 8);
    bad("CX 0 1 2 2", "duplicate_qubit", 1, 8);
    bad("CX rec[-1] 2", "bad_record", 1, 4);
    bad("M 0\nCX 0 rec[-1]", "bad_target", 2, 4);
    bad("M 0\nCX rec[0] 0", "bad_target", 2, 4);
    bad("M 0\nCX rec[-0] 0", "bad_record", 2, 4);
    bad("CX sweep[5] 1", "sweep_bit", 1, 4);
    bad("X_ERROR 0", "bad_arguments", 1, 1);
    bad("X_ERROR(1.5) 0", "bad_probability", 1, 9);
    bad("X_ERROR(nan) 0", "bad_number", 1, 9);
    bad("X_ERROR(1e999) 0", "bad_number", 1, 9);
    bad("PAULI_CHANNEL_1(0.5,0.5,0.5) 0", "bad_arguments", 1, 16);
    bad("H(1) 0", "bad_arguments", 1, 2);
    bad("MPP X0*Z0", "not_hermitian", 1, 5);
    bad("MPP X0*", "bad_target", 1, 7);
    bad("MPP X0 *Y1*", "bad_target", 1, 11);
    bad("E(0.1) X0 Y0", "duplicate_qubit", 1, 11);
    bad("H 0\nELSE_CORRELATED_ERROR(0.1) X0", "no_chain", 2, 1);
    bad("TICK 0", "bad_target", 1, 6);
    bad("MPAD 2", "bad_target", 1, 6);
    bad("OBSERVABLE_INCLUDE(0.5)", "bad_arguments", 1, 19);
    bad("REPEAT 0 {\n}", "bad_repeat", 1, 8);
    bad("REPEAT 5\n{\n}", "bad_repeat", 1, 9);
    bad("H 0\nREPEAT 5 {\nH 0\n", "unclosed_block", 2, 1);
    bad("}\n", "unopened_block", 1, 1);
    bad("H 0 {\n}", "unexpected_block", 1, 5);
    bad("H 99999999999999", "too_many_qubits", 1, 3);
    bad("H[x 0\nH 0", "bad_tag", 1, 2);
    bad("€ 0", "unexpected_character", 1, 1);
    bad(&"REPEAT 2 {\n".repeat(70), "nesting", 65, 1);
    let limits = ReadLimits { targets: 10, ..ReadLimits::default() };
    assert_eq!(read(&"H 0\n".repeat(11), &limits).unwrap_err()[0].code, "too_many_targets");
    assert_eq!(read(&"H 0 0 X\n".repeat(100), &ReadLimits::default()).unwrap_err().len(), 20);
}

#[test]
fn a_product_may_name_a_qubit_twice_where_it_stays_hermitian() {
    assert_eq!(good("MPP X0*X0*Z1"), "MPP X0*X0*Z1\n");
    let circuit = read("MPP X0*Y0*Z0*Y1*X1*Z1", &ReadLimits::default()).unwrap();
    let Item::Instruction(i) = &circuit.items[0] else { panic!("a block") };
    // XYZ = i and YXZ = -i.
    let product = crate::circuit::product(&i.targets).unwrap();
    assert_eq!((product.factors.len(), product.inverted), (0, false));
}

#[test]
fn sizes_count_the_turns_of_loops() {
    let text = "REPEAT 1000 {\n REPEAT 1000 {\n  M 0 5\n  DETECTOR rec[-2]\n }\n}\nOBSERVABLE_INCLUDE(4) rec[-2000000]";
    let s = read(text, &ReadLimits::default()).unwrap().summary();
    assert_eq!((s.num_qubits, s.num_measurements, s.num_detectors), (6, 2_000_000, 1_000_000));
    assert_eq!((s.num_observables, s.lookback, s.noisy), (5, 2_000_000, false));
}
