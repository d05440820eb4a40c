//! What is taken over as text: definitions, blocks and comments.

use std::collections::BTreeSet;

use circuit::Span;

use super::{
    Arc, Clbit, Definition, Operation, Parameter, Qubit, ReadError, Reader, Role, Scalar,
    Statement, StatementKind, VarRef, has_word,
};
use crate::command::is_reserved;
use crate::emit::replace_words;
use crate::{expr, gates};

/// Whether the program says that it is OpenQASM 2.
pub(super) fn is_version_2(text: &str) -> bool {
    text.split_once("OPENQASM").is_some_and(|(_, rest)| rest.trim_start().starts_with('2'))
}

impl Reader<'_> {
    /// The text of a place in the main text.
    pub(super) fn slice(&self, span: Span) -> Option<&str> {
        if span.is_none() || span.source.0 != 0 {
            return None;
        }
        self.text.get(span.start as usize..span.end as usize)
    }

    /// The text of a whole statement, with the `;` that ends it.
    fn statement_text(&self, span: Span) -> Option<String> {
        let text = self.slice(span)?.trim();
        let mut out = text.to_owned();
        if !text.ends_with(';') && !text.ends_with('}') {
            let rest = self.text.get(span.end as usize..)?;
            if rest.trim_start().starts_with(';') {
                out.push(';');
            }
        }
        Some(self.modern(&out))
    }

    /// OpenQASM 2 spelled as OpenQASM 3.
    fn modern(&self, text: &str) -> String {
        if !self.version_2 {
            return self.with_new_names(text);
        }
        self.with_new_names(&expr::modernized(text))
    }

    fn with_new_names(&self, text: &str) -> String {
        if self.renamed.is_empty() {
            return text.to_owned();
        }
        replace_words(text, &|word| self.renamed.get(word).cloned())
    }

    /// Parameters, gates, subroutines, constants, and variables that are declared before anything
    /// happens.
    pub(super) fn definitions(&mut self) -> Result<(), ReadError> {
        for gate in &self.circuit.gates {
            if gates::is_standard_word(&gate.name) || self.is_reserved(&gate.name) {
                let new = self.header.fresh_name(&format!("{}_", gate.name));
                self.renamed.insert(gate.name.clone(), new);
            }
        }
        let mut found: Vec<(Span, Definition)> = Vec::new();
        let mut add = |reader: &Self, span: Span, name: &str, params: usize, qubits: usize| {
            let text = reader.statement_text(span).ok_or(ReadError::Elsewhere)?;
            let late =
                reader.circuit.registers.iter().any(|r| has_word(&text, &r.name) && qubits == 0)
                    || reader.header.clbits.iter().any(|r| has_word(&text, &r.name) && qubits == 0);
            let name = reader.renamed.get(name).map_or(name, String::as_str);
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let (num_params, num_qubits) = (count(params), count(qubits));
            let definition = Definition {
                name: name.into(),
                num_params,
                num_qubits,
                text: text.into(),
                late,
                body: None,
            };
            found.push((span, definition));
            Ok(())
        };
        for gate in &self.circuit.gates {
            // An opaque gate cannot be said in OpenQASM 3, nor can it run.
            if gate.body.is_some() {
                let (params, qubits) = (gate.params.len(), gate.qubits.len());
                add(self, self.with_body(gate.span), &gate.name, params, qubits)?;
            }
        }
        for subroutine in &self.circuit.subroutines {
            add(self, self.with_body(subroutine.span), &subroutine.name, 0, 0)?;
        }
        let mut declared = BTreeSet::new();
        let mut begun = false;
        for statement in &self.circuit.body.statements {
            match &statement.kind {
                StatementKind::Declare { var: VarRef::Global(v), init, .. } => {
                    let Some(variable) = self.circuit.variables.get(*v as usize) else { continue };
                    declared.insert(*v);
                    let is_bits = self.bits[*v as usize].is_some();
                    if is_bits || self.is_parameter(*v) {
                        let zero = |e: &circuit::Expr| {
                            e.as_literal().is_some_and(|v| v.as_integer() == Some(0))
                        };
                        begun |= is_bits && init.as_ref().is_some_and(|e| !zero(e));
                    } else if !begun
                        || matches!(variable.role, Role::Const | Role::Input | Role::Output)
                    {
                        add(self, statement.span, &variable.name, 0, 0)?;
                    }
                }
                StatementKind::Alias { .. }
                | StatementKind::Pragma(_)
                | StatementKind::Calibration(_) => {
                    add(self, statement.span, "", 0, 0)?;
                }
                StatementKind::Nop => {}
                _ => begun = true,
            }
        }
        // What is declared without being executed: constants and inputs.
        for (v, variable) in (0..).zip(&self.circuit.variables) {
            let other =
                !declared.contains(&v) && self.bits[v as usize].is_none() && !self.is_parameter(v);
            if other && !matches!(variable.role, Role::Alias) {
                let span = self.around(variable.span);
                add(self, span, &variable.name, 0, 0)?;
            }
        }
        found.sort_by_key(|(span, _)| span.start);
        found.dedup_by(|a, b| a.1.text == b.1.text && a.0.start == b.0.start);
        // What follows a late one may need it.
        let mut late = false;
        for (_, definition) in &mut found {
            late |= definition.late;
            definition.late = late;
        }
        (self.defined, self.header.definitions) =
            found.into_iter().map(|(span, d)| (span, Arc::new(d))).unzip();
        for (v, variable) in (0..).zip(&self.circuit.variables) {
            if self.is_parameter(v) {
                let (name, ty) = (variable.name.as_str().into(), variable.ty.to_string().into());
                self.header.parameters.push(Parameter { name, ty, value: 0.0 });
            }
        }
        self.head_comment();
        Ok(())
    }

    /// A name that OpenQASM 2 leaves free and OpenQASM 3 does not.
    pub(super) fn is_reserved(&self, name: &str) -> bool {
        self.version_2 && is_reserved(name)
    }

    /// An input with a number for a value.
    pub(super) fn is_parameter(&self, variable: u32) -> bool {
        self.circuit.variables.get(variable as usize).is_some_and(|v| {
            let number = matches!(
                v.ty.scalar(),
                Some(Scalar::Float(_) | Scalar::Angle(_) | Scalar::Int(_) | Scalar::Uint(_))
            );
            v.role == Role::Input && number
        })
    }

    /// A declaration with the braces that follow its head, or its `;`.
    pub(super) fn with_body(&self, span: Span) -> Span {
        if span.is_none()
            || span.source.0 != 0
            || self.slice(span).is_some_and(|s| s.ends_with(['}', ';']))
        {
            return span;
        }
        let Some(rest) = self.text.get(span.end as usize..) else { return span };
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(first) = rest[at..].chars().next() {
            let here = &rest[at..];
            at += match first {
                '/' if here.starts_with("//") => here.find('\n').unwrap_or(here.len()),
                '/' if here.starts_with("/*") => here.find("*/").map_or(here.len(), |end| end + 2),
                '"' => here[1..].find('"').map_or(here.len(), |end| end + 2),
                c => c.len_utf8(),
            };
            match first {
                '{' => depth += 1,
                '}' if depth <= 1 => break,
                '}' => depth -= 1,
                ';' if depth == 0 => break,
                _ => {}
            }
        }
        Span { end: span.end.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)), ..span }
    }

    /// The statement around a name, if `span` is not that already.
    pub(super) fn around(&self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let Some(text) = self.text.get(..start).filter(|_| !span.is_none() && span.source.0 == 0)
        else {
            return span;
        };
        let inside = self.slice(span).is_some_and(|s| s.contains(char::is_whitespace));
        if inside {
            return span;
        }
        let from = text.rfind([';', '}', '\n']).map_or(0, |at| at + 1);
        let to = self.text[end..].find(';').map_or(self.text.len(), |at| end + at + 1);
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::new(narrow(from), narrow(to))
    }

    /// Nothing to draw: said by the header, or by a definition.
    pub(super) fn is_declaration(&self, statement: &Statement) -> bool {
        match &statement.kind {
            StatementKind::Declare { var: VarRef::Global(v), init, .. } => {
                if self.bits.get(*v as usize).is_some_and(Option::is_some) {
                    // Bits begin as zeros.
                    return init
                        .as_ref()
                        .is_none_or(|e| e.as_literal().is_some_and(|v| v.as_integer() == Some(0)));
                }
                self.is_parameter(*v)
                    || self.slice(statement.span).is_some_and(|_| {
                        let text = self.statement_text(statement.span).unwrap_or_default();
                        self.header()
                            .definitions
                            .iter()
                            .any(|d| d.num_qubits == 0 && *d.text == *text)
                    })
            }
            StatementKind::Alias { .. }
            | StatementKind::Pragma(_)
            | StatementKind::Calibration(_) => true,
            StatementKind::Nop => statement.annotations.is_none(),
            _ => false,
        }
    }

    /// A statement as a block of text, on the wires it names.
    pub(super) fn block(&self, statement: &Statement) -> Result<Operation, ReadError> {
        let mut span = statement.span;
        for annotation in statement.annotations.iter().flat_map(|a| a.iter()) {
            span = span.to(annotation.span);
        }
        let mut text = self.statement_text(span).ok_or(ReadError::Elsewhere)?;
        // `bit[2] c = "01";` is declared by the header: what is left is to assign.
        if let StatementKind::Declare { var, .. } = &statement.kind
            && self.bits_of(*var).is_some()
            && let VarRef::Global(v) = var
            && let Some((_, value)) = text.split_once('=')
        {
            text = format!("{} ={value}", self.circuit.variables[*v as usize].name);
        }
        let (qubits, clbits) = self.wires_in(&text);
        Ok(Operation::text(&text, &qubits, &clbits))
    }

    /// Wires that a text names. No qubits stand for all of them.
    fn wires_in(&self, text: &str) -> (Vec<Qubit>, Vec<Clbit>) {
        let header = self.header();
        let mut clbits = Vec::new();
        let mut first = 0;
        for register in &header.clbits {
            if has_word(text, &register.name) {
                clbits.extend((first..first + register.size).map(Clbit));
            }
            first += register.size;
        }
        // What reads or sets a variable, ends the program or means all qubits keeps its place among
        // everything.
        let variable = self.circuit.variables.iter().enumerate().any(|(i, v)| {
            let own =
                self.bits[i].is_some() || matches!(v.role, Role::Const | Role::Input | Role::Alias);
            !own && has_word(text, &v.name)
        });
        let compact: String = text.split_whitespace().collect();
        let all = compact.contains("barrier;")
            || text.contains('$')
            || ["end", "break", "continue", "delay", "gphase", "return"]
                .iter()
                .any(|w| has_word(text, w));
        if variable || all {
            return (Vec::new(), clbits);
        }
        let mut qubits = BTreeSet::new();
        let mut first = 0;
        for register in &header.qubits {
            for index in indices(text, &register.name) {
                match index {
                    Some(index) if index < register.size => {
                        qubits.insert(Qubit(first + index));
                    }
                    _ => qubits.extend((first..first + register.size).map(Qubit)),
                }
            }
            first += register.size;
        }
        for (var, list) in &self.aliases {
            let VarRef::Global(v) = var else { continue };
            if self.circuit.variables.get(*v as usize).is_some_and(|v| has_word(text, &v.name)) {
                qubits.extend(list.iter().copied());
            }
        }
        (qubits.into_iter().collect(), clbits)
    }

    // ---- comments ----

    /// Remarks before the first wire stay at the top.
    fn head_comment(&mut self) {
        let registers = self.circuit.registers.iter().map(|r| self.around(r.span).start).min();
        let gates = self.circuit.gates.iter().map(|g| g.span.start).min();
        let end = registers.or(gates).unwrap_or(0);
        let mut lines = Vec::new();
        while let Some(comment) =
            self.circuit.comments.get(self.comment).filter(|c| c.span.start < end)
        {
            if !self.is_in_definition(comment.span) {
                lines.push(strip(&comment.text));
            }
            self.comment += 1;
        }
        self.header.comment = (!lines.is_empty()).then(|| lines.join("\n").into());
    }

    /// Comments that stand between the statement before and this one. One on the line of the
    /// statement before belongs to that.
    pub(super) fn comments_before(&mut self, span: Span) -> Option<String> {
        let mut lines = Vec::new();
        while let Some(comment) = self.circuit.comments.get(self.comment) {
            if span.is_none() || comment.span.start >= span.start {
                break;
            }
            self.comment += 1;
            if self.is_in_definition(comment.span) {
                continue;
            }
            let line = strip(&comment.text);
            self.shown.push(comment.span.start as usize..comment.span.end as usize);
            match self.last {
                Some((column, end)) if self.same_line(end, comment.span) => {
                    self.add_comment(column, &line);
                }
                _ => lines.push(line),
            }
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Comments within a statement stay in its text, or go with it.
    pub(super) fn skip_comments_in(&mut self, span: Span) {
        while self
            .circuit
            .comments
            .get(self.comment)
            .is_some_and(|c| !span.is_none() && c.span.start < span.end)
        {
            self.comment += 1;
        }
    }

    pub(super) fn trailing_comments(&mut self) {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        if let Some(lines) = self.comments_before(Span::new(end, end)) {
            let column = self.columns.len();
            self.add_comment(column, &lines);
        }
    }

    fn is_in_definition(&self, span: Span) -> bool {
        let holds = |s: Span| {
            let whole = self.with_body(s);
            s.source.0 == 0 && whole.start <= span.start && span.end <= whole.end
        };
        self.circuit.gates.iter().any(|g| holds(g.span))
            || self.circuit.subroutines.iter().any(|s| holds(s.span))
    }

    fn same_line(&self, end: usize, span: Span) -> bool {
        self.text.get(end..span.start as usize).is_some_and(|between| !between.contains('\n'))
    }

    pub(super) fn add_comment(&mut self, column: usize, text: &str) {
        self.columns.resize_with(self.columns.len().max(column + 1), Default::default);
        let slot = &mut self.columns[column].comment;
        *slot = Some(match slot {
            Some(old) => format!("{old}\n{text}").into(),
            None => text.into(),
        });
    }
}

/// A comment without its delimiters.
pub(crate) fn strip(text: &str) -> String {
    let inner = text
        .strip_prefix("//")
        .or_else(|| text.strip_prefix("/*").map(|t| t.strip_suffix("*/").unwrap_or(t)));
    // A lone carriage return ends a line too.
    let text = inner.unwrap_or(text).replace("\r\n", "\n");
    let lines: Vec<&str> =
        text.split(['\n', '\r']).map(|l| l.trim().trim_start_matches("* ")).collect();
    lines.join("\n").trim().to_owned()
}

/// For each place where `name` stands: the number in the brackets after it, if that is all of them.
fn indices(text: &str, name: &str) -> Vec<Option<u32>> {
    let mut out = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut from = 0;
    while let Some(at) = text[from..].find(name).map(|at| at + from) {
        let end = at + name.len();
        let alone = !text[..at].ends_with(is_word) && !text[end..].starts_with(is_word);
        if alone {
            let index =
                text[end..].trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
            out.push(index.and_then(|(index, _)| index.trim().parse().ok()));
        }
        from = end;
    }
    out
}
