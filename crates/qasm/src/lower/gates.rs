//! Gate definitions and gate calls.

use circuit::{
    Gate, GateCall, GateDefinition, GateId, GateRef, Modifier, QubitExpr, QubitExprKind, Scalar,
    Statement, StatementKind, VarRef,
};
use smallvec::SmallVec;

use crate::ast::{self, ModifierKind, Name, Version};
use crate::diagnostic::Diagnostic;
use crate::library::Library;
use crate::span::Span;

use super::expr::plural;
use super::symbol::{Access, GateSymbol, Known, Qubits, Symbol, Ty, Variable};
use super::{Frame, Lookup, Lowerer, Place, Scope, ketlab, statement};

/// Most controls that modifiers add to one gate.
const MAX_CONTROLS: u32 = 10_000;

impl<'a> Lowerer<'a> {
    /// What is there without an include.
    pub(super) fn declare_builtin_gates(&mut self) {
        self.gates.insert("U", table_gate(Gate::U, None, false, 0));
        if self.version() == Version::V2 {
            self.gates.insert("CX", table_gate(Gate::Cx, None, false, 0));
        } else {
            let phase = GateSymbol {
                gate: Some(GateRef::GlobalPhase),
                opaque: false,
                num_params: 1,
                ignored_params: 0,
                num_qubits: 0,
                cost: 1,
                library: None,
                replaceable: false,
                declared: None,
            };
            self.gates.insert("gphase", Symbol::Gate(Box::new(phase)));
        }
    }

    pub(super) fn include_library(&mut self, library: Library, path: Span) {
        if self.libraries.contains(&library) {
            self.report(Diagnostic::warning(
                "included_twice",
                path,
                format!("`{}` is already included", library.name()),
            ));
            return;
        }
        self.libraries.push(library);
        for g in library.gates() {
            let symbol = table_gate(g.gate, Some(library), g.replaceable, g.ignored_params);
            let declared =
                self.scopes[0].names.get(g.name).filter(|_| self.version() == Version::V2);
            match self.gates.get(g.name).or(declared) {
                // Two libraries agree on the gates they share; a program's own gate stays.
                Some(Symbol::Gate(old)) if old.library.is_some() || old.declared.is_none() => {}
                Some(_) if g.replaceable => {}
                Some(old) => {
                    let declared = old.declared();
                    let message = format!(
                        "`{}` has a gate `{}`, and the name is already declared",
                        library.name(),
                        g.name
                    );
                    let mut d = Diagnostic::error("redeclared", path, message)
                        .help("include the library first, and choose another name");
                    if let Some(span) = declared {
                        d = d.label(span, "declared here");
                    }
                    self.report(d);
                }
                None => {
                    self.gates.insert(g.name, symbol);
                }
            }
        }
    }

    // ---- definitions ----

    pub(super) fn gate_definition(
        &mut self,
        def: &'a ast::GateDef,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        if !self.is_global() {
            self.error("not_global", span, "gates are defined at the top level alone");
            return;
        }
        let header = Span { start: span.start, end: def.body.span.start.max(span.start) };
        if let Some(gate) = self.table_annotation(annotations, def) {
            let library = None;
            let mut symbol = table_symbol(gate, library, false, 0);
            symbol.declared = Some(def.name.span);
            self.declare(def.name, Symbol::Gate(Box::new(symbol)));
            return;
        }
        let special = self.special_body(annotations, def);
        self.defining = Some(self.name(def.name));
        let (body, cost, frame) = self.gate_body(def);
        self.defining = None;
        let body = match special {
            Some(ketlab::Body::Gate(gate)) => {
                let operands = (0..def.qubits.len()).map(argument).collect();
                let params = (0..def.params.len())
                    .map(|i| circuit::Expr::variable(VarRef::Local(to_u32(i))))
                    .collect();
                let call = GateCall { gate, modifiers: SmallVec::new(), params, operands };
                let call = statement(StatementKind::Gate(Box::new(call)), self.span(header));
                Some(circuit::Block::new(vec![call]))
            }
            Some(ketlab::Body::Opaque) => None,
            None => Some(body),
        };
        self.add_gate(def.name, &def.params, &def.qubits, body, cost, frame, header);
    }

    pub(super) fn opaque(
        &mut self,
        name: Name,
        params: &'a [Name],
        qubits: &'a [Name],
        span: Span,
    ) {
        self.check_names(params, qubits);
        let frame = Frame::new(Place::Gate, params.len(), None);
        self.add_gate(name, params, qubits, None, 1, frame, span);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a definition")]
    fn add_gate(
        &mut self,
        name: Name,
        params: &'a [Name],
        qubits: &'a [Name],
        body: Option<circuit::Block>,
        cost: u64,
        frame: Frame,
        span: Span,
    ) {
        let id = GateId(to_u32(self.circuit.gates.len()));
        let opaque = body.is_none();
        let names = |l: &Self, n: &[Name]| n.iter().map(|&n| l.name(n).to_owned()).collect();
        let definition = GateDefinition {
            name: self.name(name).to_owned(),
            params: names(self, params),
            qubits: names(self, qubits),
            num_locals: frame.num_locals,
            local_names: frame.local_names,
            body,
            span: self.span(span),
        };
        self.circuit.gates.push(definition);
        self.gate_costs.push(cost);
        let symbol = GateSymbol {
            gate: Some(GateRef::Custom(id)),
            opaque,
            num_params: params.len(),
            ignored_params: 0,
            num_qubits: qubits.len(),
            cost,
            library: None,
            replaceable: false,
            declared: Some(name.span),
        };
        self.declare(name, Symbol::Gate(Box::new(symbol)));
    }

    fn check_names(&mut self, params: &'a [Name], qubits: &'a [Name]) {
        let mut seen = std::collections::HashSet::new();
        for &n in params.iter().chain(qubits) {
            if !seen.insert(self.name(n)) {
                let text = self.name(n);
                self.error(
                    "redeclared",
                    n.span,
                    format!("`{text}` stands twice among the parameters"),
                );
            }
        }
    }

    fn gate_body(&mut self, def: &'a ast::GateDef) -> (circuit::Block, u64, Frame) {
        self.check_names(&def.params, &def.qubits);
        let frame = Frame::new(Place::Gate, def.params.len(), None);
        let outer = std::mem::replace(&mut self.frame, frame);
        let mut scope = Scope { boundary: true, ..Scope::default() };
        for (i, &p) in (0..).zip(&def.params) {
            let v = Variable {
                var: VarRef::Local(i),
                ty: Ty::Scalar(Scalar::FLOAT),
                access: Access::GateParam,
                value: None,
                declared: p.span,
            };
            scope.names.insert(self.name(p), Symbol::Variable(Box::new(v)));
        }
        for (i, &q) in (0u32..).zip(&def.qubits) {
            let qubits = Qubits {
                kind: QubitExprKind::Argument(i),
                single: true,
                size: Some(1),
                known: Known::Range(1 << 60 | u64::from(i)),
            };
            scope.names.insert(self.name(q), Symbol::Qubits(qubits, q.span));
        }
        self.scopes.push(scope);
        let mut body = Vec::new();
        let ((), cost) = self.counted(|l| l.items(&def.body.items, &mut body));
        self.scopes.pop();
        let frame = std::mem::replace(&mut self.frame, outer);
        (circuit::Block::new(body), cost, frame)
    }

    // ---- calls ----

    pub(super) fn gate_call(
        &mut self,
        call: &'a ast::GateCall,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let Some(symbol) = self.gate_symbol(call, span) else {
            // Its operands may be wrong as well; they are not what is to be mended first.
            return;
        };
        let text = self.name(call.name);
        let Some((modifiers, controls)) = self.modifiers(&call.modifiers) else { return };
        let args = call.args.as_deref().unwrap_or_default();
        let num_args = symbol.num_params + symbol.ignored_params;
        if args.len() != num_args {
            let message = format!(
                "`{text}` takes {}, and here are {}",
                plural(num_args, "parameter"),
                args.len()
            );
            self.error("parameter_count", span, message);
            return;
        }
        let mut ok = true;
        let mut params = SmallVec::new();
        for arg in args {
            match self.gate_parameter(arg) {
                Some(p) => params.push(p),
                None => ok = false,
            }
        }
        params.truncate(symbol.num_params);
        if let Some(duration) = &call.duration {
            self.duration(duration);
        }
        let mut operands: SmallVec<[(Qubits, Span); 3]> = SmallVec::new();
        for operand in &call.operands {
            match self.qubits(operand) {
                Some(q) => operands.push((q, operand.span)),
                None => ok = false,
            }
        }
        let wanted = symbol.num_qubits + controls as usize;
        if call.operands.len() != wanted {
            let mut d = Diagnostic::error(
                "qubit_count",
                span,
                format!(
                    "`{text}` takes {}, and here are {}",
                    plural(wanted, "qubit"),
                    call.operands.len()
                ),
            );
            if controls > 0 {
                d = d.help(format!(
                    "{} of its own and {}",
                    symbol.num_qubits,
                    plural(controls as usize, "control")
                ));
            }
            self.report(d);
            return;
        }
        if !ok {
            return;
        }
        let Some(length) = self.broadcast(&operands, span) else { return };
        if !self.check_operands(&operands, length, span) {
            return;
        }
        self.count(symbol.cost.saturating_mul(length.unwrap_or(1).into()), span);
        let Some(gate) = symbol.gate else { return };
        let operands =
            operands.into_iter().map(|(q, at)| QubitExpr::new(q.kind, self.span(at))).collect();
        let call = GateCall { gate, modifiers, params, operands };
        out.push(statement(StatementKind::Gate(Box::new(call)), self.span(span)));
    }

    fn gate_symbol(&mut self, call: &'a ast::GateCall, span: Span) -> Option<GateSymbol> {
        let text = self.name(call.name);
        match self.lookup_gate(text) {
            Lookup::Found(Symbol::Gate(g)) => {
                if g.opaque {
                    let help =
                        "an opaque gate has no definition: define it by `gate` to run the program";
                    self.error_help(
                        "opaque_gate",
                        span,
                        format!("`{text}` is opaque and cannot be run"),
                        help,
                    );
                    return None;
                }
                return Some((**g).clone());
            }
            Lookup::Found(Symbol::Subroutine(_)) => {
                let help = format!("qubits are arguments as others are: `{text}(…, q);`");
                self.error_help(
                    "not_a_gate",
                    call.name.span,
                    format!("`{text}` is a subroutine, not a gate"),
                    help,
                );
            }
            Lookup::Found(other) => {
                let what = other.what();
                self.error("not_a_gate", call.name.span, format!("`{text}` is {what}, not a gate"));
            }
            Lookup::Hidden(_) => self.hidden_name(call.name),
            Lookup::Missing => self.unknown_gate(call.name),
        }
        None
    }

    fn unknown_gate(&mut self, name: Name) {
        let text = self.name(name);
        let v2 = self.version() == Version::V2;
        let standard = if v2 { Library::Qelib1 } else { Library::Stdgates };
        let help = if self.defining == Some(text) {
            Some("a gate cannot call itself".to_owned())
        } else if !self.libraries.contains(&standard) && standard.has(text) {
            Some(format!("add `include \"{}\";` at the top", standard.name()))
        } else if Library::Ketlab.has(text) && !self.libraries.contains(&Library::Ketlab) {
            Some(format!(
                "`{}` does not have it; add `include \"ketlab.inc\";`, or define it",
                standard.name()
            ))
        } else {
            let near = self.nearest_name(text, Symbol::is_gate);
            near.map(|n| format!("did you mean `{n}`?"))
        };
        let mut d = Diagnostic::error(
            "unknown_gate",
            name.span,
            format!("there is no gate `{}`", crate::lex::short(text)),
        );
        if let Some(help) = help {
            d = d.help(help);
        }
        self.report(d);
    }

    /// Modifiers, and how many controls they add. `None` after an error.
    fn modifiers(
        &mut self,
        modifiers: &'a [ast::Modifier],
    ) -> Option<(SmallVec<[Modifier; 1]>, u32)> {
        let mut lowered = SmallVec::new();
        let mut controls = 0u32;
        for m in modifiers {
            lowered.push(match &m.kind {
                ModifierKind::Inv => Modifier::Inv,
                ModifierKind::Pow(e) => Modifier::Pow(self.gate_parameter(e)?),
                ModifierKind::Ctrl { count, on } => {
                    let n = match count {
                        None => 1,
                        Some(e) => self.size(e, "the number of controls", MAX_CONTROLS)?,
                    };
                    controls = controls.saturating_add(n);
                    if controls > MAX_CONTROLS {
                        self.error(
                            "too_large",
                            m.span,
                            format!("a gate has at most {MAX_CONTROLS} controls"),
                        );
                        return None;
                    }
                    let count = count.as_ref().map(|_| circuit::Expr::int(n.into()));
                    if *on { Modifier::Ctrl(count) } else { Modifier::NegCtrl(count) }
                }
            });
        }
        Some((lowered, controls))
    }
}

fn table_symbol(
    gate: Gate,
    library: Option<Library>,
    replaceable: bool,
    ignored_params: usize,
) -> GateSymbol {
    let spec = gate.spec();
    GateSymbol {
        gate: Some(GateRef::Table(gate)),
        opaque: false,
        num_params: spec.num_params(),
        ignored_params,
        num_qubits: spec.num_qubits(),
        cost: 1,
        library,
        replaceable,
        declared: None,
    }
}

fn table_gate(
    gate: Gate,
    library: Option<Library>,
    replaceable: bool,
    ignored_params: usize,
) -> Symbol {
    Symbol::Gate(Box::new(table_symbol(gate, library, replaceable, ignored_params)))
}

fn argument(position: usize) -> QubitExpr {
    QubitExpr::argument(to_u32(position))
}

pub(super) fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
