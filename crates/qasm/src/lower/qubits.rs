//! Qubit operands: registers, aliases, slices, physical qubits.

use std::sync::Arc;

use circuit::classical::index::Selection;
use circuit::{QuantumRegister, Qubit, QubitExpr, QubitExprKind, RegisterId};

use crate::ast::{self, Name};
use crate::lex::{self, Tok};
use crate::span::Span;

use super::symbol::{Known, Qubits, Symbol, Ty};
use super::{Lookup, Lowerer};

impl<'a> Lowerer<'a> {
    /// Qubits that an operand names; `None` after an error.
    pub(super) fn qubits(&mut self, e: &'a ast::Expr) -> Option<Qubits> {
        match &e.kind {
            ast::ExprKind::Name => self.named_qubits(e.span),
            ast::ExprKind::Hardware(n) => self.physical_qubit(*n, e.span),
            ast::ExprKind::Index(base, indices) => self.indexed_qubits(base, indices, e.span),
            ast::ExprKind::Concat(parts) => self.joined_qubits(parts),
            ast::ExprKind::Paren(inner) => self.qubits(inner),
            _ => {
                self.error("not_quantum", e.span, "a qubit or a register is expected here");
                None
            }
        }
    }

    /// Whether an expression is about qubits, without an error if not.
    pub(super) fn names_qubits(&self, e: &ast::Expr) -> bool {
        match &e.kind {
            ast::ExprKind::Name => {
                matches!(
                    self.lookup(self.text(e.span)),
                    Lookup::Found(Symbol::Qubits(..)) | Lookup::Hidden(Symbol::Qubits(..))
                )
            }
            ast::ExprKind::Hardware(_) => true,
            ast::ExprKind::Index(base, _) | ast::ExprKind::Paren(base) => self.names_qubits(base),
            ast::ExprKind::Concat(parts) => parts.iter().any(|p| self.names_qubits(p)),
            _ => false,
        }
    }

    fn named_qubits(&mut self, span: Span) -> Option<Qubits> {
        let name = Name { span };
        let text = self.name(name);
        match self.lookup(text) {
            Lookup::Found(Symbol::Qubits(q, _)) => return Some(q.clone()),
            Lookup::Found(other) => {
                let what = other.what();
                self.error(
                    "not_quantum",
                    span,
                    format!("`{text}` is {what}, not a qubit or a quantum register"),
                );
            }
            Lookup::Hidden(_) => self.hidden_name(name),
            Lookup::Missing => self.unknown_name(name, "the qubit or register"),
        }
        None
    }

    fn indexed_qubits(
        &mut self,
        base: &'a ast::Expr,
        indices: &'a [ast::Expr],
        span: Span,
    ) -> Option<Qubits> {
        let q = self.qubits(base)?;
        if q.single {
            let text = self.text(base.span);
            let is_argument = matches!(q.kind, QubitExprKind::Argument(_));
            let help = if is_argument {
                "the qubits of a gate are single qubits"
            } else {
                "it was declared without a size"
            };
            self.error_help(
                "not_indexable",
                span,
                format!("`{text}` is a single qubit and cannot be indexed"),
                help,
            );
            return None;
        }
        let items = self.index_items(indices);
        let [item] = items.as_slice() else {
            self.error("index_count", span, "a register takes one index");
            return None;
        };
        if !item.single {
            self.count_listed(q.size.unwrap_or(0), span)?;
        }
        let text = self.text(base.span);
        let picked = self.select(item, q.size, || format!("`{}`", lex::short(text))).ok()?;
        if let (Some(Selection::One(i)), QubitExprKind::Register(_), Known::Range(first)) =
            (&picked, &q.kind, &q.known)
        {
            let flat = first + u64::from(*i);
            let qubit = Qubit(u32::try_from(flat).unwrap_or(u32::MAX));
            return Some(Qubits {
                kind: QubitExprKind::Qubit(qubit),
                single: true,
                size: Some(1),
                known: Known::Range(flat),
            });
        }
        let known = match &picked {
            Some(Selection::One(i)) => q.at(*i).map_or(Known::No, Known::Range),
            Some(Selection::Many(many)) => {
                let list: Option<Arc<[u64]>> = many.iter().map(|&i| q.at(i)).collect();
                list.map_or(Known::No, Known::List)
            }
            None => Known::No,
        };
        let size = if item.single { Some(1) } else { picked.as_ref().map(super::index::count) };
        let single = item.single;
        if size == Some(0) {
            self.error("empty_register", span, "this index picks no qubits");
            return None;
        }
        let inner = Box::new(QubitExpr::new(q.kind, self.span(base.span)));
        let items = items.into_iter().map(|i| i.index).collect();
        Some(Qubits { kind: QubitExprKind::Index(inner, items), single, size, known })
    }

    /// `None` past the limit.
    fn count_listed(&mut self, qubits: u32, span: Span) -> Option<()> {
        self.listed += u64::from(qubits);
        if self.listed <= super::MAX_LISTED {
            return Some(());
        }
        if !self.too_many {
            self.too_many = true;
            let message = format!(
                "the slices of the program name more than {} qubits in total",
                super::MAX_LISTED
            );
            self.error("too_many_qubits", span, message);
        }
        None
    }

    fn joined_qubits(&mut self, parts: &'a [ast::Expr]) -> Option<Qubits> {
        let mut exprs = Vec::new();
        let mut size = Some(0u32);
        let mut list = Some(Vec::new());
        let mut all = Vec::new();
        for part in parts {
            let q = self.qubits(part)?;
            self.count_listed(q.size.unwrap_or(0), part.span)?;
            size = size.zip(q.size).and_then(|(a, b)| a.checked_add(b));
            list = match (list, q.size) {
                (Some(mut l), Some(n)) if !matches!(q.known, Known::No) => {
                    l.extend((0..n).filter_map(|i| q.at(i)));
                    Some(l)
                }
                _ => None,
            };
            exprs.push(QubitExpr::new(q.kind.clone(), self.span(part.span)));
            all.push((q, part.span));
        }
        let span = parts
            .first()
            .map_or(Span::default(), |p| p.span)
            .to(parts.last().map_or(Span::default(), |p| p.span));
        if let Some(l) = &list {
            let mut sorted = l.clone();
            sorted.sort_unstable();
            if sorted.windows(2).any(|w| w[0] == w[1]) {
                self.error("duplicate_qubit", span, "a qubit stands twice in this register");
                return None;
            }
        }
        let known = list.map_or(Known::No, |l| Known::List(l.into()));
        Some(Qubits { kind: QubitExprKind::Concat(exprs), single: false, size, known })
    }

    /// `$n`, declared by its first use.
    fn physical_qubit(&mut self, number: Option<u32>, span: Span) -> Option<Qubits> {
        let Some(number) = number else {
            self.error("too_large", span, "there is no physical qubit of such a number");
            return None;
        };
        if !self.physical.contains_key(&number) {
            self.declare_physical_qubits(number, span)?;
        }
        let register = self.physical[&number];
        let first = self.circuit.registers[register as usize].first;
        Some(Qubits {
            kind: QubitExprKind::Register(RegisterId(register)),
            single: true,
            size: Some(1),
            known: Known::Range(first.0.into()),
        })
    }

    /// All of the file at once, so that their order is that of their numbers.
    fn declare_physical_qubits(&mut self, number: u32, span: Span) -> Option<()> {
        let mut numbers: Vec<u32> = lex::lex(&self.ast.source, self.version())
            .tokens
            .iter()
            .filter(|t| t.kind == Tok::Hardware)
            .filter_map(|t| self.text(t.span)[1..].parse().ok())
            .collect();
        numbers.push(number);
        numbers.sort_unstable();
        numbers.dedup();
        for n in numbers {
            if self.physical.contains_key(&n) {
                continue;
            }
            let register = self.add_register(format!("${n}"), 1, true, span)?;
            self.physical.insert(n, register.0);
        }
        Some(())
    }

    /// `None` past the limit.
    pub(super) fn add_register(
        &mut self,
        name: String,
        size: u32,
        single: bool,
        span: Span,
    ) -> Option<RegisterId> {
        let first = self.circuit.num_qubits();
        let most = self.options.limits.qubits;
        if first.checked_add(size).is_none_or(|n| n > most) {
            self.error("too_many_qubits", span, format!("a program has at most {most} qubits"));
            return None;
        }
        let id = RegisterId(u32::try_from(self.circuit.registers.len()).unwrap_or(u32::MAX));
        let span = self.span(span);
        self.circuit.registers.push(QuantumRegister {
            name,
            first: Qubit(first),
            size,
            single,
            span,
        });
        Some(id)
    }

    /// That all operands of one operation have one length, and which; `None` after an error.
    /// `Some(None)` where only a run knows.
    #[expect(clippy::option_option, reason = "an error, not known, known")]
    pub(super) fn broadcast(
        &mut self,
        operands: &[(Qubits, Span)],
        span: Span,
    ) -> Option<Option<u32>> {
        let mut length: Option<(u32, Span)> = None;
        let mut unknown = false;
        for (q, at) in operands.iter().filter(|(q, _)| !q.single) {
            match (q.size, length) {
                (None, _) => unknown = true,
                (Some(n), None) => length = Some((n, *at)),
                (Some(n), Some((m, first))) if n != m => {
                    let d = crate::Diagnostic::error(
                        "size_mismatch",
                        span,
                        format!("registers of {m} and {n} qubits cannot be broadcast together"),
                    )
                    .label(first, format!("{m} qubits"))
                    .label(*at, format!("{n} qubits"))
                    .help("name registers of one length, or single qubits");
                    self.report(d);
                    return None;
                }
                _ => {}
            }
        }
        Some(match length {
            Some((n, _)) => Some(n),
            None if unknown => None,
            None => Some(1),
        })
    }

    /// That no qubit stands twice among the operands of a broadcast position.
    pub(super) fn check_operands(
        &mut self,
        operands: &[(Qubits, Span)],
        length: Option<u32>,
        span: Span,
    ) -> bool {
        for (i, (a, _)) in operands.iter().enumerate() {
            for (b, _) in &operands[i + 1..] {
                let shared = match (&a.known, &b.known, a.single, b.single) {
                    (Known::No, ..) | (_, Known::No, ..) => None,
                    (Known::Range(x), Known::Range(y), s, t) if s == t => (x == y).then_some(*x),
                    (_, _, true, _) => self.contains(b, a.at(0), length),
                    (_, _, _, true) => self.contains(a, b.at(0), length),
                    _ => (0..length.unwrap_or(0))
                        .find_map(|i| a.at(i).filter(|&x| b.at(i) == Some(x))),
                };
                if shared.is_some() {
                    self.error_help(
                        "duplicate_qubit",
                        span,
                        "the same qubit stands twice in this operation",
                        "each operand must be another qubit",
                    );
                    return false;
                }
            }
        }
        true
    }

    #[expect(clippy::unused_self, reason = "reads as the other checks do")]
    fn contains(&self, register: &Qubits, qubit: Option<u64>, length: Option<u32>) -> Option<u64> {
        let qubit = qubit?;
        let n = register.size.or(length).unwrap_or(0);
        match &register.known {
            Known::Range(first) => (*first..first + u64::from(n)).contains(&qubit).then_some(qubit),
            Known::List(list) => list.contains(&qubit).then_some(qubit),
            Known::No => None,
        }
    }

    /// That no qubit stands in two arguments.
    pub(super) fn check_distinct(
        &mut self,
        arguments: &[(Qubits, Span)],
        span: Span,
        place: &str,
    ) -> bool {
        let mut seen: Vec<(u64, u64)> = Vec::new();
        for (q, _) in arguments {
            let n = u64::from(q.size.unwrap_or(0));
            match &q.known {
                Known::Range(first) => seen.push((*first, first + n)),
                Known::List(list) => seen.extend(list.iter().map(|&x| (x, x + 1))),
                Known::No => {}
            }
        }
        seen.sort_unstable();
        if seen.windows(2).any(|w| w[0].1 > w[1].0) {
            self.error("duplicate_qubit", span, format!("the same qubit stands twice {place}"));
            return false;
        }
        true
    }

    /// Of a type without qubits.
    pub(super) fn is_bits(ty: &Ty) -> bool {
        matches!(ty, Ty::Scalar(circuit::Scalar::Bit | circuit::Scalar::Bits(_)))
    }
}
