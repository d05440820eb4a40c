//! Measurements, loops, subroutines, arrays and aliases.

use super::*;

/// Teleportation of `ry(0.6)|0⟩` with feed-forward; the last bit has its distribution.
#[test]
fn measurements_steer_what_follows() {
    let mut b = CircuitBuilder::with_qubits(3).unwrap();
    let c = b.bits("c", 3).unwrap();
    b.gate(Gate::Ry, &[0.6], &[0]).unwrap();
    b.gate(Gate::H, &[], &[1]).unwrap().gate(Gate::Cx, &[], &[1, 2]).unwrap();
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap().gate(Gate::H, &[], &[0]).unwrap();
    b.measure(0, c, 0).unwrap().measure(1, c, 1).unwrap();
    for (bit, gate) in [(1, Gate::X), (0, Gate::Z)] {
        b.push(StatementKind::If {
            condition: Expr::variable(c).at(Expr::int(bit)),
            then: block(vec![gate_on(gate, &[], &[qubit(2)])]),
            otherwise: None,
        });
    }
    b.measure(2, c, 2).unwrap();
    let circuit = b.finish().unwrap();
    assert_eq!(run_flat(&circuit).unwrap_err().kind, RuntimeErrorKind::DependsOnOutcome);
    let one: f64 =
        distribution(&circuit).iter().filter(|(k, _)| k.starts_with('1')).map(|(_, p)| p).sum();
    assert!((one - 0.3_f64.sin().powi(2)).abs() < 1e-12);
}

/// `while (c == 0 && tries < 6) { reset q; ry(2π/3) q; c = measure q; tries += 1; }`
#[test]
fn while_loops_run_until_the_outcome_or_the_count() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.variable("c", Scalar::Bit, Role::Plain).unwrap();
    let tries = b.variable("tries", Scalar::Uint(4), Role::Plain).unwrap();
    let is_zero = Expr::binary(BinaryOp::Eq, Expr::variable(c), Expr::int(0));
    let few = Expr::binary(BinaryOp::Lt, Expr::variable(tries), Expr::int(6));
    b.push(StatementKind::While {
        condition: Expr::binary(BinaryOp::And, is_zero, few),
        body: block(vec![
            StatementKind::Reset(qubit(0)),
            gate_on(Gate::Ry, &[Expr::float(2.0 * PI / 3.0)], &[qubit(0)]),
            StatementKind::Measure { qubits: qubit(0), target: Some(LValue::var(c)) },
            StatementKind::Assign {
                target: LValue::var(tries),
                op: Some(BinaryOp::Add),
                value: Expr::int(1),
            },
        ]),
    });
    let found = distribution(&b.finish().unwrap());
    assert!((found["1"] - (1.0 - 0.25_f64.powi(6))).abs() < 1e-12);
}

/// `def f(int[8] n, qubit q) -> bit { if (n > 2) { x q; return measure q; } return measure q; }`
fn early_return() -> Subroutine {
    let q = || QubitExpr::variable(VarRef::Local(1));
    let measured = || Some(Expr::new(ExprKind::Measure(Box::new(q())), Span::NONE));
    Subroutine {
        name: "f".into(),
        params: vec![
            SubroutineParam { name: "n".into(), kind: ParamKind::Scalar(Scalar::Int(8)) },
            SubroutineParam { name: "q".into(), kind: ParamKind::Qubits(None) },
        ],
        returns: Some(Scalar::Bit),
        num_locals: 2,
        local_names: Vec::new(),
        body: Some(block(vec![
            StatementKind::If {
                condition: Expr::binary(BinaryOp::Gt, local(0), Expr::int(2)),
                then: block(vec![gate_on(Gate::X, &[], &[q()]), StatementKind::Return(measured())]),
                otherwise: None,
            },
            StatementKind::Return(measured()),
        ])),
        span: Span::NONE,
    }
}

fn call_f(n: i64, q: u32) -> Expr {
    let args = vec![Argument::Value(Expr::int(n)), Argument::Qubits(qubit(q))];
    Expr::new(
        ExprKind::Call(Box::new(Call { subroutine: SubroutineId(0), args, span: Span::NONE })),
        Span::NONE,
    )
}

#[test]
fn subroutines_measure_inside_of_expressions() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 2).unwrap();
    let d = b.variable("d", Scalar::Bool, Role::Plain).unwrap();
    b.subroutine(early_return()).unwrap();
    let assign = |target, value| StatementKind::Assign { target, op: None, value };
    b.push(assign(LValue::at(c, Expr::int(0)), call_f(1, 0)));
    b.push(assign(LValue::at(c, Expr::int(1)), call_f(5, 0)));
    // The second call must not run: it would flip qubit 1.
    let never = Expr::binary(BinaryOp::And, call_f(0, 1), call_f(3, 1));
    b.push(assign(LValue::var(d), never));
    b.push(StatementKind::Measure { qubits: qubit(1), target: Some(LValue::at(c, Expr::int(0))) });
    let circuit = b.finish().unwrap();
    assert_eq!(distribution(&circuit), BTreeMap::from([("10".into(), 1.0)]));
}

#[test]
fn measured_bits_are_followed_through_subroutines_when_flattened() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 3).unwrap();
    b.subroutine(early_return()).unwrap();
    let assign =
        |i, value| StatementKind::Assign { target: LValue::at(c, Expr::int(i)), op: None, value };
    b.push(StatementKind::Reset(qubit(0)));
    b.push(assign(2, call_f(5, 0)));
    b.push(assign(0, Expr::literal(Value::Bit(true))));
    b.push(assign(1, call_f(1, 1)));
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    assert_eq!(
        flat.clbits,
        [BitSource::Constant(true), BitSource::Record(1), BitSource::Record(0)]
    );
    assert_eq!(flat.terminal, [true, true]);
    assert!(flat.is_terminal(), "the reset of a fresh qubit is left out");
}

#[test]
fn a_measurement_is_terminal_if_its_qubit_rests_afterwards() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 2).unwrap();
    b.gate(Gate::H, &[], &[0]).unwrap().measure(0, c, 0).unwrap();
    b.gate(Gate::H, &[], &[1]).unwrap().measure(1, c, 1).unwrap();
    b.push(StatementKind::Barrier(Vec::new()));
    let flat = run_flat(&b.clone().finish().unwrap()).unwrap();
    assert!(flat.is_terminal());
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap();
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    assert_eq!(flat.terminal, [false, false]);
}

#[test]
fn mutable_arrays_are_written_back_and_readonly_ones_are_not() {
    let element = Scalar::Int(8);
    let array = |mutable| ParamKind::Array { element, shape: ArrayShape::NumDims(1), mutable };
    let fill = Subroutine {
        name: "fill".into(),
        params: vec![
            SubroutineParam { name: "a".into(), kind: array(true) },
            SubroutineParam { name: "b".into(), kind: array(false) },
        ],
        returns: None,
        num_locals: 3,
        local_names: Vec::new(),
        body: Some(block(vec![StatementKind::For {
            var: VarRef::Local(2),
            ty: Scalar::UINT,
            over: range(
                Expr::int(0),
                Expr::binary(
                    BinaryOp::Sub,
                    Expr::new(ExprKind::SizeOf(Box::new(local(0)), None), Span::NONE),
                    Expr::int(1),
                ),
            ),
            body: block(vec![
                StatementKind::Assign {
                    target: LValue::at(VarRef::Local(0), local(2)),
                    op: None,
                    value: Expr::binary(BinaryOp::Add, local(2), local(1).at(local(2))),
                },
                StatementKind::Assign {
                    target: LValue::at(VarRef::Local(1), local(2)),
                    op: None,
                    value: Expr::int(99),
                },
            ]),
        }])),
        span: Span::NONE,
    };
    let mut b = CircuitBuilder::new();
    let x = b.variable("x", Type::array(element, &[3]), Role::Plain).unwrap();
    let y = b.variable("y", Type::array(element, &[3]), Role::Plain).unwrap();
    let f = b.subroutine(fill).unwrap();
    let list =
        Expr::new(ExprKind::Array(vec![Expr::int(1), Expr::int(2), Expr::int(3)]), Span::NONE);
    b.push(StatementKind::Declare { var: y, ty: Type::array(element, &[3]), init: Some(list) });
    let args = vec![Argument::Reference(LValue::var(x)), Argument::Value(Expr::variable(y))];
    b.push(StatementKind::Call(Call { subroutine: f, args, span: Span::NONE }));
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    assert_eq!(machine.next(), Ok(Step::Done));
    let values: Vec<Vec<i128>> = machine
        .variables()
        .map(|(_, v)| match v {
            Value::Array(a) => a.data.iter().map(|v| v.as_integer().unwrap()).collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(values, [[1, 3, 5], [1, 2, 3]]);
}

#[test]
fn switch_break_continue_and_end_take_their_ways() {
    let mut b = CircuitBuilder::with_qubits(4).unwrap();
    let c = b.bits("c", 4).unwrap();
    let q = || QubitExpr::register(RegisterId(0));
    let i = b.locals(1);
    let at = |n| Expr::binary(BinaryOp::Eq, Expr::variable(i), Expr::int(n));
    let when =
        |n, kind| StatementKind::If { condition: at(n), then: block(vec![kind]), otherwise: None };
    let x = || gate_on(Gate::X, &[], &[q().at(Expr::variable(i))]);
    b.push(StatementKind::For {
        var: i,
        ty: Scalar::INT,
        over: range(Expr::int(0), Expr::int(9)),
        body: block(vec![when(1, StatementKind::Continue), when(3, StatementKind::Break), x()]),
    });
    b.push(StatementKind::Switch {
        value: Expr::variable(i),
        cases: vec![
            Case { values: vec![Expr::int(1)], body: block(vec![StatementKind::End]) },
            Case {
                values: vec![Expr::int(2), Expr::int(3)],
                body: block(vec![gate_on(Gate::X, &[], &[qubit(3)])]),
            },
        ],
        default: Some(block(vec![StatementKind::End])),
    });
    b.push(StatementKind::Measure { qubits: q(), target: Some(LValue::var(c)) });
    b.push(StatementKind::End);
    b.push(gate_on(Gate::X, &[], &[qubit(17)]));
    assert_eq!(distribution(&b.finish().unwrap()), BTreeMap::from([("1101".into(), 1.0)]));
}

#[test]
fn aliases_of_bits_read_and_write_the_bits() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.bits("c", 4).unwrap();
    let d = b.variable("d", Scalar::Bit, Role::Plain).unwrap();
    let alias = b.variable("a", Scalar::Bits(3), Role::Alias).unwrap();
    let items = vec![IndexItem::Set(vec![Expr::int(1), Expr::int(-1)])];
    let parts = vec![LValue { var: c, path: vec![items], span: Span::NONE }, LValue::var(d)];
    b.push(StatementKind::BitAlias { var: alias, parts });
    let assign = |target, value: &str| StatementKind::Assign {
        target,
        op: None,
        value: Expr::literal(Value::Bits(value.parse().unwrap())),
    };
    b.push(assign(LValue::var(alias), "110"));
    b.push(StatementKind::Measure {
        qubits: qubit(0),
        target: Some(LValue::at(alias, Expr::int(2))),
    });
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    let k = BitSource::Constant;
    assert_eq!(flat.clbits, [k(false), k(false), k(false), k(true), BitSource::Record(0)]);
}
