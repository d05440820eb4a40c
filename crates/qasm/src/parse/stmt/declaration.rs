//! Declarations of variables, registers, aliases and subroutines.

use crate::ast::{Expr, ExprKind, Name, StmtKind, SubroutineDef, Type, TypeKind, Version};
use crate::lex::{Kw, Tok};
use crate::parse::{Parse, Parser};

impl Parser<'_> {
    pub(super) fn qubit(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let size = self.size()?.map(|e| *e);
        let name = self.name("the name of a qubit")?;
        self.declarator_end(name, "qubit")?;
        Ok(StmtKind::Qubit { size, name })
    }

    /// The `;` behind a declared name, with hints at what other languages allow there.
    fn declarator_end(&mut self, name: Name, ty: &str) -> Parse<()> {
        if self.is("[") {
            let name = self.slice(name.span).to_owned();
            return Err(self.expected_help(
                "`;`",
                format!("the size stands behind the type: `{ty}[n] {name};`"),
            ));
        }
        if self.is(",") {
            return Err(
                self.expected_help("`;`", "each name is declared by a statement of its own")
            );
        }
        let after = format!("the declaration of `{}`", self.slice(name.span));
        self.semicolon(&after)
    }

    pub(super) fn old_register(&mut self, quantum: bool) -> Parse<StmtKind> {
        let start = self.advance();
        if self.is("[") {
            let help = if quantum {
                "`qreg q[2];`, or `qubit[2] q;`"
            } else {
                "`creg c[2];`, or `bit[2] c;`"
            };
            return Err(self.expected_help(
                "the name of a register",
                format!("the size stands behind the name: {help}"),
            ));
        }
        let name = self.name("the name of a register")?;
        let size =
            if self.version == Version::V2 { Some(Box::new(self.size_2()?)) } else { self.size()? };
        let span = self.since(start);
        let after = format!("the declaration of `{}`", self.slice(name.span));
        self.semicolon(&after)?;
        Ok(if quantum {
            StmtKind::Qubit { size: size.map(|e| *e), name }
        } else {
            StmtKind::Classical {
                ty: Type { span, kind: TypeKind::Bit(size) },
                name,
                init: None,
                is_const: false,
            }
        })
    }

    pub(super) fn classical_declaration(&mut self) -> Parse<StmtKind> {
        let ty = self.classical_type()?;
        if self.is("(") {
            // A cast as a statement: `int[32](10);`
            let start = ty.span;
            self.at += 1;
            let inner = self.expr()?;
            self.expect(")", "to close the cast")?;
            let cast = Expr {
                span: self.since(start),
                kind: ExprKind::Cast(Box::new(ty), Box::new(inner)),
            };
            let cast = self.postfix(cast)?;
            let e = self.expr_rest(cast, 0)?;
            self.semicolon("the expression")?;
            return Ok(StmtKind::Expr(e));
        }
        self.declared(ty, false)
    }

    pub(super) fn constant(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let ty = self.scalar_type()?;
        self.declared(ty, true)
    }

    fn declared(&mut self, ty: Type, is_const: bool) -> Parse<StmtKind> {
        let name = self.name("the name of a variable")?;
        let init = if self.eat("=") { Some(self.initializer()?) } else { None };
        if is_const && init.is_none() {
            return Err(self.expected_help(
                "`=` and the value of the constant",
                "a constant has its value from the start",
            ));
        }
        if init.is_some() {
            self.value_end()?;
        } else {
            let written = self.slice(ty.span).to_owned();
            let base = written.split('[').next().unwrap_or("int").to_owned();
            self.declarator_end(name, &base)?;
        }
        Ok(StmtKind::Classical { ty, name, init, is_const })
    }

    pub(super) fn io(&mut self, is_input: bool) -> Parse<StmtKind> {
        self.at += 1;
        if let Tok::Kw(Kw::Qreg | Kw::Creg | Kw::Qubit | Kw::Const) = self.kind() {
            return Err(self.expected_help(
                "a classical type",
                "inputs and outputs are classical values, such as `input angle theta;`",
            ));
        }
        let ty = self.classical_type()?;
        let name = self.name("the name of a parameter")?;
        if self.is("=") {
            let what = if is_input {
                "the value of an input comes from outside"
            } else {
                "an output gets its value in the program"
            };
            return Err(self.expected_help("`;`", what));
        }
        self.declarator_end(name, "uint")?;
        Ok(StmtKind::Io { is_input, ty, name })
    }

    pub(super) fn alias(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of an alias")?;
        self.expect("=", "after the name of the alias")?;
        let start = self.span();
        let first = self.alias_part()?;
        let value = if self.is("++") {
            let mut parts = vec![first];
            while self.eat("++") {
                parts.push(self.alias_part()?);
            }
            Expr { span: self.since(start), kind: ExprKind::Concat(parts) }
        } else {
            first
        };
        self.semicolon("the alias")?;
        Ok(StmtKind::Alias { name, value })
    }

    fn alias_part(&mut self) -> Parse<Expr> {
        self.expr()
    }

    pub(super) fn subroutine(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a subroutine")?;
        if !self.is("(") {
            return Err(self.expected_help(
                "`(` and the parameters",
                "as in `def f(qubit q, int[8] n) -> bit { … }`",
            ));
        }
        self.at += 1;
        let args = self.list(")", "the parameters", Self::parameter)?;
        let ret = self.return_type()?;
        let body = self.block("the subroutine")?;
        Ok(StmtKind::Def(Box::new(SubroutineDef { name, args, ret, body })))
    }

    fn return_type(&mut self) -> Parse<Option<Type>> {
        if self.eat("->") { Ok(Some(self.scalar_type()?)) } else { Ok(None) }
    }

    pub(super) fn external(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a function")?;
        self.expect("(", "and the types of the parameters")?;
        let args = self.list(")", "the types of the parameters", Self::extern_parameter)?;
        let ret = self.return_type()?;
        self.semicolon("the declaration")?;
        Ok(StmtKind::Extern { name, args, ret })
    }
}
