//! The syntax tree. It holds spans instead of text: [`Ast::text`] gives the characters.
//!
//! The tree of a broken program has [`StmtKind::Error`] and [`ExprKind::Error`] where something
//! could not be read; a diagnostic was made for each.

use std::sync::Arc;

use crate::span::Span;

/// Which language a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// OpenQASM 2.0.
    V2,
    /// OpenQASM 3.0 and 3.1.
    V3,
}

/// A program.
#[derive(Debug, Clone)]
pub struct Ast {
    pub source: Arc<str>,
    pub version: Version,
    /// The version line, where there is one.
    pub version_span: Option<Span>,
    pub items: Vec<Stmt>,
}

impl Ast {
    pub fn text(&self, span: Span) -> &str {
        self.source.get(span.range()).unwrap_or("")
    }
}

/// A name where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Stmt {
    pub span: Span,
    pub annotations: Vec<Annotation>,
    pub kind: StmtKind,
}

/// A line `@keyword …` before a statement.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// The whole line.
    pub span: Span,
    /// What follows the keyword, of those that mean something here (`@ketlab.…`).
    pub value: Option<Expr>,
}

#[derive(Debug, Clone)]
pub struct Block {
    /// With the braces.
    pub span: Span,
    pub items: Vec<Stmt>,
}

#[derive(Debug, Clone)]
pub enum StmtKind {
    /// Could not be read, and was reported.
    Error,
    /// The path, with its quotes.
    Include(Span),
    /// The whole line.
    Pragma(Span),
    /// `qubit[n] q;` or `qreg q[n];`.
    Qubit {
        size: Option<Expr>,
        name: Name,
    },
    /// `const` included, and `creg`.
    Classical {
        ty: Type,
        name: Name,
        init: Option<Expr>,
        is_const: bool,
    },
    Io {
        is_input: bool,
        ty: Type,
        name: Name,
    },
    Alias {
        name: Name,
        value: Expr,
    },
    Assign {
        target: Expr,
        op: Option<BinOp>,
        value: Expr,
    },
    Expr(Expr),
    GateCall(Box<GateCall>),
    /// `measure q -> c;` or `measure q;`.
    Measure {
        source: Expr,
        target: Option<Expr>,
    },
    Reset(Expr),
    /// No operands: all qubits.
    Barrier(Vec<Expr>),
    Delay {
        duration: Expr,
        operands: Vec<Expr>,
    },
    Nop(Vec<Expr>),
    Box {
        duration: Option<Expr>,
        body: Block,
    },
    Scope(Block),
    If {
        condition: Expr,
        then: Body,
        otherwise: Option<Body>,
    },
    For {
        ty: Type,
        name: Name,
        iterable: Expr,
        body: Body,
    },
    While {
        condition: Expr,
        body: Body,
    },
    Switch {
        subject: Expr,
        cases: Vec<Case>,
    },
    Break,
    Continue,
    End,
    Return(Option<Expr>),
    Gate(Box<GateDef>),
    /// `opaque g(a) q;` of version 2.
    Opaque {
        name: Name,
        params: Vec<Name>,
        qubits: Vec<Name>,
    },
    Def(Box<SubroutineDef>),
    Extern {
        name: Name,
        args: Vec<Type>,
        ret: Option<Type>,
    },
    /// `defcalgrammar`, `cal` and `defcal`: another language, kept as it stands.
    Calibration(Span),
}

/// One statement or a block in braces.
#[derive(Debug, Clone)]
pub struct Body {
    pub span: Span,
    pub braces: bool,
    pub items: Vec<Stmt>,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub span: Span,
    /// Empty for `default`.
    pub values: Vec<Expr>,
    pub is_default: bool,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct GateCall {
    pub modifiers: Vec<Modifier>,
    /// `gphase` included.
    pub name: Name,
    /// None without parentheses.
    pub args: Option<Vec<Expr>>,
    pub duration: Option<Expr>,
    pub operands: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub struct Modifier {
    pub span: Span,
    pub kind: ModifierKind,
}

#[derive(Debug, Clone)]
pub enum ModifierKind {
    Inv,
    Pow(Expr),
    Ctrl { count: Option<Expr>, on: bool },
}

#[derive(Debug, Clone)]
pub struct GateDef {
    pub name: Name,
    pub params: Vec<Name>,
    pub qubits: Vec<Name>,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct SubroutineDef {
    pub name: Name,
    pub args: Vec<Arg>,
    pub ret: Option<Type>,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct Arg {
    pub span: Span,
    pub ty: Type,
    pub name: Name,
}

#[derive(Debug, Clone)]
pub struct Type {
    pub span: Span,
    pub kind: TypeKind,
}

#[derive(Debug, Clone)]
pub enum TypeKind {
    Error,
    /// `bit`, `bit[n]`, and `creg`.
    Bit(Option<Box<Expr>>),
    Bool,
    Int(Option<Box<Expr>>),
    Uint(Option<Box<Expr>>),
    Float(Option<Box<Expr>>),
    Angle(Option<Box<Expr>>),
    /// The width of each part.
    Complex(Option<Box<Expr>>),
    Duration,
    Stretch,
    Array {
        element: Box<Type>,
        dims: Vec<Expr>,
    },
    /// Parameters of subroutines. `rank` for `#dim = n`.
    ArrayRef {
        mutable: bool,
        element: Box<Type>,
        dims: Vec<Expr>,
        rank: Option<Box<Expr>>,
    },
    /// Parameters of subroutines.
    Qubit(Option<Box<Expr>>),
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    Error,
    /// None: above 2^128 - 1.
    Int(Option<u128>),
    Float(f64),
    Imaginary(f64),
    Bool(bool),
    /// With its quotes.
    BitString,
    Timing(f64, TimeUnit),
    Name,
    /// `$n`. None: above 2^32 - 1.
    Hardware(Option<u32>),
    Paren(Box<Expr>),
    Unary(UnOp, Box<Expr>),
    Binary(BinOp, Box<Expr>, Box<Expr>),
    /// `a[i]`, `a[i, j]`, `a[0:2]`, `a[{0, 2}]`.
    Index(Box<Expr>, Vec<Expr>),
    Call(Name, Vec<Expr>),
    Cast(Box<Type>, Box<Expr>),
    DurationOf(Block),
    Measure(Box<Expr>),
    /// In indices, and in `for … in [a:b]` (there the span includes the brackets).
    Range {
        start: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
        end: Option<Box<Expr>>,
    },
    /// Braces: an array's value, or a set of indices.
    List(Vec<Expr>),
    /// `a ++ b ++ c`.
    Concat(Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// The clock period of a machine.
    Dt,
    Ns,
    Us,
    Ms,
    S,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnOp {
    Neg,
    BitNot,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinOp {
    Pow,
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    Lt,
    Gt,
    Le,
    Ge,
    Eq,
    Ne,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
}

impl BinOp {
    /// As OpenQASM 3 writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Pow => "**",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Lt => "<",
            Self::Gt => ">",
            Self::Le => "<=",
            Self::Ge => ">=",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::BitAnd => "&",
            Self::BitXor => "^",
            Self::BitOr => "|",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}
