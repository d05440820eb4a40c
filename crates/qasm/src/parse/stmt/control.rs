//! Control flow: branches, loops, jumps and their bodies.

use crate::ast::{Body, Case, Expr, ExprKind, StmtKind};
use crate::lex::{Kw, Tok};
use crate::parse::{Parse, Parser};
use crate::span::Span;

impl Parser<'_> {
    fn body(&mut self, of: &str) -> Parse<Body> {
        let start = self.span();
        if self.is("{") {
            let block = self.block(of)?;
            return Ok(Body { span: block.span, braces: true, items: block.items });
        }
        if self.is(";") || self.is_kw(Kw::Else) || self.kind() == Tok::Eof {
            return Err(self.expected_help(
                &format!("the body of {of}"),
                "a statement, or statements in braces; `{ }` does nothing",
            ));
        }
        let stmt = self.deeper(Self::statement)?;
        Ok(Body { span: self.since(start), braces: false, items: vec![stmt] })
    }

    fn condition(&mut self, of: &str) -> Parse<Expr> {
        if !self.is("(") {
            return Err(
                self.expected_help(&format!("`(` after `{of}`"), "a condition stands in brackets")
            );
        }
        self.at += 1;
        let e = self.expr()?;
        if self.is("=") {
            return Err(self.expected_help("`)`", "to compare, write `==`"));
        }
        self.expect(")", "after the condition")?;
        Ok(e)
    }

    pub(super) fn if_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let condition = self.condition("if")?;
        let then = self.body("`if`")?;
        let otherwise = if self.eat_kw(Kw::Else) { Some(self.body("`else`")?) } else { None };
        Ok(StmtKind::If { condition, then, otherwise })
    }

    pub(super) fn for_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if self.kind() == Tok::Ident {
            let name = self.token_text().to_owned();
            return Err(self.expected_help(
                "the type of the loop variable",
                format!("as in `for int {name} in [0:3] {{ }}`"),
            ));
        }
        let ty = self.scalar_type()?;
        let name = self.name("the name of the loop variable")?;
        if !self.eat_kw(Kw::In) {
            return Err(self.expected("`in` after the loop variable"));
        }
        let start = self.span();
        let iterable = match self.kind() {
            Tok::P("{") => self.braces()?,
            Tok::P("[") => {
                self.at += 1;
                let mut range = self.range_or_expr()?;
                if !matches!(range.kind, ExprKind::Range { .. }) {
                    return Err(self.expected_help("`:` in the range", "a range is `[first:last]` or `[first:step:last]`; single values are `{1, 4}`"));
                }
                self.expect("]", "after the range")?;
                range.span = self.since(start);
                range
            }
            _ => self.expr()?,
        };
        let body = self.body("`for`")?;
        Ok(StmtKind::For { ty, name, iterable, body })
    }

    pub(super) fn while_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let condition = self.condition("while")?;
        let body = self.body("`while`")?;
        Ok(StmtKind::While { condition, body })
    }

    pub(super) fn switch_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let subject = self.condition("switch")?;
        let open = self.expect("{", "after the value of `switch`")?;
        let mut cases = Vec::new();
        loop {
            let start = self.span();
            match self.kind() {
                Tok::P("}") => {
                    self.at += 1;
                    return Ok(StmtKind::Switch { subject, cases });
                }
                Tok::Kw(Kw::Case) => {
                    self.at += 1;
                    let values = self.case_values()?;
                    if self.is(":") {
                        return Err(self.expected_help(
                            "`{`",
                            "the statements of a case stand in braces: `case 0 { x q; }`",
                        ));
                    }
                    let body = self.block("the case")?;
                    cases.push(Case { span: self.since(start), values, is_default: false, body });
                }
                Tok::Kw(Kw::Default) => {
                    self.at += 1;
                    let body = self.block("`default`")?;
                    cases.push(Case {
                        span: self.since(start),
                        values: Vec::new(),
                        is_default: true,
                        body,
                    });
                }
                _ => {
                    let reported = self.expected("`case`, `default` or `}`");
                    if self.kind() == Tok::Eof {
                        return Err(reported);
                    }
                    // Leave the switch whole: its block ends where its brace does.
                    self.close_block(open);
                    return Err(reported);
                }
            }
        }
    }

    /// Goes to the `}` of the block that is open here.
    fn close_block(&mut self, open: Span) {
        debug_assert!(open.start < self.span().start);
        let mut depth = 1usize;
        while self.kind() != Tok::Eof {
            match self.kind() {
                Tok::P("{") => depth += 1,
                Tok::P("}") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                // `recover` stops before a `}`: hand it one that it may skip.
                self.at += 1;
                return;
            }
            self.at += 1;
        }
    }

    fn case_values(&mut self) -> Parse<Vec<Expr>> {
        let mut values = Vec::new();
        loop {
            values.push(self.expr()?);
            if !self.eat(",") || self.is("{") {
                return Ok(values);
            }
        }
    }

    pub(super) fn jump(&mut self, kw: Kw) -> Parse<StmtKind> {
        self.at += 1;
        self.semicolon(&format!("`{}`", kw.text()))?;
        Ok(match kw {
            Kw::Break => StmtKind::Break,
            Kw::Continue => StmtKind::Continue,
            _ => StmtKind::End,
        })
    }

    pub(super) fn return_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let value = if self.is(";") { None } else { Some(self.value()?) };
        self.semicolon("the value")?;
        Ok(StmtKind::Return(value))
    }
}
