//! Reads the circuit text format of Stim.
//!
//! Everything is bounded before it is kept: length, nesting, targets, qubits, turns of loops. Any text
//! is answered with a circuit or with what is wrong with it and where. Sweep bits are refused: there is
//! nothing that would give them values.

mod check;
mod target;

use crate::circuit::{Circuit, Instruction, Item};
use crate::gate::{self, Action, Args, GateSpec};
use check::check;
use target::target;

/// Bounds of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    pub bytes: usize,
    /// Blocks within blocks.
    pub nesting: usize,
    /// Targets and arguments of the whole text, loops not unrolled.
    pub targets: usize,
    /// One more than the highest qubit.
    pub qubits: u32,
    /// Turns of one loop.
    pub repetitions: u64,
    pub observables: u32,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            nesting: 64,
            targets: 16 << 20,
            qubits: 1 << 24,
            repetitions: 1_000_000_000_000,
            observables: 1 << 16,
        }
    }
}

/// Something wrong with a text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, for programs.
    pub code: &'static str,
    pub message: String,
    pub line: u32,
    pub column: u32,
    /// One past the last character, on the same line.
    pub end_column: u32,
}

/// Errors after which reading stops.
const MAX_DIAGNOSTICS: usize = 20;

/// What is wrong, before its place is known.
struct Wrong {
    code: &'static str,
    message: String,
    /// Bytes of the text.
    from: usize,
    to: usize,
}

type Result<T> = std::result::Result<T, Wrong>;

fn wrong<T>(code: &'static str, from: usize, to: usize, message: impl Into<String>) -> Result<T> {
    Err(Wrong { code, message: message.into(), from, to })
}

/// Reads a circuit; on failure at least one remark, in order of place.
pub fn read(text: &str, limits: &ReadLimits) -> std::result::Result<Circuit, Vec<Diagnostic>> {
    let mut reader = Reader::new(text, limits);
    let mut found = Vec::new();
    if text.len() > limits.bytes {
        let message = format!("the circuit is longer than {} bytes", limits.bytes);
        found.push(Wrong { code: "too_long", message, from: 0, to: 0 });
    } else {
        while let Some(step) = reader.step() {
            if let Err(wrong) = step {
                let fatal = wrong.code == "too_many_targets" || wrong.code == "nesting";
                found.push(wrong);
                if fatal || found.len() >= MAX_DIAGNOSTICS {
                    break;
                }
                reader.skip_line();
            }
        }
    }
    if found.is_empty()
        && let Some(open) = reader.open.last()
    {
        let message = "the block that begins here has no end: a `}` is missing".to_owned();
        found.push(Wrong { code: "unclosed_block", message, from: open.at, to: open.at + 6 });
    }
    if found.is_empty() {
        return Ok(Circuit { items: reader.items });
    }
    Err(found.iter().map(|w| place(text, w)).collect())
}

fn place(text: &str, wrong: &Wrong) -> Diagnostic {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let from = wrong.from.min(text.len());
    let start = text[..from].rfind('\n').map_or(0, |i| i + 1);
    let line = number(text[..from].matches('\n').count() + 1);
    let column = number(text[start..from].chars().count() + 1);
    let to = wrong.to.clamp(from, text.len());
    let shown = text[from..to].split('\n').next().unwrap_or("").chars().count();
    Diagnostic {
        code: wrong.code,
        message: wrong.message.clone(),
        line,
        column,
        end_column: column + number(shown.max(1)),
    }
}

/// A block that is being read.
struct Open {
    count: u64,
    tag: Option<Box<str>>,
    /// Of `REPEAT`.
    at: usize,
    /// What stood before it.
    outside: Vec<Item>,
    measured: u64,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    limits: &'a ReadLimits,
    items: Vec<Item>,
    open: Vec<Open>,
    /// Results in the record so far, in the first turn of every open loop.
    measured: u64,
    /// Targets and arguments so far.
    targets: usize,
    /// Whether the last instruction was a correlated error or continued one.
    chain: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, limits: &'a ReadLimits) -> Self {
        Self {
            text,
            at: 0,
            limits,
            items: Vec::new(),
            open: Vec::new(),
            measured: 0,
            targets: 0,
            chain: false,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
        if self.peek() == Some(b'#') {
            self.skip_line();
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }

    /// End of the run of characters from here for which `part` holds; all of them are ASCII.
    fn run(&self, part: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(|&b| !part(b)).unwrap_or(rest.len())
    }

    /// End of the character that starts here.
    fn character(&self) -> usize {
        self.at + self.text[self.at..].chars().next().map_or(0, char::len_utf8)
    }

    /// One instruction, one end of a block, or nothing to the end of the line; `None` at the end.
    fn step(&mut self) -> Option<Result<()>> {
        self.blanks();
        match self.peek()? {
            b'\n' => {
                self.at += 1;
                Some(Ok(()))
            }
            b'}' => {
                self.at += 1;
                Some(self.close())
            }
            _ => Some(self.instruction()),
        }
    }

    fn close(&mut self) -> Result<()> {
        let Some(block) = self.open.pop() else {
            return wrong("unopened_block", self.at - 1, self.at, "no block is open here");
        };
        let body = std::mem::replace(&mut self.items, block.outside);
        let once = self.measured - block.measured;
        self.measured = block.measured.saturating_add(once.saturating_mul(block.count));
        self.items.push(Item::Repeat { count: block.count, body, tag: block.tag });
        self.chain = false;
        Ok(())
    }

    fn instruction(&mut self) -> Result<()> {
        let from = self.at;
        let end = self.run(|b| b.is_ascii_alphanumeric() || b == b'_');
        if end == from {
            let to = self.character();
            let found = &self.text[from..to];
            return wrong(
                "unexpected_character",
                from,
                to,
                format!("`{}` cannot begin an instruction", found.escape_debug()),
            );
        }
        let name = &self.text[from..end];
        self.at = end;
        let tag = self.tag()?;
        if name.eq_ignore_ascii_case("REPEAT") {
            return self.repeat(from, tag);
        }
        let Some(gate) = gate::find(name) else {
            return wrong("unknown_gate", from, end, format!("no instruction is named `{name}`"));
        };
        let args = self.args(gate, from..end)?;
        let mut targets = Vec::new();
        let mut places = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b'}') => break,
                Some(b'{') => {
                    return wrong(
                        "unexpected_block",
                        self.at,
                        self.at + 1,
                        format!("`{name}` has no block: only REPEAT has"),
                    );
                }
                Some(_) => {
                    self.count(1)?;
                    let (item, to) = target(self.text, self.at, self.limits)?;
                    places.push(self.at..to);
                    targets.push(item);
                    self.at = to;
                }
            }
        }
        let instruction = Instruction { gate, args, targets, tag };
        check(&instruction, from..end, &places, self.measured, self.chain)?;
        self.chain = matches!(gate.action, Action::Noise(gate::Channel::Correlated(_)));
        self.measured = self.measured.saturating_add(instruction.num_measurements());
        self.items.push(Item::Instruction(instruction));
        Ok(())
    }

    fn count(&mut self, n: usize) -> Result<()> {
        self.targets += n;
        if self.targets > self.limits.targets {
            let message = format!("the circuit has more than {} targets", self.limits.targets);
            return wrong("too_many_targets", self.at, self.at, message);
        }
        Ok(())
    }

    /// `[text]`, in which `\B`, `\C`, `\n`, `\r` stand for a backslash, `]` and the ends of lines.
    fn tag(&mut self) -> Result<Option<Box<str>>> {
        if self.peek() != Some(b'[') {
            return Ok(None);
        }
        let from = self.at;
        let mut tag = String::new();
        let mut chars = self.text[from + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                ']' => {
                    self.at = from + 1 + i + 1;
                    return Ok(Some(tag.into_boxed_str()));
                }
                '\n' => break,
                '\\' => match chars.next() {
                    Some((_, 'B')) => tag.push('\\'),
                    Some((_, 'C')) => tag.push(']'),
                    Some((_, 'n')) => tag.push('\n'),
                    Some((_, 'r')) => tag.push('\r'),
                    _ => {
                        let at = from + 1 + i;
                        return wrong("bad_tag", at, at + 1, "a tag knows \\B, \\C, \\n and \\r");
                    }
                },
                c => tag.push(c),
            }
        }
        wrong("bad_tag", from, from + 1, "the tag that begins here has no `]` on its line")
    }

    fn args(&mut self, gate: &GateSpec, name: std::ops::Range<usize>) -> Result<Vec<f64>> {
        let mut args = Vec::new();
        let mut places = Vec::new();
        let from = self.at;
        if self.peek() == Some(b'(') {
            self.at += 1;
            loop {
                self.spaces();
                if args.is_empty() && self.peek() == Some(b')') {
                    break;
                }
                let start = self.at;
                let end = self
                    .run(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
                let number = self.text[start..end].parse::<f64>().ok().filter(|x| x.is_finite());
                let Some(number) = number else {
                    let to = end.max(self.character());
                    return wrong("bad_number", start, to, "expected a number");
                };
                self.count(1)?;
                args.push(number);
                places.push(start..end);
                self.at = end;
                self.spaces();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b')') => break,
                    _ => {
                        let to = self.character();
                        return wrong("bad_arguments", self.at, to, "expected `,` or `)`");
                    }
                }
            }
            self.at += 1;
        }
        let all = if args.is_empty() { name } else { from..self.at };
        let some = |message: String| wrong("bad_arguments", all.start, all.end, message);
        let probability = |x: f64| (0.0..=1.0).contains(&x);
        match gate.args {
            Args::None if !args.is_empty() => some(format!("`{}` takes no arguments", gate.name)),
            Args::OptionalProbability if args.len() > 1 => {
                some(format!("`{}` takes one argument at most: a probability", gate.name))
            }
            Args::Probabilities(n) if args.len() != n => some(format!(
                "`{}` takes {n} {}, not {}",
                gate.name,
                if n == 1 { "probability" } else { "probabilities" },
                args.len()
            )),
            Args::Probabilities(_) | Args::OptionalProbability
                if args.iter().any(|&x| !probability(x)) =>
            {
                let at = args.iter().position(|&x| !probability(x)).unwrap_or(0);
                let message = "a probability lies between 0 and 1";
                wrong("bad_probability", places[at].start, places[at].end, message)
            }
            Args::Probabilities(_) if args.iter().sum::<f64>() > 1.0 + 1e-9 => {
                some("the probabilities add up to more than 1".to_owned())
            }
            Args::Index if args.len() != 1 || args[0].fract() != 0.0 || args[0] < 0.0 => {
                some(format!("`{}` takes the number of an observable", gate.name))
            }
            Args::Index if args[0] >= f64::from(self.limits.observables) => {
                some(format!("more than {} observables", self.limits.observables))
            }
            _ => Ok(args),
        }
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn repeat(&mut self, from: usize, tag: Option<Box<str>>) -> Result<()> {
        self.spaces();
        let start = self.at;
        let end = self.run(|b| b.is_ascii_digit());
        let count = self.text[start..end].parse::<u64>().ok().filter(|&n| n > 0);
        let Some(count) = count else {
            let to = end.max(self.character());
            return wrong(
                "bad_repeat",
                start,
                to,
                "REPEAT wants a whole number of turns, 1 or more",
            );
        };
        if count > self.limits.repetitions {
            let message = format!("at most {} turns", self.limits.repetitions);
            return wrong("bad_repeat", start, end, message);
        }
        self.at = end;
        self.spaces();
        if self.peek() != Some(b'{') {
            let to = self.character();
            return wrong("bad_repeat", self.at, to, "expected `{` after the number of turns");
        }
        if self.open.len() >= self.limits.nesting {
            let message = format!("more than {} blocks within each other", self.limits.nesting);
            return wrong("nesting", from, self.at, message);
        }
        self.at += 1;
        self.count(1)?;
        let outside = std::mem::take(&mut self.items);
        self.open.push(Open { count, tag, at: from, outside, measured: self.measured });
        self.chain = false;
        Ok(())
    }
}
