//! A text block as lines for a box: one statement each, indented by the blocks around it. The text itself
//! stays as it was written.

/// One line of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Blocks around it.
    pub depth: usize,
    pub text: String,
}

/// The statements of `text`, at most `most` lines of at most `chars` characters; what is cut ends in `…`.
pub fn lines(text: &str, most: usize, chars: usize) -> Vec<Line> {
    let mut out = Lines { done: Vec::new(), current: String::new(), depth: 0, most: most + 1 };
    let mut rest = text.chars().peekable();
    // Inside of these a brace or semicolon is part of an expression.
    let mut inside = 0_usize;
    while let Some(c) = rest.next() {
        if out.done.len() >= out.most {
            break;
        }
        match c {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|c| *c == '\n');
                out.blank();
            }
            '/' if rest.peek() == Some(&'*') => {
                let mut last = ' ';
                rest.by_ref()
                    .skip(1)
                    .find(|c| std::mem::replace(&mut last, *c) == '*' && *c == '/');
                out.blank();
            }
            '"' => {
                out.current.push('"');
                for c in rest.by_ref() {
                    out.current.push(c);
                    if c == '"' {
                        break;
                    }
                }
            }
            '(' | '[' => {
                inside += 1;
                out.current.push(c);
            }
            ')' | ']' => {
                inside = inside.saturating_sub(1);
                out.current.push(c);
            }
            '{' if inside > 0 || out.expects_a_set() => {
                inside += 1;
                out.current.push(c);
            }
            '}' if inside > 0 => {
                inside -= 1;
                out.current.push(c);
            }
            '{' => {
                out.current.push(c);
                out.end();
                out.depth += 1;
            }
            '}' => {
                out.end();
                out.depth = out.depth.saturating_sub(1);
                out.current.push(c);
                // `else` stands behind it.
                let next: String = rest.clone().skip_while(|c| c.is_whitespace()).take(4).collect();
                if next == "else" { out.blank() } else { out.end() }
            }
            ';' if inside == 0 => {
                out.current.push(c);
                out.end();
            }
            c if c.is_whitespace() => out.blank(),
            c => out.current.push(c),
        }
    }
    out.end();
    let mut lines = out.done;
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            "…".clone_into(&mut last.text);
        }
    }
    for line in &mut lines {
        let room = chars.saturating_sub(2 * line.depth).max(2);
        if line.text.chars().count() > room {
            line.text = line.text.chars().take(room - 1).chain(['…']).collect();
        }
    }
    lines
}

struct Lines {
    done: Vec<Line>,
    current: String,
    depth: usize,
    most: usize,
}

impl Lines {
    fn blank(&mut self) {
        if !self.current.is_empty() && !self.current.ends_with(' ') {
            self.current.push(' ');
        }
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.current).trim().to_owned();
        if !text.is_empty() {
            self.done.push(Line { depth: self.depth, text });
        }
    }

    /// `for int i in {0, 3}`: a set, not a block.
    fn expects_a_set(&self) -> bool {
        let text = self.current.trim_end();
        text.ends_with(" in") || text.ends_with('=')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, most: usize, chars: usize) -> String {
        let line = |l: &Line| format!("{}{}", "  ".repeat(l.depth), l.text);
        lines(text, most, chars).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_statement_is_a_line() {
        let text = "for int i in {0, 2} { // each\n  if (c[i]) { x q[i]; } else { h q[i]; } cx q[i], q[1]; }";
        assert_eq!(
            shown(text, 20, 40),
            "for int i in {0, 2} {\n  if (c[i]) {\n    x q[i];\n  } else {\n    h q[i];\n  }\n  cx q[i], q[1];\n}"
        );
        assert_eq!(
            shown("switch (i) { case 0 { x q; } /* ; } */ default { } }", 20, 40),
            "switch (i) {\n  case 0 {\n    x q;\n  }\n  default {\n  }\n}"
        );
        assert_eq!(shown("", 5, 5), "");
    }

    #[test]
    fn what_does_not_fit_ends_in_dots() {
        assert_eq!(shown("while (c) { x q; y q; z q; }", 3, 40), "while (c) {\n  x q;\n  …");
        assert_eq!(shown("a_long_name q;", 1, 6), "a_lon…");
        assert_eq!(shown("}}}{{{\"{;}\";", 20, 40), "}\n}\n}\n{\n  {\n    {\n      \"{;}\";");
    }
}
