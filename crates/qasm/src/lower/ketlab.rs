//! `@ketlab.…` annotations: what OpenQASM itself cannot say. The grammar is in docs/languages.md.

use circuit::{Gate, GateRef, StatementKind};

use crate::ast;
use crate::span::Span;

use super::Lowerer;
use super::symbol::Qubits;

impl<'a> Lowerer<'a> {
    /// `@ketlab.gate name`: the definition is of a gate of the table.
    pub(super) fn table_annotation(
        &mut self,
        _annotations: &'a [Span],
        _def: &'a ast::GateDef,
    ) -> Option<Gate> {
        None
    }

    /// `@ketlab.unitary` and its like; `Some(None)` after an error.
    pub(super) fn special_body(
        &mut self,
        _annotations: &'a [Span],
        _def: &'a ast::GateDef,
    ) -> Option<Option<GateRef>> {
        None
    }

    /// `@ketlab.noise` and its like; `Some` of nothing after an error.
    pub(super) fn special_statement(
        &mut self,
        _annotations: &'a [Span],
        _q: &[(Qubits, Span)],
    ) -> Option<Vec<StatementKind>> {
        None
    }
}
