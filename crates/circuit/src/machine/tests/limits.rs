//! What is bounded, refused and asked for.

use super::*;

#[test]
fn registers_are_broadcast() {
    let mut b = CircuitBuilder::new();
    let (a, c) = (b.qubits("a", 3).unwrap(), b.qubits("b", 3).unwrap());
    b.push(gate_on(Gate::H, &[], &[QubitExpr::register(a)]));
    b.push(gate_on(Gate::Cx, &[], &[QubitExpr::register(a), QubitExpr::register(c)]));
    b.push(gate_on(
        Gate::Cx,
        &[],
        &[QubitExpr::register(a).at(Expr::int(-1)), QubitExpr::register(c)],
    ));
    let steps = unitary_steps(&b.finish().unwrap());
    let on: Vec<Vec<u32>> = steps.iter().map(|u| u.qubits().map(|q| q.0).collect()).collect();
    let want: [&[u32]; 9] =
        [&[0], &[1], &[2], &[0, 3], &[1, 4], &[2, 5], &[2, 3], &[2, 4], &[2, 5]];
    assert_eq!(on, want);
}

fn error_of(build: impl FnOnce(&mut CircuitBuilder)) -> RuntimeErrorKind {
    let mut b = CircuitBuilder::new();
    b.qubits("q", 3).unwrap();
    b.qubits("r", 2).unwrap();
    b.bits("c", 2).unwrap();
    build(&mut b);
    run_flat(&b.finish().unwrap()).unwrap_err().kind
}

#[test]
fn wrong_operands_are_refused_where_they_stand() {
    let q = || QubitExpr::register(RegisterId(0));
    let r = || QubitExpr::register(RegisterId(1));
    let gate = |operands: Vec<QubitExpr>| gate_on(Gate::Cx, &[], &operands);
    let kind = error_of(|b| {
        b.push(gate(vec![q().at(Expr::int(1)), q().at(Expr::int(-2))]));
    });
    assert_eq!(kind, RuntimeErrorKind::DuplicateQubit(1));
    let kind = error_of(|b| {
        b.push(gate(vec![q(), r()]));
    });
    assert_eq!(kind, RuntimeErrorKind::Broadcast { left: 3, right: 2 });
    let kind = error_of(|b| {
        b.push(gate(vec![q().at(Expr::int(0)), q().at(Expr::int(3))]));
    });
    assert!(matches!(
        kind,
        RuntimeErrorKind::Value(crate::classical::ValueError::IndexOutOfRange { index: 3, .. })
    ));
    let kind = error_of(|b| {
        b.push(gate(vec![q()]));
    });
    assert_eq!(kind, RuntimeErrorKind::OperandCount { gate: "cx".into(), expected: 2, found: 1 });
    let kind = error_of(|b| {
        let nan =
            Expr::binary(BinaryOp::Sub, Expr::float(f64::INFINITY), Expr::float(f64::INFINITY));
        b.push(gate_on(Gate::Rx, &[nan], &[q()]));
    });
    assert!(matches!(kind, RuntimeErrorKind::ParamNotFinite { .. }));
    let kind = error_of(|b| {
        b.push(StatementKind::Measure {
            qubits: q(),
            target: Some(LValue::var(VarRef::Global(0))),
        });
    });
    assert_eq!(kind, RuntimeErrorKind::MeasureSize { qubits: 3, bits: 2 });
}

fn machine_error(circuit: &Circuit, limits: Limits) -> RuntimeErrorKind {
    let program = match Program::new(circuit) {
        Ok(program) => program,
        Err(e) => return e.kind,
    };
    let mut machine = match Machine::new(&program, &BTreeMap::new(), limits) {
        Ok(machine) => machine,
        Err(e) => return e.kind,
    };
    loop {
        match machine.next() {
            Ok(Step::Done) => panic!("the program ends"),
            Ok(Step::Measure { .. }) => machine.provide(false),
            Ok(_) => {}
            Err(e) => {
                assert_eq!(
                    machine.next().map_err(|e| e.kind),
                    Err(e.kind.clone()),
                    "an error stays"
                );
                return e.kind;
            }
        }
    }
}

/// `gate gN a { gM a; gM a; }` for 80 levels: 2^80 gates, or 2^80 calls of an empty gate.
#[test]
fn gate_bombs_are_refused_before_they_are_followed() {
    for (leaf, operations) in
        [(vec![gate_on(Gate::X, &[], &[QubitExpr::argument(0)])], true), (Vec::new(), false)]
    {
        let mut b = CircuitBuilder::with_qubits(1).unwrap();
        let mut gate = b.define("g", &[], &["a"], leaf).unwrap();
        for level in 0..80 {
            let twice = StatementKind::Gate(Box::new(call(
                GateRef::Custom(gate),
                &[],
                [],
                [QubitExpr::argument(0)],
            )));
            gate = b.define(&format!("g{level}"), &[], &["a"], vec![twice.clone(), twice]).unwrap();
        }
        b.call(GateRef::Custom(gate), &[], &[], &[0]).unwrap();
        let circuit = b.finish().unwrap();
        let program = Program::new(&circuit).unwrap();
        assert_eq!(program.least_operations(), if operations { u64::MAX } else { 0 });
        let kind = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap_err().kind;
        assert_eq!(matches!(kind, RuntimeErrorKind::TooManyOperations { .. }), operations);
        assert_eq!(matches!(kind, RuntimeErrorKind::TooManyStatements { .. }), !operations);
    }
}

#[test]
fn loops_recursion_and_memory_are_bounded() {
    let limits = Limits {
        max_statements: 10_000,
        max_operations: 1_000,
        max_call_depth: 20,
        max_memory_bytes: 100_000,
    };
    // A loop of 2^63 turns, known beforehand; one that is not; one that never ends.
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let n = b.variable("n", Scalar::INT, Role::Plain).unwrap();
    let i = b.locals(1);
    let x = || block(vec![gate_on(Gate::X, &[], &[qubit(0)])]);
    let long = |stop| StatementKind::For {
        var: i,
        ty: Scalar::INT,
        over: range(Expr::int(0), stop),
        body: x(),
    };
    let mut known = b.clone();
    known.push(long(Expr::int(i64::MAX)));
    let circuit = known.finish().unwrap();
    assert!(Program::new(&circuit).unwrap().least_operations() > 1 << 62);
    assert!(matches!(
        machine_error(&circuit, limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    ));
    let mut unknown = b.clone();
    let max = Expr::int(i64::MAX);
    unknown.push(StatementKind::Assign { target: LValue::var(n), op: None, value: max });
    unknown.push(long(Expr::variable(n)));
    let circuit = unknown.finish().unwrap();
    assert!(matches!(
        machine_error(&circuit, limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    ));
    let mut endless = b.clone();
    endless.push(StatementKind::While { condition: Expr::bool(true), body: Block::default() });
    let kind = machine_error(&endless.finish().unwrap(), limits);
    assert_eq!(kind, RuntimeErrorKind::TooManyStatements { limit: 10_000 });

    let mut recursive = b.clone();
    let call = || Call { subroutine: SubroutineId(0), args: Vec::new(), span: Span::NONE };
    recursive
        .subroutine(Subroutine {
            name: "f".into(),
            params: Vec::new(),
            returns: None,
            num_locals: 0,
            local_names: Vec::new(),
            body: Some(block(vec![StatementKind::Call(call())])),
            span: Span::NONE,
        })
        .unwrap();
    recursive.push(StatementKind::Call(call()));
    assert_eq!(
        machine_error(&recursive.finish().unwrap(), limits),
        RuntimeErrorKind::CallDepth { limit: 20 }
    );

    b.variable("big", Type::array(Scalar::INT, &[u32::MAX, u32::MAX, u32::MAX]), Role::Plain)
        .unwrap();
    assert_eq!(
        machine_error(&b.finish().unwrap(), limits),
        RuntimeErrorKind::Memory { limit: 100_000 }
    );
}

#[test]
fn a_huge_integer_power_of_a_custom_gate_stops_at_the_limit() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let w = define_w(&mut b);
    b.call(GateRef::Custom(w), &[Modifier::Pow(Expr::float(8e15))], &[0.1], &[0, 1]).unwrap();
    let limits = Limits { max_operations: 1_000, ..Limits::default() };
    assert_eq!(
        machine_error(&b.finish().unwrap(), limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    );
}

#[test]
fn inputs_are_asked_for_and_converted() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    b.variable("theta", Scalar::Angle(8), Role::Input).unwrap();
    b.push(gate_on(Gate::Rz, &[global(0)], &[qubit(0)]));
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let new = |inputs: &[(&str, Value)]| {
        let inputs = inputs.iter().map(|(k, v)| (String::from(*k), v.clone())).collect();
        Machine::new(&program, &inputs, Limits::default()).map_err(|e| e.kind)
    };
    assert!(matches!(new(&[]), Err(RuntimeErrorKind::MissingInput { .. })));
    let theta = ("theta", Value::Float(PI / 2.0));
    assert!(matches!(
        new(&[theta.clone(), ("phi", Value::Float(1.0))]),
        Err(RuntimeErrorKind::UnknownInput { .. })
    ));
    assert!(matches!(
        new(&[("theta", Value::Bool(true))]),
        Err(RuntimeErrorKind::InputType { .. })
    ));
    let mut machine = new(&[theta]).unwrap();
    let Ok(Step::Unitary(u)) = machine.next() else { panic!("a gate comes first") };
    assert_eq!(u, UnitaryInstruction::from_gate(Gate::Rz, &[PI / 2.0], &[Qubit(0)]));
}

#[test]
fn invalid_trees_are_refused() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    b.push(StatementKind::Break);
    assert!(b.finish().is_err());
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let own = StatementKind::Gate(Box::new(call(
        GateRef::Custom(GateId(0)),
        &[],
        [],
        [QubitExpr::argument(0)],
    )));
    b.define("g", &[], &["a"], vec![own]).unwrap();
    assert!(b.finish().is_err());
    // Positions that do not exist are errors when they are reached.
    for statement in [
        gate_on(Gate::X, &[], &[QubitExpr::register(RegisterId(7))]),
        gate_on(Gate::X, &[], &[QubitExpr::argument(0)]),
        gate_on(Gate::X, &[], &[QubitExpr::qubit(Qubit(9))]),
        gate_on(Gate::Rx, &[global(5)], &[qubit(0)]),
        StatementKind::Assign {
            target: LValue::var(VarRef::Local(9)),
            op: None,
            value: Expr::int(1),
        },
        StatementKind::Call(Call {
            subroutine: SubroutineId(3),
            args: Vec::new(),
            span: Span::NONE,
        }),
        StatementKind::Return(None),
    ] {
        let mut b = CircuitBuilder::with_qubits(1).unwrap();
        b.push(statement);
        assert!(Arc::strong_count(&Program::new(&b.clone().finish().unwrap()).unwrap()) == 1);
        machine_error(&b.finish().unwrap(), Limits::default());
    }
}

#[test]
fn a_machine_that_is_not_told_the_outcome_says_so() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.bits("c", 1).unwrap();
    b.measure(0, c, 0).unwrap();
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    machine.provide(true);
    assert_eq!(machine.next(), Ok(Step::Measure { qubit: Qubit(0) }));
    assert_eq!(machine.next().unwrap_err().kind, RuntimeErrorKind::OutcomeMissing);
    machine.provide(true);
    machine.provide(false);
    assert_eq!(machine.next(), Ok(Step::Done));
    assert_eq!(machine.clbits().to_string(), "1");
}

#[test]
fn errors_inside_of_gates_name_the_statement_and_stay() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let arg = QubitExpr::argument;
    let same = gate_on(Gate::Cx, &[], &[arg(0), arg(0)]);
    let span = Span::new(10, 20);
    let body = Block::new(vec![Statement::new(same, span)]);
    let id = b.define("g", &[], &["a"], vec![StatementKind::Block(body)]).unwrap();
    b.call(GateRef::Custom(id), &[], &[], &[1]).unwrap();
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    for _ in 0..2 {
        assert_eq!(
            machine.next(),
            Err(RuntimeError::new(RuntimeErrorKind::DuplicateQubit(1), span))
        );
    }
}

#[test]
fn noise_and_post_selection_are_handed_out_and_keep_a_program_from_being_flat() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let noise = |channel, params: &[f64]| {
        let params = params.iter().map(|&p| Expr::float(p)).collect();
        let operands = smallvec::smallvec![QubitExpr::register(RegisterId(0))];
        StatementKind::Noise(Box::new(NoiseCall { channel, params, operands }))
    };
    b.push(noise(NoiseRef::AmplitudeDamping, &[0.25]));
    let mut bad = b.clone();
    bad.push(noise(NoiseRef::BitFlip, &[1.5]));
    b.push(StatementKind::Postselect { qubit: qubit(1), outcome: Expr::int(1) });
    let circuit = b.finish().unwrap();
    assert_eq!(run_flat(&circuit).unwrap_err().kind, RuntimeErrorKind::NotFlat);
    let program = Program::new(&circuit).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    for q in 0..2 {
        let channel = Channel::AmplitudeDamping { gamma: 0.25 };
        assert_eq!(machine.next(), Ok(Step::Noise { channel, qubits: vec![Qubit(q)] }));
    }
    assert_eq!(machine.next(), Ok(Step::Postselect { qubit: Qubit(1), outcome: true }));
    assert_eq!(machine.next(), Ok(Step::Done));
    assert!(matches!(
        machine_error(&bad.finish().unwrap(), Limits::default()),
        RuntimeErrorKind::Invalid(_)
    ));
}

#[test]
fn broadcasting_inside_of_a_gate_is_undone_in_reverse() {
    let arg = QubitExpr::argument;
    let both = || QubitExpr::new(QubitExprKind::Concat(vec![arg(0), arg(1)]), Span::NONE);
    // On one shared qubit the two applications do not commute.
    let body = vec![
        gate_on(Gate::Ch, &[], &[both(), arg(2)]),
        gate_on(Gate::Crx, &[Expr::float(0.4)], &[arg(2), both()]),
    ];
    let build = |modifiers: &[Modifier]| {
        let mut b = CircuitBuilder::with_qubits(3).unwrap();
        let id = b.define("g", &[], &["a", "b", "c"], body.clone()).unwrap();
        b.call(GateRef::Custom(id), modifiers, &[], &[0, 1, 2]).unwrap();
        matrix(&b.finish().unwrap())
    };
    let m = build(&[]);
    assert_close(&build(&[Modifier::Inv]), &m.dagger());
    let steps = [
        UnitaryInstruction::from_gate(Gate::Ch, &[], &[Qubit(0), Qubit(2)]),
        UnitaryInstruction::from_gate(Gate::Ch, &[], &[Qubit(1), Qubit(2)]),
        UnitaryInstruction::from_gate(Gate::Crx, &[0.4], &[Qubit(2), Qubit(0)]),
        UnitaryInstruction::from_gate(Gate::Crx, &[0.4], &[Qubit(2), Qubit(1)]),
    ];
    assert_close(&m, &matrix_of(&steps, &[Qubit(0), Qubit(1), Qubit(2)]));
}
