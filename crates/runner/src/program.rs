//! Programs that were read: from text to a circuit, and on to the steps that are executed.
//!
//! A shell that runs one text again and again (with noise beside the ideal run, for other shots, for
//! the next piece of a sweep) keeps the latest ones in its [`Live`](crate::Live), and reads nothing twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use api::run::{Diagnostic, Language, Program, RunError, RunErrorKind};
use circuit::Circuit;
use circuit::machine::{self, RuntimeError};

use crate::{Context, METHODS, diagnostics, refusal, stim};

/// Texts kept together with others, in bytes. The newest one is kept whatever its length.
const KEPT_BYTES: usize = 1 << 20;

/// Programs kept: what displays ask for is another text than what is run.
const KEPT: usize = 4;

/// A program without errors.
pub(crate) struct Read {
    pub(crate) circuit: Arc<Circuit>,
    /// Where the program is a circuit of Stim; `circuit` then has its registers alone.
    pub(crate) stim: Option<stabilizer::Circuit>,
    /// Warnings and notes.
    pub(crate) remarks: Vec<Diagnostic>,
    steps: OnceLock<Result<Arc<machine::Program>, RuntimeError>>,
}

impl Read {
    fn new(circuit: Arc<Circuit>, stim: Option<stabilizer::Circuit>) -> Self {
        Self { circuit, stim, remarks: Vec::new(), steps: OnceLock::new() }
    }

    /// The program as steps, made when first asked for.
    pub(crate) fn steps(&self) -> Result<&Arc<machine::Program>, RuntimeError> {
        let made = self.steps.get_or_init(|| machine::Program::new(&self.circuit));
        made.as_ref().map_err(Clone::clone)
    }
}

/// The latest programs, the newest last.
#[derive(Default)]
pub(crate) struct Programs(Mutex<Vec<(Program, Arc<Read>)>>);

impl Programs {
    fn find(&self, program: &Program) -> Option<Arc<Read>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == program)?;
        let found = kept.remove(at);
        let read = Arc::clone(&found.1);
        kept.push(found);
        Some(read)
    }

    fn keep(&self, program: &Program, read: &Arc<Read>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((program.clone(), Arc::clone(read)));
        let mut bytes = 0;
        let fits = |(known, _): &&(Program, Arc<Read>)| {
            bytes += known.text.len();
            bytes <= KEPT_BYTES
        };
        let few = kept.iter().rev().take(KEPT).take_while(fits).count().max(1);
        let old = kept.len() - few;
        kept.drain(..old);
    }
}

/// Reads a program, or finds it among those that are kept.
pub(crate) fn read(program: &Program, context: &Context) -> Result<Arc<Read>, RunError> {
    // Files that it includes may have changed.
    let kept = context.live.map(|live| &live.programs).filter(|_| context.files.is_none());
    if let Some(found) = kept.and_then(|kept| kept.find(program)) {
        return Ok(found);
    }
    let read = Arc::new(read_anew(program, context.files)?);
    if let Some(kept) = kept {
        kept.keep(program, &read);
    }
    Ok(read)
}

fn read_anew(
    program: &Program,
    files: Option<&BTreeMap<String, String>>,
) -> Result<Read, RunError> {
    if program.language == Language::Stim {
        if !METHODS {
            return Err(crate::needs_methods());
        }
        let stim = stim::read(&program.text)
            .map_err(|diagnostics| RunError { kind: RunErrorKind::Program, diagnostics })?;
        return Ok(Read::new(Arc::new(stim::registers(&stim)?), Some(stim)));
    }
    let compiled = crate::compile(program, files);
    let Some(circuit) = compiled.circuit else {
        return Err(refusal(&compiled.diagnostics, &program.text));
    };
    let remarks = diagnostics::from_qasm(&compiled.diagnostics, &program.text);
    Ok(Read { remarks, ..Read::new(circuit, None) })
}

/// The same, of a program that has a circuit model; one of Stim is refused.
pub(crate) fn read_openqasm(program: &Program, context: &Context) -> Result<Arc<Read>, RunError> {
    match program.language {
        Language::Openqasm => read(program, context),
        Language::Stim => {
            let compiled = crate::compile(program, context.files);
            Err(refusal(&compiled.diagnostics, &program.text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Live;

    #[test]
    fn a_text_is_read_once_while_it_is_among_the_latest() {
        let live = Live::new(0);
        let context = Context { live: Some(&live), ..crate::tests::CONTEXT };
        let of = |text: &str| {
            read(&Program::openqasm(text), &context).unwrap_or_else(|_| panic!("{text}"))
        };
        let text = |n: usize| format!("OPENQASM 3.0; qubit[{n}] q;");
        let first = of(&text(1));
        assert!(Arc::ptr_eq(&first, &of(&text(1))));
        assert!(Arc::ptr_eq(first.steps().unwrap(), of(&text(1)).steps().unwrap()));
        (2..=KEPT).for_each(|n| drop(of(&text(n))));
        assert!(Arc::ptr_eq(&first, &of(&text(1))), "looking at it makes it the latest");
        (2..=KEPT + 1).for_each(|n| drop(of(&text(n))));
        assert!(!Arc::ptr_eq(&first, &of(&text(1))));
        // A long one is kept alone.
        let long = format!("{}{}", text(3), " ".repeat(KEPT_BYTES));
        let read_long = of(&long);
        assert!(Arc::ptr_eq(&read_long, &of(&long)));
        let files = BTreeMap::new();
        let other = Context { files: Some(&files), ..context };
        let again = read(&Program::openqasm(&*long), &other).unwrap_or_else(|_| panic!("readable"));
        assert!(!Arc::ptr_eq(&read_long, &again));
    }
}
