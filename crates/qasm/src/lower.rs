//! Syntax tree to circuit: names, types, sizes and constants are resolved and checked.
//!
//! Nothing is expanded: loops, subroutines and custom gates stay as they are. How much a program
//! expands to is counted, so that a few lines that mean 2^60 gates are refused here.
//!
//! Angles of gates that are constant become numbers; everything else keeps its form. `U` has a real
//! first entry in both versions (the text of OpenQASM 3 has a factor `e^{iθ/2}` that most tools
//! leave out, and that only a control makes visible).

mod consts;
mod decl;
mod expr;
mod gates;
mod index;
mod ketlab;
mod qubits;
mod stmt;
mod symbol;

use std::collections::HashMap;
use std::sync::Arc;

use circuit::{Circuit, Comment, SourceId, Statement, StatementKind, Value, VarRef};

use crate::ast::{Ast, Name, Stmt, StmtKind, Version};
use crate::compile::Options;
use crate::diagnostic::{Diagnostic, nearest};
use crate::library::Library;
use crate::parse::{self, MAX_ERRORS};
use crate::span::{LineIndex, Span};

use symbol::Symbol;

/// Warnings and errors shown of one program.
const MAX_REMARKS: usize = 1_000;

/// Qubits that slices and sets may name in one program, all together.
const MAX_LISTED: u64 = 2_000_000;

/// Files read in one program, each as often as it is included.
const MAX_INCLUDES: usize = 256;

/// A file that is included, read.
struct File {
    name: String,
    ast: Ast,
    /// Of its first syntax error.
    broken: Option<Diagnostic>,
}

/// Lowers a program without syntax errors. The circuit is `None` if the program has errors.
pub(crate) fn lower(
    ast: &Ast,
    comments: &[Span],
    options: &Options,
) -> (Option<Circuit>, Vec<Diagnostic>) {
    let mut files = Vec::new();
    read_includes(ast, options, &mut files);
    let mut l = Lowerer::new(ast, &files, options);
    let mut body = Vec::new();
    l.file(&ast.items, &mut body);
    l.circuit.body.statements = body;
    l.circuit.num_locals = l.frame.num_locals;
    l.circuit.local_names = std::mem::take(&mut l.frame.local_names);
    l.circuit.comments = comments
        .iter()
        .map(|&s| Comment {
            text: ast.text(s).to_owned(),
            span: circuit::Span::new(s.start, s.end),
        })
        .collect();
    if l.suppressed || l.num_errors >= MAX_ERRORS {
        let end = Span::at(u32::try_from(ast.source.len()).unwrap_or(u32::MAX));
        let message = "there are more remarks on this program than are shown";
        l.diagnostics.push(Diagnostic::note("more_errors", end, message));
    }
    let failed = l.diagnostics.iter().any(Diagnostic::is_error);
    ((!failed).then_some(l.circuit), l.diagnostics)
}

/// All files that the program can reach, each once.
fn read_includes(ast: &Ast, options: &Options, files: &mut Vec<File>) {
    let mut queue = include_names(ast);
    let mut total = ast.source.len();
    while let Some(name) = queue.pop() {
        if files.iter().any(|f| f.name == name) {
            continue;
        }
        let Some(text) = options.includes.get(&name) else { continue };
        total += text.len();
        if files.len() >= MAX_INCLUDES || total > options.limits.source_bytes {
            return;
        }
        let parsed = parse::parse_source(&Arc::from(text.as_str()), Some(ast.version));
        queue.extend(include_names(&parsed.ast));
        let broken = parsed.diagnostics.into_iter().find(Diagnostic::is_error);
        files.push(File { name, ast: parsed.ast, broken });
    }
}

fn include_names(ast: &Ast) -> Vec<String> {
    let mut names = Vec::new();
    for stmt in &ast.items {
        if let StmtKind::Include(path) = stmt.kind {
            let name = unquoted(ast.text(path));
            if Library::by_name(name).is_none() {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn unquoted(text: &str) -> &str {
    text.get(1..text.len().saturating_sub(1)).unwrap_or("")
}

/// Where statements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Main,
    Gate,
    Subroutine,
}

/// The body whose slots are being given out.
struct Frame {
    place: Place,
    num_locals: u32,
    /// By slot.
    local_names: Vec<String>,
    returns: Option<circuit::Scalar>,
}

impl Frame {
    /// With the first slots taken by parameters.
    fn new(place: Place, num_params: usize, returns: Option<circuit::Scalar>) -> Self {
        let local_names = vec![String::new(); num_params];
        let num_locals = u32::try_from(num_params).unwrap_or(u32::MAX);
        Self { place, num_locals, local_names, returns }
    }
}

#[derive(Default)]
struct Scope<'a> {
    names: HashMap<&'a str, Symbol>,
    /// Outer scopes show only constants, gates and subroutines from in here.
    boundary: bool,
}

struct Lowerer<'a> {
    options: &'a Options,
    /// Of the file that is being read.
    ast: &'a Ast,
    source: SourceId,
    files: &'a [File],
    circuit: Circuit,
    diagnostics: Vec<Diagnostic>,
    num_errors: usize,
    suppressed: bool,
    /// Outermost first.
    scopes: Vec<Scope<'a>>,
    /// Gates have names of their own: in version 3 a variable `t` does not hide the gate `t`.
    gates: HashMap<&'a str, Symbol>,
    /// Subroutines of this file that were not read yet: they may be called before.
    later: HashMap<&'a str, &'a Stmt>,
    frame: Frame,
    /// Blocks around the statement.
    depth: u32,
    loops: u32,
    /// The gate or subroutine whose body is being read.
    defining: Option<&'a str>,
    libraries: Vec<Library>,
    /// Places of `include` around the file that is being read, with the files.
    including: Vec<(Span, usize)>,
    num_includes: usize,
    /// Values of variables, where the main body has set them and nothing conditional stands before.
    known: HashMap<VarRef, Value>,
    /// Operations so far, expanded.
    operations: u64,
    too_many: bool,
    /// Qubits that slices and sets have named so far, one by one.
    listed: u64,
    num_clbits: u64,
    array_elements: u64,
    /// Registers of physical qubits, by number.
    physical: HashMap<u32, u32>,
    /// Custom gates whose operations are counted, by position.
    gate_costs: Vec<u64>,
    subroutine_costs: Vec<u64>,
}

impl<'a> Lowerer<'a> {
    fn new(ast: &'a Ast, files: &'a [File], options: &'a Options) -> Self {
        let mut l = Self {
            options,
            ast,
            source: SourceId(0),
            files,
            circuit: Circuit::default(),
            diagnostics: Vec::new(),
            num_errors: 0,
            suppressed: false,
            scopes: vec![Scope::default()],
            gates: HashMap::new(),
            later: HashMap::new(),
            frame: Frame::new(Place::Main, 0, None),
            depth: 0,
            loops: 0,
            defining: None,
            libraries: Vec::new(),
            including: Vec::new(),
            num_includes: 0,
            known: HashMap::new(),
            operations: 0,
            too_many: false,
            listed: 0,
            num_clbits: 0,
            array_elements: 0,
            physical: HashMap::new(),
            gate_costs: Vec::new(),
            subroutine_costs: Vec::new(),
        };
        l.declare_builtin_gates();
        l
    }

    fn version(&self) -> Version {
        self.ast.version
    }

    fn text(&self, span: Span) -> &'a str {
        self.ast.text(span)
    }

    fn name(&self, name: Name) -> &'a str {
        self.ast.text(name.span)
    }

    fn span(&self, span: Span) -> circuit::Span {
        circuit::Span { source: self.source, start: span.start, end: span.end }
    }

    fn report(&mut self, mut d: Diagnostic) {
        if let Some(&(include, file)) = self.including.first() {
            d = self.at_include(d, include, file);
        }
        let is_error = d.is_error();
        let full = if is_error {
            self.num_errors >= MAX_ERRORS
        } else {
            self.diagnostics.len() >= MAX_REMARKS
        };
        let here = |o: &Diagnostic| o.span.start == d.span.start && o.is_error();
        if full {
            self.suppressed = true;
        } else if !is_error || !self.diagnostics.iter().any(here) {
            self.num_errors += usize::from(is_error);
            self.diagnostics.push(d);
        }
    }

    /// A remark on an included file, told at the `include` of the main text.
    fn at_include(&self, d: Diagnostic, include: Span, file: usize) -> Diagnostic {
        let inner = self.including.last().map_or(file, |i| i.1);
        let file = &self.files[inner];
        let at = LineIndex::new(&file.ast.source).line_column(&file.ast.source, d.span.start);
        let message =
            format!("in `{}`, line {}, column {}: {}", file.name, at.line, at.column, d.message);
        Diagnostic { message, span: include, labels: Vec::new(), ..d }
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    fn error_help(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, span, message).help(help));
    }

    // ---- names ----

    /// What a name means here.
    fn lookup(&self, name: &str) -> Lookup<'_> {
        let mut crossed = false;
        for scope in self.scopes.iter().rev() {
            if let Some(symbol) = scope.names.get(name) {
                let visible = !crossed || symbol.crosses_into_bodies();
                return if visible { Lookup::Found(symbol) } else { Lookup::Hidden(symbol) };
            }
            crossed |= scope.boundary;
        }
        self.gates.get(name).map_or(Lookup::Missing, Lookup::Found)
    }

    /// What a name means where a gate stands.
    fn lookup_gate(&self, name: &str) -> Lookup<'_> {
        self.gates.get(name).map_or_else(|| self.lookup(name), Lookup::Found)
    }

    fn declare(&mut self, name: Name, symbol: Symbol) {
        let text = self.name(name);
        let at_top = self.scopes.len() == 1;
        let in_scope = self.scopes.last().and_then(|s| s.names.get(text));
        let v2 = self.version() == Version::V2;
        // Library gates give way to variables in version 3, and some of `qelib1.inc` to anything.
        let gate = self.gates.get(text).filter(|g| {
            at_top && !g.is_replaceable() && (v2 || symbol.is_gate() || g.library().is_none())
        });
        if let Some(old) = in_scope.or(gate) {
            let old_span = old.declared();
            let library = old.library();
            let mut d =
                Diagnostic::error("redeclared", name.span, format!("`{text}` is already declared"));
            if let Some(library) = library {
                d = d.help(format!("it is a gate of `{}`; choose another name", library.name()));
            } else if let Some(span) = old_span.filter(|_| self.including.is_empty()) {
                d = d.label(span, "first declared here").help("choose another name");
            }
            self.report(d);
            return;
        }
        if symbol.is_gate() {
            self.gates.insert(text, symbol);
        } else {
            let scope = self.scopes.last_mut().expect("the global scope is always there");
            scope.names.insert(text, symbol);
        }
    }

    /// All names that mean something here, for hints.
    fn visible_names(&self) -> impl Iterator<Item = (&str, &Symbol)> {
        let maps = self.scopes.iter().rev().map(|s| &s.names).chain([&self.gates]);
        maps.flat_map(|map| {
            let mut names: Vec<_> = map.iter().map(|(n, s)| (*n, s)).collect();
            names.sort_unstable_by_key(|(n, _)| *n);
            names
        })
    }

    /// The declared name that was most likely meant. Only the first errors are worth the search.
    fn nearest_name(&self, name: &str, wanted: impl Fn(&Symbol) -> bool) -> Option<String> {
        const SEARCHED_ERRORS: usize = 10;
        const SEARCHED_NAMES: usize = 2_000;
        if self.diagnostics.len() >= SEARCHED_ERRORS {
            return None;
        }
        let names = self.visible_names().filter(|(_, s)| wanted(s)).map(|(n, _)| n);
        nearest(name, names.take(SEARCHED_NAMES)).map(str::to_owned)
    }

    fn unknown_name(&mut self, name: Name, what: &str) {
        let text = self.name(name);
        let near = self.nearest_name(text, |s| !s.is_gate());
        let mut d =
            Diagnostic::error("undefined", name.span, format!("{what} `{text}` is not declared"));
        if let Some(near) = near {
            d = d.help(format!("did you mean `{near}`?"));
        }
        self.report(d);
    }

    fn hidden_name(&mut self, name: Name) {
        let text = self.name(name);
        let (place, help) = match self.frame.place {
            Place::Gate => ("gate", "a gate sees its own parameters and qubits, and constants"),
            _ => ("subroutine", "pass it as an argument, or declare it `const`"),
        };
        self.error_help(
            "not_visible",
            name.span,
            format!("`{text}` is not visible within a {place}"),
            help,
        );
    }

    // ---- scopes ----

    fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(Scope::default());
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        self.scopes.pop();
        result
    }

    /// A fresh slot of the frame.
    fn local(&mut self, name: Name) -> VarRef {
        let slot = self.frame.num_locals;
        let name = self.name(name).to_owned();
        self.frame.local_names.push(name);
        self.frame.num_locals += 1;
        VarRef::Local(slot)
    }

    /// At the top level of the main body, outside all blocks.
    fn is_global(&self) -> bool {
        self.depth == 0 && self.frame.place == Place::Main
    }

    // ---- counting ----

    fn count(&mut self, operations: u64, at: Span) {
        self.operations = self.operations.saturating_add(operations);
        if self.operations > self.options.limits.operations
            && !self.too_many
            && self.frame.place == Place::Main
        {
            self.too_many = true;
            let most = self.options.limits.operations;
            self.error_help(
                "too_many_operations",
                at,
                format!("the program expands to more than {most} operations here"),
                "gates are unrolled, registers broadcast and loops repeated for this count",
            );
        }
    }

    /// Counts what `f` adds apart, and gives it.
    fn counted<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, u64) {
        let before = std::mem::take(&mut self.operations);
        let result = f(self);
        let own = std::mem::replace(&mut self.operations, before);
        (result, own)
    }

    // ---- files ----

    fn items(&mut self, items: &'a [Stmt], out: &mut Vec<Statement>) {
        out.reserve(items.len());
        for stmt in items {
            // More of it would not help, and take long.
            if self.too_many || self.num_errors >= MAX_ERRORS {
                return;
            }
            self.statement(stmt, out);
        }
    }

    /// The items of a file.
    fn file(&mut self, items: &'a [Stmt], out: &mut Vec<Statement>) {
        for stmt in items {
            if let StmtKind::Def(def) = &stmt.kind {
                self.later.entry(self.ast.text(def.name.span)).or_insert(stmt);
            }
        }
        self.items(items, out);
    }

    /// Reads a subroutine that stands further down in this file, if there is one of that name.
    fn read_later(&mut self, name: &str) -> bool {
        let Some(stmt) = self.later.get(name).copied() else { return false };
        let inner = self.scopes.split_off(1);
        // A definition leaves no trace in the frame of the body around it.
        let frame = std::mem::replace(&mut self.frame, Frame::new(Place::Main, 0, None));
        let (depth, loops) = (std::mem::take(&mut self.depth), std::mem::take(&mut self.loops));
        let defining = self.defining.take();
        // What variables hold here may be something else where the definition stands.
        let known = std::mem::take(&mut self.known);
        let mut nothing = Vec::new();
        let ((), _) = self.counted(|l| l.statement(stmt, &mut nothing));
        self.known = known;
        self.defining = defining;
        (self.depth, self.loops) = (depth, loops);
        self.frame = frame;
        self.scopes.extend(inner);
        true
    }

    fn include(&mut self, path: Span, out: &mut Vec<Statement>) {
        let name = unquoted(self.text(path));
        if !self.is_global() {
            self.error("not_global", path, "files are included at the top level alone");
            return;
        }
        if let Some(library) = Library::by_name(name) {
            self.include_library(library, path);
            return;
        }
        if name.starts_with('/') || name.contains("..") || name.contains('\\') || name.contains(':')
        {
            self.error_help(
                "include_path",
                path,
                format!("`{name}` is not a file of this project"),
                "a file is included by its name, without a path out of the project",
            );
            return;
        }
        let Some(index) = self.files.iter().position(|f| f.name == name) else {
            if self.options.includes.contains_key(name) {
                self.error(
                    "too_many_includes",
                    path,
                    "the included files are too many or too long",
                );
            } else {
                self.missing_file(path, name);
            }
            return;
        };
        if self.including.iter().any(|i| i.1 == index) {
            self.error("include_cycle", path, format!("`{name}` includes itself"));
            return;
        }
        self.num_includes += 1;
        if self.num_includes > MAX_INCLUDES {
            self.error(
                "too_many_includes",
                path,
                format!("at most {MAX_INCLUDES} files are included"),
            );
            return;
        }
        let file = &self.files[index];
        self.including.push((path, index));
        let outer = (self.ast, self.source);
        self.ast = &file.ast;
        self.source = SourceId(u16::try_from(self.num_includes).unwrap_or(u16::MAX));
        if let Some(d) = file.broken.clone() {
            self.report(d);
        } else if self.ast.version != outer.0.version {
            let at = self.ast.version_span.unwrap_or_default();
            self.error("version", at, "an included file is in the version of the program");
        } else {
            let outer = std::mem::take(&mut self.later);
            self.file(&file.ast.items, out);
            self.later = outer;
        }
        (self.ast, self.source) = outer;
        self.including.pop();
    }

    fn missing_file(&mut self, path: Span, name: &str) {
        let built_in = ["stdgates.inc", "qelib1.inc", "ketlab.inc"];
        let known = self.options.includes.keys().map(String::as_str).chain(built_in);
        let help = match (nearest(name, known), name) {
            (_, "stdgates.qasm" | "stdgates") => "the library is called `stdgates.inc`".to_owned(),
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, _) => {
                "`stdgates.inc` and `qelib1.inc` are built in; other files are those of the project"
                    .to_owned()
            }
        };
        self.error_help(
            "include_missing",
            path,
            format!("there is no file `{}`", crate::lex::short(name)),
            help,
        );
    }
}

/// What a name means.
enum Lookup<'s> {
    Found(&'s Symbol),
    /// Declared, and not to be used from here.
    Hidden(&'s Symbol),
    Missing,
}

fn statement(kind: StatementKind, span: circuit::Span) -> Statement {
    Statement::new(kind, span)
}
