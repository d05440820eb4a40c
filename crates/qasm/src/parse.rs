//! Text to syntax tree: recursive descent for statements, operator precedence for expressions.
//!
//! Parsing never fails. A statement that cannot be read becomes [`StmtKind::Error`] with one
//! diagnostic, and reading goes on behind it. What depends on meaning (types, scopes, where a
//! `break` may stand) is checked later: a fragment with undeclared names parses.

mod expr;
mod stmt;
mod types;

use std::sync::Arc;

use crate::ast::{Ast, Name, Stmt, StmtKind, Version};
use crate::diagnostic::Diagnostic;
use crate::lex::{self, Kw, Tok, Token};
use crate::span::Span;

/// Deepest nesting of blocks and brackets.
pub const MAX_DEPTH: u32 = 128;
/// Greatest height of the tree of an expression. `1 + 1 + 1` nests its operators without brackets.
pub const MAX_HEIGHT: u32 = 500;
/// Errors reported of one text; what follows is counted.
pub const MAX_ERRORS: usize = 100;
/// Likewise of warnings, which are not counted further.
const MAX_WARNINGS: usize = 100;
/// Largest text, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// A text, read.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub ast: Ast,
    /// In order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// For the formatter and for coloring; ends with [`Tok::Eof`].
    pub tokens: Vec<Token>,
    pub comments: Vec<Span>,
}

/// The error was reported; skip to the next statement.
pub(crate) struct Reported;

type Parse<T> = Result<T, Reported>;

/// Reads a program in the version that its first line names. Without that line it is OpenQASM 3,
/// or 2 if it declares registers or includes a library as only version 2 does.
pub fn parse(text: &str) -> Parsed {
    parse_source(&Arc::from(text), None)
}

/// Reads a file in the language of the one that includes it, unless it says otherwise.
pub(crate) fn parse_source(source: &Arc<str>, version: Option<Version>) -> Parsed {
    if source.len() > MAX_SOURCE_BYTES {
        let message =
            format!("the text has {} bytes; at most {MAX_SOURCE_BYTES} are read", source.len());
        return Parsed {
            ast: Ast {
                source: Arc::from(""),
                version: Version::V3,
                version_span: None,
                items: Vec::new(),
            },
            diagnostics: vec![Diagnostic::error("source_too_long", Span::default(), message)],
            tokens: vec![Token { kind: Tok::Eof, span: Span::default() }],
            comments: Vec::new(),
        };
    }
    let (detected, guessed) = match (version_number(source), version) {
        (Some(2), _) => (Version::V2, false),
        (None, Some(v)) => (v, false),
        (None, None) if smells_of_version_2(source) => (Version::V2, true),
        (Some(_), _) | (None, None) => (Version::V3, false),
    };
    let lexed = lex::lex(source, detected);
    let mut parser = Parser {
        text: source,
        tokens: &lexed.tokens,
        at: 0,
        version: detected,
        depth: 0,
        height: 0,
        num_errors: lexed.diagnostics.len(),
        diagnostics: lexed.diagnostics,
        last_error: None,
        suppressed: false,
    };
    let (version_span, items) = parser.program();
    let mut diagnostics = parser.diagnostics;
    if parser.suppressed {
        let end = Span::at(to_u32(source.len()));
        let message = format!("more than {MAX_ERRORS} errors: the rest is not checked");
        diagnostics.push(Diagnostic::note("more_errors", end, message));
    }
    if guessed {
        diagnostics.push(
            Diagnostic::note("version_guessed", Span::default(), "no version line: read as OpenQASM 2.0, as it declares registers with `qreg` or `creg`")
                .help("write `OPENQASM 2.0;` or `OPENQASM 3.0;` as the first line"),
        );
    }
    diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    let ast = Ast { source: Arc::clone(source), version: detected, version_span, items };
    Parsed { ast, diagnostics, tokens: lexed.tokens, comments: lexed.comments }
}

/// The major number in the version line, if the text begins with one.
fn version_number(text: &str) -> Option<u32> {
    let rest = skip_blanks_and_comments(text).strip_prefix("OPENQASM")?;
    let rest = skip_blanks_and_comments(rest);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some(rest[..digits].parse().unwrap_or(3))
}

fn skip_blanks_and_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if let Some(rest) = text.strip_prefix("//") {
            text = rest.find(['\n', '\r']).map_or("", |i| &rest[i..]);
        } else if let Some(rest) = text.strip_prefix("/*") {
            match rest.find("*/") {
                Some(i) => text = &rest[i + 2..],
                None => return "",
            }
        } else {
            return text;
        }
    }
}

/// Registers in the old style or `qelib1.inc`, and nothing that only version 3 has.
fn smells_of_version_2(text: &str) -> bool {
    if !["qreg", "creg", "qelib1.inc"].iter().any(|s| text.contains(s)) {
        return false;
    }
    let lexed = lex::lex(text, Version::V3);
    let mut old = false;
    for t in &lexed.tokens {
        match t.kind {
            Tok::Kw(Kw::Qreg | Kw::Creg) => old = true,
            Tok::Str => match text[t.span.range()].trim_matches(['"', '\'']) {
                "qelib1.inc" => old = true,
                "stdgates.inc" => return false,
                _ => {}
            },
            Tok::Kw(
                Kw::OpenQasm
                | Kw::Include
                | Kw::Gate
                | Kw::If
                | Kw::Reset
                | Kw::Measure
                | Kw::Barrier,
            ) => {}
            Tok::Kw(_)
            | Tok::Annotation
            | Tok::Pragma
            | Tok::Hardware
            | Tok::BitString
            | Tok::Imaginary
            | Tok::Timing
            | Tok::P("{" | "}" | "@" | "=" | "**" | "++" | "&&" | "||" | "!" | "~")
                if !is_brace(t.kind) =>
            {
                return false;
            }
            _ => {}
        }
    }
    old
}

fn is_brace(kind: Tok) -> bool {
    matches!(kind, Tok::P("{" | "}"))
}

pub(crate) struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    version: Version,
    depth: u32,
    /// Height of the tree of what was read of the expression so far: later passes recurse over it.
    height: u32,
    diagnostics: Vec<Diagnostic>,
    /// Among `diagnostics`; the rest are warnings.
    num_errors: usize,
    last_error: Option<u32>,
    suppressed: bool,
}

impl Parser<'_> {
    fn kind(&self) -> Tok {
        self.tokens[self.at].kind
    }

    fn kind_at(&self, ahead: usize) -> Tok {
        self.tokens.get(self.at + ahead).map_or(Tok::Eof, |t| t.kind)
    }

    fn span(&self) -> Span {
        self.tokens[self.at].span
    }

    fn prev_end(&self) -> u32 {
        self.at.checked_sub(1).map_or(0, |i| self.tokens[i].span.end)
    }

    /// From `start` to the end of the last token read.
    fn since(&self, start: Span) -> Span {
        Span { start: start.start, end: self.prev_end().max(start.start) }
    }

    fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    fn token_text(&self) -> &str {
        self.slice(self.span())
    }

    fn advance(&mut self) -> Span {
        let span = self.span();
        if self.kind() != Tok::Eof {
            self.at += 1;
        }
        span
    }

    fn is(&self, p: &'static str) -> bool {
        self.kind() == Tok::P(p)
    }

    fn is_kw(&self, kw: Kw) -> bool {
        self.kind() == Tok::Kw(kw)
    }

    fn eat(&mut self, p: &'static str) -> bool {
        let found = self.is(p);
        if found {
            self.at += 1;
        }
        found
    }

    fn eat_kw(&mut self, kw: Kw) -> bool {
        let found = self.is_kw(kw);
        if found {
            self.at += 1;
        }
        found
    }

    fn report(&mut self, d: Diagnostic) -> Reported {
        // One error per place: what follows from the first is noise.
        let here = d.span.start;
        if self.last_error == Some(here) || self.kind() == Tok::Error {
            self.last_error = Some(here);
        } else if self.num_errors >= MAX_ERRORS {
            self.suppressed = true;
        } else {
            self.last_error = Some(here);
            self.num_errors += 1;
            self.diagnostics.push(d);
        }
        Reported
    }

    /// What stands here, for messages.
    fn found(&self) -> String {
        match self.kind() {
            Tok::Eof => "the end of the text".to_owned(),
            Tok::CalBody => "a calibration".to_owned(),
            _ => format!("`{}`", lex::short(self.token_text())),
        }
    }

    fn expected(&mut self, what: &str) -> Reported {
        let d = Diagnostic::error(
            "syntax",
            self.span(),
            format!("expected {what}, found {}", self.found()),
        );
        self.report(d)
    }

    fn expected_help(&mut self, what: &str, help: impl Into<String>) -> Reported {
        let d = Diagnostic::error(
            "syntax",
            self.span(),
            format!("expected {what}, found {}", self.found()),
        )
        .help(help);
        self.report(d)
    }

    fn expect(&mut self, p: &'static str, context: &str) -> Parse<Span> {
        if self.is(p) {
            return Ok(self.advance());
        }
        Err(self.expected(&format!("`{p}` {context}")))
    }

    /// A `;`. Where it is missing at the end of a line, reading goes on as if it were there.
    fn semicolon(&mut self, after: &str) -> Parse<()> {
        if self.eat(";") {
            return Ok(());
        }
        let gap = Span { start: self.prev_end(), end: self.span().start };
        let at_end = self.kind() == Tok::Eof;
        let new_line = at_end || self.slice(gap).contains(['\n', '\r']);
        let place = if at_end { Span::at(gap.start) } else { self.span() };
        let message = format!("expected `;` after {after}, found {}", self.found());
        let d = Diagnostic::error("syntax", place, message)
            .label(Span::at(gap.start), "`;` belongs here");
        let reported = self.report(d);
        if new_line { Ok(()) } else { Err(reported) }
    }

    fn name(&mut self, what: &str) -> Parse<Name> {
        match self.kind() {
            Tok::Ident => Ok(Name { span: self.advance() }),
            Tok::Kw(kw) => {
                let d = Diagnostic::error(
                    "reserved_word",
                    self.span(),
                    format!("`{}` is a reserved word and cannot be {what}", kw.text()),
                )
                .help(format!("choose another name, such as `{}_`", kw.text().to_lowercase()));
                Err(self.report(d))
            }
            _ => Err(self.expected(what)),
        }
    }

    /// Runs `f` one level deeper.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            let d = Diagnostic::error(
                "nested_too_deep",
                self.span(),
                format!("blocks and brackets nest at most {MAX_DEPTH} deep"),
            );
            return Err(self.report(d));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Comma-separated `item`s up to `close`, which is consumed; a comma may stand before it.
    fn list<T>(
        &mut self,
        close: &'static str,
        what: &str,
        mut item: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        // Most lists are one index or one parameter.
        let mut items = Vec::with_capacity(1);
        loop {
            if self.eat(close) {
                return Ok(items);
            }
            items.push(item(self)?);
            if !self.eat(",") {
                if self.eat(close) {
                    return Ok(items);
                }
                return Err(self.expected(&format!("`,` or `{close}` in {what}")));
            }
        }
    }

    fn program(&mut self) -> (Option<Span>, Vec<Stmt>) {
        let version = self.version_line();
        let mut items = Vec::new();
        loop {
            while self.is("}") {
                let d = Diagnostic::error("syntax", self.span(), "this `}` closes nothing")
                    .help("remove it, or add the `{` that it belongs to");
                self.report(d);
                self.at += 1;
            }
            if self.kind() == Tok::Eof {
                return (version, items);
            }
            if let Some(stmt) = self.statement_or_recover() {
                items.push(stmt);
            }
        }
    }

    fn version_line(&mut self) -> Option<Span> {
        if !self.is_kw(Kw::OpenQasm) {
            return None;
        }
        let start = self.advance();
        let number = self.span();
        let version = self.slice(number).to_owned();
        match self.kind() {
            Tok::Int | Tok::Float => {
                self.at += 1;
                let supported = match self.version {
                    Version::V2 => matches!(version.as_str(), "2" | "2.0"),
                    Version::V3 => matches!(version.as_str(), "3" | "3.0" | "3.1"),
                };
                if !supported {
                    let d = Diagnostic::error(
                        "unsupported_version",
                        number,
                        format!("there is no support for OpenQASM {}", lex::short(&version)),
                    )
                    .help("2.0, 3.0 and 3.1 are supported");
                    self.report(d);
                }
                if self.semicolon("the version").is_err() {
                    self.recover();
                }
            }
            _ => {
                self.expected_help("a version number", "write `OPENQASM 3.0;`");
                self.recover();
            }
        }
        Some(self.since(start))
    }

    /// None for an empty statement.
    fn statement_or_recover(&mut self) -> Option<Stmt> {
        if self.num_errors >= MAX_ERRORS {
            // A text with so many errors is not what it was taken for.
            self.suppressed = true;
            self.at = self.tokens.len() - 1;
            return None;
        }
        let start = self.span();
        let before = self.at;
        if self.is(";") {
            if self.diagnostics.len() - self.num_errors < MAX_WARNINGS {
                let message = "nothing stands before this `;`";
                let d = Diagnostic::warning("empty_statement", start, message).help("remove it");
                self.diagnostics.push(d);
            }
            // A row of them is one remark.
            while self.is(";") {
                self.at += 1;
            }
            return None;
        }
        if let Ok(stmt) = self.deeper(Self::statement) {
            return Some(stmt);
        }
        self.recover();
        if self.at == before {
            self.at += 1;
        }
        Some(Stmt { span: self.since(start), annotations: Vec::new(), kind: StmtKind::Error })
    }

    /// Skips to where a statement may begin: behind `;` or a block, or before `}`.
    fn recover(&mut self) {
        loop {
            match self.kind() {
                Tok::Eof | Tok::P("}") => return,
                Tok::P(";") => {
                    self.at += 1;
                    return;
                }
                Tok::P("{") => {
                    self.skip_block();
                    if !self.is(";") && !self.is(",") && !self.is(")") {
                        return;
                    }
                }
                Tok::Annotation | Tok::Pragma if self.at > 0 => return,
                Tok::Kw(kw) if starts_line(kw) && self.on_new_line() => return,
                _ => self.at += 1,
            }
        }
    }

    fn on_new_line(&self) -> bool {
        let gap = Span { start: self.prev_end(), end: self.span().start };
        self.slice(gap).contains(['\n', '\r'])
    }

    /// From `{` behind the matching `}`.
    fn skip_block(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.kind() {
                Tok::Eof => return,
                Tok::P("{") => depth += 1,
                Tok::P("}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

/// Keywords that begin a statement and stand in no other place.
fn starts_line(kw: Kw) -> bool {
    matches!(
        kw,
        Kw::Include
            | Kw::Def
            | Kw::Gate
            | Kw::Let
            | Kw::If
            | Kw::For
            | Kw::While
            | Kw::Qreg
            | Kw::Creg
            | Kw::Qubit
            | Kw::Const
            | Kw::Input
            | Kw::Output
            | Kw::Barrier
            | Kw::Return
            | Kw::Switch
            | Kw::Extern
            | Kw::Defcal
            | Kw::Cal
    )
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
