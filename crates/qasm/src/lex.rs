//! Text to tokens, for both versions of the language.
//!
//! The lexer never fails: what it cannot read becomes [`Tok::Error`] with a diagnostic. Blanks are
//! dropped, comments are kept apart for the formatter. Lines that the grammar gives to others
//! (pragmas, annotations, the bodies of `cal` and `defcal`) are one token each.

use crate::ast::Version;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Longest identifier, in bytes.
pub const MAX_IDENTIFIER_BYTES: usize = 1024;
/// Longest number, in bytes.
pub const MAX_NUMBER_BYTES: usize = 1024;

macro_rules! keywords {
    ($($variant:ident $text:literal $v2:literal,)*) => {
        /// A reserved word. Those of version 3 are plain names in version 2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kw { $($variant,)* }

        impl Kw {
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn parse(text: &str, version: Version) -> Option<Self> {
                let (kw, in_v2) = match text { $($text => (Self::$variant, $v2),)* _ => return None };
                (version == Version::V3 || in_v2).then_some(kw)
            }

            /// All reserved words of a version.
            pub fn all(version: Version) -> impl Iterator<Item = &'static str> {
                [$(($text, $v2)),*].into_iter().filter(move |k| version == Version::V3 || k.1).map(|k| k.0)
            }
        }
    };
}

keywords! {
    OpenQasm "OPENQASM" true, Include "include" true, DefcalGrammar "defcalgrammar" false,
    Def "def" false, Cal "cal" false, Defcal "defcal" false, Gate "gate" true,
    Extern "extern" false, Box "box" false, Let "let" false, Break "break" false,
    Continue "continue" false, If "if" true, Else "else" false, End "end" false,
    Return "return" false, For "for" false, While "while" false, In "in" false,
    Switch "switch" false, Case "case" false, Default "default" false, Nop "nop" false,
    Input "input" false, Output "output" false, Const "const" false, Readonly "readonly" false,
    Mutable "mutable" false, Qreg "qreg" true, Qubit "qubit" false, Creg "creg" true,
    Bool "bool" false, Bit "bit" false, Int "int" false, Uint "uint" false, Float "float" false,
    Angle "angle" false, Complex "complex" false, Array "array" false, Void "void" false,
    Duration "duration" false, Stretch "stretch" false, Gphase "gphase" false, Inv "inv" false,
    Pow "pow" false, Ctrl "ctrl" false, Negctrl "negctrl" false, Durationof "durationof" false,
    Delay "delay" false, Reset "reset" true, Measure "measure" true, Barrier "barrier" true,
    True "true" false, False "false" false,
}

/// `opaque` is reserved in version 2 alone.
pub(crate) const OPAQUE: &str = "opaque";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tok {
    Ident,
    Kw(Kw),
    /// Decimal, `0x`, `0o` or `0b`, with single underscores between digits.
    Int,
    Float,
    /// A number with `im`.
    Imaginary,
    /// A number with a unit of time.
    Timing,
    /// Quoted zeros and ones; the span includes the quotes.
    BitString,
    /// Any other quoted text; the span includes the quotes.
    Str,
    /// `$0`.
    Hardware,
    /// `@name …` to the end of the line.
    Annotation,
    /// `pragma …` or `#pragma …` to the end of the line.
    Pragma,
    /// What stands between the braces of `cal` and `defcal`.
    CalBody,
    /// `#dim`
    Dim,
    /// An operator or a bracket, by its text.
    P(&'static str),
    /// Already reported.
    Error,
    Eof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: Tok,
    pub span: Span,
}

/// What [`lex`] found.
#[derive(Debug, Clone)]
pub struct Lexed {
    /// Ends with [`Tok::Eof`].
    pub tokens: Vec<Token>,
    /// `//…` without the line end, `/*…*/` whole.
    pub comments: Vec<Span>,
    pub diagnostics: Vec<Diagnostic>,
}

/// The longest operator or bracket that three bytes begin with.
fn punctuation(bytes: [u8; 3]) -> Option<&'static str> {
    Some(match bytes {
        [b'[', ..] => "[",
        [b']', ..] => "]",
        [b'{', ..] => "{",
        [b'}', ..] => "}",
        [b'(', ..] => "(",
        [b')', ..] => ")",
        [b':', ..] => ":",
        [b';', ..] => ";",
        [b',', ..] => ",",
        [b'*', b'*', b'='] => "**=",
        [b'<', b'<', b'='] => "<<=",
        [b'>', b'>', b'='] => ">>=",
        [b'-', b'>', _] => "->",
        [b'+', b'+', _] => "++",
        [b'+', b'=', _] => "+=",
        [b'-', b'=', _] => "-=",
        [b'*', b'=', _] => "*=",
        [b'/', b'=', _] => "/=",
        [b'&', b'=', _] => "&=",
        [b'|', b'=', _] => "|=",
        [b'~', b'=', _] => "~=",
        [b'^', b'=', _] => "^=",
        [b'%', b'=', _] => "%=",
        [b'*', b'*', _] => "**",
        [b'|', b'|', _] => "||",
        [b'&', b'&', _] => "&&",
        [b'=', b'=', _] => "==",
        [b'!', b'=', _] => "!=",
        [b'<', b'=', _] => "<=",
        [b'>', b'=', _] => ">=",
        [b'<', b'<', _] => "<<",
        [b'>', b'>', _] => ">>",
        [b'.', ..] => ".",
        [b'=', ..] => "=",
        [b'+', ..] => "+",
        [b'-', ..] => "-",
        [b'*', ..] => "*",
        [b'/', ..] => "/",
        [b'%', ..] => "%",
        [b'|', ..] => "|",
        [b'&', ..] => "&",
        [b'^', ..] => "^",
        [b'@', ..] => "@",
        [b'~', ..] => "~",
        [b'!', ..] => "!",
        [b'<', ..] => "<",
        [b'>', ..] => ">",
        _ => return None,
    })
}

/// Reads `text`, which must be shorter than 4 GiB.
pub fn lex(text: &str, version: Version) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        version,
        out: Lexed {
            tokens: Vec::with_capacity(text.len() / 4),
            comments: Vec::new(),
            diagnostics: Vec::new(),
        },
        cal: false,
    };
    lexer.run();
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    version: Version,
    out: Lexed,
    /// A `cal` or `defcal` was read: the next brace opens a body in another language.
    cal: bool,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(pos(start), pos(self.at))
    }

    fn push(&mut self, kind: Tok, start: usize) {
        let span = self.span_from(start);
        self.out.tokens.push(Token { kind, span });
    }

    fn error(&mut self, code: &'static str, start: usize, message: impl Into<String>, help: &str) {
        let span = self.span_from(start);
        let mut d = Diagnostic::error(code, span, message);
        if !help.is_empty() {
            d = d.help(help);
        }
        // The parser counts what is left out.
        if self.out.diagnostics.len() < crate::parse::MAX_ERRORS {
            self.out.diagnostics.push(d);
        }
        self.out.tokens.push(Token { kind: Tok::Error, span });
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            let start = self.at;
            match self.bytes[self.at] {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => self.at += 1,
                b'/' if self.peek(1) == b'/' => {
                    self.skip_line();
                    let span = self.span_from(start);
                    self.out.comments.push(span);
                }
                b'/' if self.peek(1) == b'*' => self.block_comment(start),
                b'"' => self.string(start, b'"'),
                b'\'' => self.string(start, b'\''),
                b'0'..=b'9' => self.number(start),
                b'.' if self.peek(1).is_ascii_digit() => self.number(start),
                b'$' if self.peek(1).is_ascii_digit() => {
                    self.at += 1;
                    self.digits(|b| b.is_ascii_digit());
                    self.push(Tok::Hardware, start);
                }
                b'#' if self.version == Version::V3 => self.hash(start),
                b'@' if self.annotation_starts() => {
                    self.skip_line();
                    self.push(Tok::Annotation, start);
                }
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.word(start),
                _ => self.punctuation_or_other(start),
            }
        }
        self.push(Tok::Eof, self.bytes.len());
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(rest.len());
    }

    fn block_comment(&mut self, start: usize) {
        if let Some(n) = self.text[start + 2..].find("*/") {
            self.at = start + 2 + n + 2;
            let span = self.span_from(start);
            self.out.comments.push(span);
        } else {
            self.at = start + 2;
            self.error(
                "unterminated_comment",
                start,
                "this comment is never closed",
                "end it with `*/`",
            );
            // Everything after belongs to the comment: more errors would be noise.
            self.at = self.bytes.len();
        }
    }

    fn string(&mut self, start: usize, quote: u8) {
        let rest = &self.bytes[start + 1..];
        let len =
            rest.iter().position(|&b| b == quote || b == b'\n' || b == b'\r').unwrap_or(rest.len());
        self.at = start + 1 + len;
        if self.peek(0) != quote || self.at >= self.bytes.len() {
            let help = if quote == b'"' {
                "close it with `\"` on the same line"
            } else {
                "close it with `'` on the same line"
            };
            self.error("unterminated_string", start, "this text is never closed", help);
            return;
        }
        self.at += 1;
        let inner = &rest[..len];
        let digit = |b: &u8| *b == b'0' || *b == b'1';
        let bits = quote == b'"'
            && inner.first().is_some_and(digit)
            && inner.last().is_some_and(digit)
            && inner.iter().all(|b| digit(b) || *b == b'_')
            && !inner.windows(2).any(|w| w == b"__");
        self.push(if bits { Tok::BitString } else { Tok::Str }, start);
    }

    /// Digits with single underscores between them. False if an underscore is out of place.
    fn digits(&mut self, is_digit: impl Fn(u8) -> bool) -> bool {
        let mut ok = true;
        let mut after_digit = false;
        loop {
            let b = self.peek(0);
            if is_digit(b) {
                after_digit = true;
            } else if b == b'_' {
                ok &= after_digit && is_digit(self.peek(1));
                after_digit = false;
            } else {
                return ok;
            }
            self.at += 1;
        }
    }

    fn number(&mut self, start: usize) {
        let mut kind = Tok::Int;
        let mut ok = true;
        let radix = if self.peek(0) == b'0' { self.peek(1) } else { 0 };
        let digit: fn(u8) -> bool = match radix {
            b'x' | b'X' => |b| b.is_ascii_hexdigit(),
            b'o' | b'O' => |b| (b'0'..=b'7').contains(&b),
            b'b' | b'B' => |b| b == b'0' || b == b'1',
            _ => |b| b.is_ascii_digit(),
        };
        if matches!(radix, b'x' | b'X' | b'o' | b'O' | b'b' | b'B') && self.version == Version::V3 {
            self.at += 2;
            ok &= digit(self.peek(0));
            ok &= self.digits(digit);
        } else {
            if self.peek(0) != b'.' {
                ok &= self.digits(|b| b.is_ascii_digit());
            }
            if self.peek(0) == b'.' {
                kind = Tok::Float;
                self.at += 1;
                if self.peek(0).is_ascii_digit() {
                    ok &= self.digits(|b| b.is_ascii_digit());
                }
            }
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
                kind = Tok::Float;
                self.at += 1 + sign;
                ok &= self.digits(|b| b.is_ascii_digit());
            }
        }
        let number_end = self.at;
        if self.version == Version::V3
            && radix_is_decimal(radix)
            && let Some((unit, len)) = self.suffix()
        {
            self.at += len;
            kind = unit;
        }
        if self.at - start > MAX_NUMBER_BYTES {
            self.error(
                "number_too_long",
                start,
                format!("a number has at most {MAX_NUMBER_BYTES} digits"),
                "",
            );
            return;
        }
        // Letters that touch a number: `3x`, `0x12g`, `1__0`.
        if self.at == number_end && self.char().is_some_and(|c| is_word(c) && !c.is_ascii_digit()) {
            self.skip_word();
            let text = short(&self.text[start..self.at]);
            self.error(
                "bad_number",
                start,
                format!("`{text}` is neither a number nor a name"),
                number_help(radix),
            );
        } else if self.at == number_end && self.peek(0).is_ascii_digit() {
            self.skip_word();
            let text = short(&self.text[start..self.at]);
            self.error(
                "bad_number",
                start,
                format!("`{text}` is not a number of base {}", base(radix)),
                number_help(radix),
            );
        } else if ok {
            self.push(kind, start);
        } else {
            let text = short(&self.text[start..self.at]);
            self.error(
                "bad_number",
                start,
                format!("`{text}` is not a number"),
                "one underscore may stand between two digits",
            );
        }
    }

    /// `im` or a unit of time after a number, with blanks before it.
    fn suffix(&self) -> Option<(Tok, usize)> {
        let rest = &self.bytes[self.at..];
        let blanks = rest.iter().take_while(|&&b| b == b' ' || b == b'\t').count();
        let word = &self.text[self.at + blanks..];
        for (text, kind) in [
            ("im", Tok::Imaginary),
            ("dt", Tok::Timing),
            ("ns", Tok::Timing),
            ("us", Tok::Timing),
            ("µs", Tok::Timing),
            ("μs", Tok::Timing),
            ("ms", Tok::Timing),
            ("s", Tok::Timing),
        ] {
            if let Some(after) = word.strip_prefix(text)
                && !after.chars().next().is_some_and(is_word)
            {
                return Some((kind, blanks + text.len()));
            }
        }
        None
    }

    fn skip_word(&mut self) {
        while let Some(c) = self.char() {
            if !is_word(c) {
                break;
            }
            self.at += c.len_utf8();
        }
    }

    fn word(&mut self, start: usize) {
        // Most names are ASCII: look at bytes until one is not.
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
            self.at += 1;
        }
        if self.peek(0) >= 0x80 {
            self.skip_word();
        }
        if self.at - start > MAX_IDENTIFIER_BYTES {
            self.error(
                "name_too_long",
                start,
                format!("a name has at most {MAX_IDENTIFIER_BYTES} bytes"),
                "",
            );
            return;
        }
        let text = &self.text[start..self.at];
        if let Some(kw) = Kw::parse(text, self.version) {
            self.cal |= matches!(kw, Kw::Cal | Kw::Defcal);
            self.push(Tok::Kw(kw), start);
        } else if text == "pragma" && self.version == Version::V3 {
            self.skip_line();
            self.push(Tok::Pragma, start);
        } else {
            self.push(Tok::Ident, start);
        }
    }

    fn hash(&mut self, start: usize) {
        let rest = &self.text[start + 1..];
        let blank_or_end = |s: &str| !s.chars().next().is_some_and(is_word);
        // The official grammar takes `#pragmatic` for a pragma as well.
        if rest.starts_with("pragma") {
            self.skip_line();
            self.push(Tok::Pragma, start);
        } else if rest.strip_prefix("dim").is_some_and(blank_or_end) {
            self.at += 4;
            self.push(Tok::Dim, start);
        } else {
            self.at += 1;
            self.error(
                "unknown_character",
                start,
                "`#` begins `#pragma` or `#dim`, nothing else",
                "a comment begins with `//`",
            );
        }
    }

    /// An `@` that touches a name begins an annotation, unless a gate modifier stands before it.
    fn annotation_starts(&self) -> bool {
        if self.version != Version::V3 {
            return false;
        }
        let name = self.text[self.at + 1..]
            .chars()
            .next()
            .is_some_and(|c| is_word(c) && !c.is_ascii_digit());
        let after_modifier = self.out.tokens.last().is_some_and(|t| {
            matches!(t.kind, Tok::P(")") | Tok::Kw(Kw::Inv | Kw::Pow | Kw::Ctrl | Kw::Negctrl))
        });
        name && !after_modifier
    }

    fn punctuation_or_other(&mut self, start: usize) {
        if let Some(p) = punctuation([self.peek(0), self.peek(1), self.peek(2)]) {
            self.at += p.len();
            self.push(Tok::P(p), start);
            if self.cal && p == "{" {
                self.cal = false;
                self.cal_body();
            } else if p == ";" {
                self.cal = false;
            }
            return;
        }
        let Some(c) = self.char() else { return };
        if c.is_alphabetic() {
            self.word_unicode(start);
            return;
        }
        self.at += c.len_utf8();
        if c.is_whitespace() || c == '\u{feff}' {
            return;
        }
        // A run of the same rubbish is one error.
        let run = self.text[self.at..].chars().take_while(|&next| next == c).count();
        self.at += run * c.len_utf8();
        let help = match c {
            '“' | '”' | '„' | '«' | '»' => "texts stand between straight quotes, `\"`",
            '‘' | '’' => "texts stand between straight quotes, `\"` or `'`",
            '−' | '–' | '—' => "minus is `-`",
            '×' | '·' => "multiplication is `*`",
            '→' => "the arrow is `->`",
            '$' => "a physical qubit is `$` and its number, as in `$0`",
            '?' => "there is no `? :`; use `if` and `else`",
            _ => "",
        };
        let name = if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { c.to_string() };
        self.error("unknown_character", start, format!("`{name}` means nothing here"), help);
    }

    fn word_unicode(&mut self, start: usize) {
        self.skip_word();
        if self.at - start > MAX_IDENTIFIER_BYTES {
            self.error(
                "name_too_long",
                start,
                format!("a name has at most {MAX_IDENTIFIER_BYTES} bytes"),
                "",
            );
        } else {
            self.push(Tok::Ident, start);
        }
    }

    /// Everything up to the matching brace.
    fn cal_body(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'{' => depth += 1,
                b'}' if depth == 0 => break,
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        if self.at > start {
            self.push(Tok::CalBody, start);
        }
    }
}

fn radix_is_decimal(radix: u8) -> bool {
    !matches!(radix, b'x' | b'X' | b'o' | b'O' | b'b' | b'B')
}

fn base(radix: u8) -> u32 {
    match radix {
        b'x' | b'X' => 16,
        b'o' | b'O' => 8,
        b'b' | b'B' => 2,
        _ => 10,
    }
}

fn number_help(radix: u8) -> &'static str {
    match base(radix) {
        16 => "after `0x` come the digits 0-9 and a-f",
        8 => "after `0o` come the digits 0-7",
        2 => "after `0b` come the digits 0 and 1",
        _ => "a name begins with a letter; a product needs its `*`",
    }
}

/// May stand in a name.
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// For messages: at most 40 characters.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((i, _)) => format!("{}…", &text[..i]),
        None => text.to_owned(),
    }
}

fn pos(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
