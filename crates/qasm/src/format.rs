//! The formatter: sets blanks and line breaks, and leaves every token and comment as it is.
//!
//! One statement per line, two blanks per level, at most one empty line between statements. A line
//! break within a statement stays. It works on tokens, so that nothing can be lost, and formatting
//! twice is formatting once.

use crate::ast::Version;
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, Tok, Token};
use crate::parse::{self, Parsed};
use crate::span::Span;

/// The text, formatted; or its syntax errors.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse::parse(text);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(parsed.diagnostics);
    }
    Ok(format_parsed(&parsed))
}

/// A text without syntax errors, formatted.
pub(crate) fn format_parsed(parsed: &Parsed) -> String {
    let mut f = Formatter {
        text: &parsed.ast.source,
        version: parsed.ast.version,
        out: String::with_capacity(parsed.ast.source.len() + 64),
        stack: Vec::new(),
        indent: 0,
        pending: false,
        in_statement: false,
        fresh: false,
        calibration: false,
        previous: Vec::new(),
        apart: false,
        end: 0,
    };
    let mut comments = parsed.comments.iter().peekable();
    for token in &parsed.tokens {
        while let Some(c) = comments.next_if(|c| c.start < token.span.start) {
            f.comment(*c);
        }
        if token.kind != Tok::Eof {
            f.token(*token);
        }
    }
    for c in comments {
        f.comment(*c);
    }
    if !f.out.is_empty() {
        f.out.push('\n');
    }
    f.out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Statements, each on its line.
    Block,
    /// Statements within an expression: `durationof({ … })`.
    Inline,
    /// The body of a calibration, left as it is.
    Raw,
    /// The value of an array, or a set.
    List,
    Round,
    Square,
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts about the place")]
struct Formatter<'a> {
    text: &'a str,
    version: Version,
    out: String,
    stack: Vec<Bracket>,
    indent: usize,
    /// A line break is due before what follows.
    pending: bool,
    in_statement: bool,
    /// A block was opened, and nothing stands in it so far.
    fresh: bool,
    /// Within `cal` or `defcal`.
    calibration: bool,
    /// Kinds of the last tokens, the last at the end; at most three.
    previous: Vec<(Tok, bool)>,
    /// The last item was a comment, or took the rest of its line.
    apart: bool,
    /// Where the last item ended.
    end: u32,
}

impl Formatter<'_> {
    fn newlines_before(&self, at: u32) -> usize {
        let gap = self.text.get(self.end as usize..at as usize).unwrap_or("");
        // Most gaps are a blank or nothing.
        if !gap.contains(['\n', '\r']) {
            return 0;
        }
        gap.replace("\r\n", "\n").matches(['\n', '\r']).count()
    }

    fn last(&self) -> Option<Tok> {
        self.previous.last().map(|p| p.0)
    }

    fn break_line(&mut self, blank: bool, closing: bool) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if !self.out.is_empty() {
            self.out.push('\n');
            if blank {
                self.out.push('\n');
            }
        }
        let deeper = usize::from(self.in_statement && !closing);
        for _ in 0..self.indent + deeper {
            self.out.push_str("  ");
        }
        self.pending = false;
    }

    fn comment(&mut self, span: Span) {
        let newlines = self.newlines_before(span.start);
        let text = self.text[span.range()].trim_end().replace("\r\n", "\n").replace('\r', "\n");
        let is_line = text.starts_with("//");
        if newlines == 0 && !self.out.is_empty() {
            if !self.out.ends_with([' ', '\n']) {
                self.out.push(' ');
            }
        } else {
            let opened = self.fresh;
            self.break_line(newlines >= 2 && !opened && !self.in_statement, false);
        }
        self.out.push_str(&text);
        self.fresh = false;
        self.apart = true;
        // What follows a comment of the block kind on its line stays there.
        let rest = self.text.get(span.end as usize..).unwrap_or("");
        let ends_line = rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r'])
            || rest.trim().is_empty();
        if is_line || ends_line {
            self.pending = true;
        } else if !self.pending {
            self.out.push(' ');
        }
        self.end = span.end;
    }

    fn token(&mut self, token: Token) {
        let newlines = self.newlines_before(token.span.start);
        let kind = self.open_or_close(token.kind);
        let closes = matches!(token.kind, Tok::P("}" | ")" | "]"));
        let block_brace = matches!(kind, Some(Bracket::Block));
        let closes_block = block_brace && token.kind == Tok::P("}");
        let opens_block = block_brace && token.kind == Tok::P("{");
        let opened = self.fresh;
        // Behind the brace itself; a comment or a pragma may end with one too.
        let after_brace = self.out.ends_with('}') && !self.apart;
        let joins = after_brace
            && ((token.kind == Tok::Kw(Kw::Else) && self.last() == Some(Tok::P("}")))
                || (self.pending && matches!(token.kind, Tok::P(")" | "," | ";"))));
        let own_line = matches!(token.kind, Tok::Annotation | Tok::Pragma);
        if closes_block {
            self.in_statement = false;
            if opened && self.out.ends_with('{') {
                self.out.push(' ');
                self.pending = false;
            } else {
                self.break_line(false, true);
            }
        } else if self.pending && !joins {
            let blank = newlines >= 2 && !self.in_statement && !opened;
            self.break_line(blank, closes);
        } else if newlines > 0
            && self.in_statement
            && !opens_block
            && !joins
            && keeps_break(token.kind)
        {
            self.break_line(false, closes);
        } else if self.out.is_empty() || self.out.ends_with(['\n', ' ']) {
            // Nothing to set apart.
        } else if own_line {
            self.break_line(false, false);
        } else if self.space_before(token, kind) {
            self.out.push(' ');
        }
        self.pending = false;
        self.fresh = false;
        self.apart = own_line;
        let text = &self.text[token.span.range()];
        self.out.push_str(if own_line { text.trim_end() } else { text });
        let unary = self.is_unary(token.kind);
        self.previous.push((token.kind, unary));
        if self.previous.len() > 3 {
            self.previous.remove(0);
        }
        self.end = token.span.end;
        self.after(token.kind, kind, own_line);
    }

    fn after(&mut self, token: Tok, kind: Option<Bracket>, own_line: bool) {
        match (token, kind) {
            (Tok::P("{"), Some(Bracket::Block)) => {
                self.indent += 1;
                self.pending = true;
                self.in_statement = false;
                self.fresh = true;
            }
            (Tok::P("}"), Some(Bracket::Block | Bracket::Raw)) => {
                self.pending = true;
                self.in_statement = false;
            }
            (Tok::P(";"), _) if !self.stack.contains(&Bracket::Inline) => {
                self.pending = true;
                self.in_statement = false;
            }
            _ if own_line => {
                self.pending = true;
                self.in_statement = false;
            }
            _ => self.in_statement = true,
        }
    }

    /// Keeps the stack of brackets; the kind of bracket that this token opens or closes.
    fn open_or_close(&mut self, token: Tok) -> Option<Bracket> {
        match token {
            Tok::Kw(Kw::Cal | Kw::Defcal) => {
                self.calibration = true;
                None
            }
            Tok::P("(") => {
                self.stack.push(Bracket::Round);
                Some(Bracket::Round)
            }
            Tok::P("[") => {
                self.stack.push(Bracket::Square);
                Some(Bracket::Square)
            }
            Tok::P("{") => {
                let inside = self.stack.last().copied();
                let raw = std::mem::take(&mut self.calibration);
                let kind = match self.last() {
                    _ if raw => Bracket::Raw,
                    Some(Tok::P("=" | "[") | Tok::Kw(Kw::In)) => Bracket::List,
                    Some(Tok::P("(")) => Bracket::Inline,
                    Some(Tok::P("{" | ","))
                        if matches!(inside, Some(Bracket::List | Bracket::Square)) =>
                    {
                        Bracket::List
                    }
                    _ if self.stack.contains(&Bracket::Inline) => Bracket::Inline,
                    _ => Bracket::Block,
                };
                self.stack.push(kind);
                Some(kind)
            }
            Tok::P(")" | "]" | "}") => {
                let kind = self.stack.pop();
                if kind == Some(Bracket::Block) {
                    self.indent = self.indent.saturating_sub(1);
                }
                kind
            }
            _ => None,
        }
    }

    /// `-x` rather than `a - x`.
    fn is_unary(&self, token: Tok) -> bool {
        match token {
            Tok::P("!" | "~") => true,
            Tok::P("-" | "+") => !matches!(
                self.last(),
                Some(
                    Tok::Ident
                        | Tok::Int
                        | Tok::Float
                        | Tok::Imaginary
                        | Tok::Timing
                        | Tok::BitString
                        | Tok::Hardware
                        | Tok::P(")" | "]" | "}")
                        | Tok::Kw(Kw::True | Kw::False)
                )
            ),
            _ => false,
        }
    }

    fn space_before(&self, token: Token, kind: Option<Bracket>) -> bool {
        let Some(&(last, last_is_unary)) = self.previous.last() else { return false };
        if last_is_unary {
            return false;
        }
        // Products and powers stand close, as in `2*pi/3`; in version 2 a power is `^`.
        let tight = |t: Tok| match t {
            Tok::P("*" | "/" | "**" | ":" | ".") => true,
            Tok::P("^") => self.version == Version::V2,
            _ => false,
        };
        match (last, token.kind) {
            (_, Tok::P(";" | "," | ")" | "]") | Tok::CalBody)
            | (Tok::P("(" | "[") | Tok::CalBody, _) => false,
            (_, Tok::P("}")) => kind == Some(Bracket::Inline),
            (Tok::P("{"), _) => {
                self.stack.last() == Some(&Bracket::Inline)
                    || self.stack.last() == Some(&Bracket::Block)
            }
            (a, b) if tight(b) && !self.is_unary(b) => !can_end(a),
            (a, _) if tight(a) => false,
            (a, Tok::P("(")) => !matches!(a, Tok::Ident | Tok::P("]" | ")")) && !is_call_word(a),
            (a, Tok::P("[")) => !matches!(a, Tok::Ident | Tok::P("]" | ")")) && !is_sized_word(a),
            _ => true,
        }
    }
}

/// A line break before this token, within a statement, is the writer's own.
fn keeps_break(token: Tok) -> bool {
    !matches!(token, Tok::P(";" | ","))
}

/// May stand at the end of an operand.
fn can_end(token: Tok) -> bool {
    !matches!(token, Tok::P("," | "=" | "{"))
}

/// Stands right before `(`.
fn is_call_word(token: Tok) -> bool {
    matches!(
        token,
        Tok::Kw(
            Kw::Gphase
                | Kw::Pow
                | Kw::Ctrl
                | Kw::Negctrl
                | Kw::Inv
                | Kw::Durationof
                | Kw::Bit
                | Kw::Bool
                | Kw::Int
                | Kw::Uint
                | Kw::Float
                | Kw::Angle
                | Kw::Complex
                | Kw::Duration
                | Kw::Stretch
        )
    )
}

/// Stands right before `[`.
fn is_sized_word(token: Tok) -> bool {
    is_call_word(token) || matches!(token, Tok::Kw(Kw::Qubit | Kw::Array | Kw::Delay | Kw::Box))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let once = format(text).unwrap();
        assert_eq!(once, expected);
        assert_eq!(format(&once).unwrap(), once, "twice is once");
    }

    #[test]
    fn each_statement_has_its_line() {
        check("OPENQASM   3.0;qubit[ 2 ]q;bit c ;", "OPENQASM 3.0;\nqubit[2] q;\nbit c;\n");
        check("gate g(a ,b)q{x q;}gate e q{}", "gate g(a, b) q {\n  x q;\n}\ngate e q { }\n");
        check("if(a==1){x q;}else   z q;", "if (a == 1) {\n  x q;\n} else z q;\n");
        check(
            "switch(i){case 0,1{x q;}default{}}",
            "switch (i) {\n  case 0, 1 {\n    x q;\n  }\n  default { }\n}\n",
        );
    }

    #[test]
    fn operators_are_set_apart_and_signs_are_not() {
        check("x=-a+ -1*( b-2 ) ** 2;", "x = -a + -1*(b - 2)**2;\n");
        check("rx( - pi/2 )q[ -1 ];", "rx(-pi/2) q[-1];\n");
        check("let a=b[ 0:2 :  -1 ]++c[{0,1}];", "let a = b[0:2:-1] ++ c[{0, 1}];\n");
        check("ctrl(2)@inv@x a,b,c;", "ctrl(2) @ inv @ x a, b, c;\n");
        check("for int i in[0:3]x q[i];", "for int i in [0:3] x q[i];\n");
        check("measure q->c;c=measure q;", "measure q -> c;\nc = measure q;\n");
        check("array[int[8],2,2]a={{1,2},{3,4}};", "array[int[8], 2, 2] a = {{1, 2}, {3, 4}};\n");
        check("delay[ durationof({x $1;}) ]$0;", "delay[durationof({ x $1; })] $0;\n");
    }

    #[test]
    fn comments_and_empty_lines_stay() {
        check(
            "// a\n\n\n\nqubit q;// b\n/* c */ x q; /* d\n   e */\n",
            "// a\n\nqubit q; // b\n/* c */ x q; /* d\n   e */\n",
        );
        check("gate g q {\n\n// in\n\n x q;\n\n}", "gate g q {\n  // in\n\n  x q;\n}\n");
        check("cx q[0], // first\nq[1];", "cx q[0], // first\n  q[1];\n");
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        check("cal {  a   b }", "cal {  a   b }\n");
        check("@a  b   c\nx q;\n#pragma  p  q  \n", "@a  b   c\nx q;\n#pragma  p  q\n");
    }

    #[test]
    fn broken_text_is_not_touched() {
        assert!(format("x q").is_err());
    }
}
