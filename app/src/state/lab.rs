//! The program in the lab: its text, its picture, its problems, its history, and its run.
//!
//! The text is what is run, sent and saved. The picture is the last text that could be read; an edit
//! of the picture changes the statements it touches and leaves the rest of the text alone. While a
//! text cannot be read the picture stays as it was and is marked stale.

use std::sync::Arc;
use std::time::Duration;

use api::project::{Project, RunSettings, VERSION};
use api::run::{Diagnostic, Language, Limits, Method, Program, RunRequest, RunResult, Want};
use editor::{Applied, Command, Document, EditError, OpId, Source};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::examples::EXAMPLES;
use super::history::{History, Inputs, Merge, Snapshot, Stored};
use super::noise::NoiseState;
use super::stim::StimFile;
use super::storage;
use super::toast::Toasts;
use crate::messages::fill;
use crate::messages::t;
use crate::program::{self, Input, Picture, Reading};
use crate::saving::Remote;
use crate::sim_client::{RunState, SimClient};

const PROJECT_KEY: &str = "ketlab.project";
const REMOTE_KEY: &str = "ketlab.remote";
const HISTORY_KEY: &str = "ketlab.history";
/// Read by `app/boot/boot.js`.
const FIGURE_KEY: &str = "ketlab.figure";
/// Larger files are not opened: no circuit that can be shown or run is that long.
pub const MAX_FILE_BYTES: usize = 4 << 20;
/// Longer texts are checked in the worker: reading them here would hold up the page.
const MAX_LINES_HERE: usize = 2000;
const MAX_BYTES_HERE: usize = 128 << 10;
/// Longer texts are read in one task and drawn in the next.
const MAX_BYTES_AT_ONCE: usize = 8 << 10;
/// After the last key, before the text is read and run.
const TYPING_PAUSE: Duration = Duration::from_millis(120);
const AUTOSAVE_PAUSE: Duration = Duration::from_millis(250);
/// Amplitudes asked for: what the list pages through.
const TOP_AMPLITUDES: u32 = 256;
/// Outcomes asked for: what the histogram pages through. More would take long to read here.
pub(super) const TOP_COUNTS: u32 = 2048;
/// Outcomes without a count whose exact probabilities are listed.
const TOP_PROBABILITIES: u32 = 512;
/// Widest state vector that a tab holds.
const MAX_STATE_QUBITS: u32 = 28;

/// Whether the browser keeps the program as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Saved {
    #[default]
    Kept,
    Pending,
    /// The browser refuses to keep it.
    Failed,
}

/// Why a program has no picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Undrawn {
    /// Drawing it would hold up the page.
    TooLong,
    /// What the picture cannot show.
    Reason(String),
}

/// What the displays show of a run.
fn want(wide: bool, whole: bool, document: &Document) -> Want {
    Want {
        top_amplitudes: if wide { 0 } else { TOP_AMPLITUDES },
        top_counts: TOP_COUNTS,
        qubits: true,
        probabilities: program::is_exact_cheap(document),
        top_probabilities: if whole { 0 } else { TOP_PROBABILITIES },
        ..Want::default()
    }
}

/// Handle to the lab's state. Copies share it.
#[derive(Clone, Copy)]
pub struct Lab {
    pub name: RwSignal<String>,
    pub text: RwSignal<Arc<str>>,
    pub document: RwSignal<Document>,
    /// The text cannot be read: the picture is an older one.
    pub stale: RwSignal<bool>,
    /// Why there is no picture of a program that is right: text and results work.
    pub undrawn: RwSignal<Option<Undrawn>>,
    pub diagnostics: RwSignal<Arc<Vec<Diagnostic>>>,
    pub settings: RwSignal<RunSettings>,
    /// Values of the inputs, as typed; also of names that the program does not declare now.
    pub inputs: RwSignal<Arc<Inputs>>,
    /// The inputs that the text declares.
    pub declared: Memo<Vec<Input>>,
    /// Where the picture's parts stand in the text; `None` while the picture is not the text's.
    pub source: RwSignal<Option<Arc<Source>>>,
    /// Names of inputs for whose values the run waits.
    pub missing: RwSignal<Vec<String>>,
    pub saved: RwSignal<Saved>,
    pub can_undo: RwSignal<bool>,
    pub can_redo: RwSignal<bool>,
    /// The document with what is in the hand put down.
    pub carried: RwSignal<Option<Document>>,
    pub sim: SimClient,
    pub noise: NoiseState,
    /// The circuit of Stim that was opened last and is not drawn.
    pub stim: RwSignal<Option<Arc<StimFile>>>,
    /// Names of wires that are not shown.
    hidden: StoredValue<Vec<String>>,
    /// No state vector of the program has room here: what can run so wide has no amplitudes.
    wide: StoredValue<bool>,
    /// The histogram needs the exact probabilities of all outcomes, not of those that matter alone.
    whole: StoredValue<bool>,
    /// Where on the server this circuit is kept.
    remote: StoredValue<Option<Remote>>,
    history: StoredValue<History, LocalStorage>,
    /// The histogram of the program as it stands, as the page shows it when it is opened again.
    figure: StoredValue<Option<String>>,
    reading: StoredValue<Option<TimeoutHandle>>,
    saving: StoredValue<Option<TimeoutHandle>>,
    toasts: Toasts,
}

impl Lab {
    /// The program as it was left, or an example with `shots` on the first visit; runs it.
    pub fn load(sim: SimClient, toasts: Toasts, shots: u32) -> Self {
        let project = storage::load::<Project>(PROJECT_KEY).filter(|p| p.version <= VERSION);
        let history =
            project.as_ref().and_then(|_| storage::load::<Stored>(HISTORY_KEY)).unwrap_or_default();
        let project = project.unwrap_or_else(|| Project {
            version: VERSION,
            name: EXAMPLES[0].name.to_owned(),
            program: Program::openqasm(EXAMPLES[0].text),
            settings: RunSettings { shots, ..RunSettings::default() },
            inputs: Inputs::default(),
            hidden: Vec::new(),
        });
        let text = RwSignal::new(Arc::<str>::from(project.program.text));
        let lab = Self {
            name: RwSignal::new(project.name),
            text,
            inputs: RwSignal::new(Arc::new(project.inputs)),
            declared: Memo::new(move |_| text.with(|text| program::inputs(text))),
            source: RwSignal::new(None),
            missing: RwSignal::new(Vec::new()),
            document: RwSignal::new(Document::default()),
            stale: RwSignal::new(false),
            undrawn: RwSignal::new(None),
            diagnostics: RwSignal::new(Arc::default()),
            settings: RwSignal::new(project.settings),
            saved: RwSignal::new(Saved::Kept),
            can_undo: RwSignal::new(false),
            can_redo: RwSignal::new(false),
            carried: RwSignal::new(None),
            sim,
            noise: NoiseState::new(),
            stim: RwSignal::new(None),
            hidden: StoredValue::new(project.hidden),
            wide: StoredValue::new(false),
            whole: StoredValue::new(false),
            remote: StoredValue::new(storage::load(REMOTE_KEY).flatten()),
            history: StoredValue::new_local(History::from_stored(history)),
            figure: StoredValue::new(None),
            reading: StoredValue::new(None),
            saving: StoredValue::new(None),
            toasts,
        };
        lab.show_history();
        lab.read();
        lab.autosave();
        lab
    }

    /// Applies an edit of the picture, or says why not. Edits with one `key` that follow each other
    /// at once are one step: a slider.
    pub fn edit(self, command: &Command, key: Option<&str>) -> Result<Applied, EditError> {
        if self.reading.get_value().is_some() {
            // What was typed last is not drawn yet: the edit is meant for another picture.
            self.read();
            return Err(EditError::Gone);
        }
        let before = self.document.get_untracked();
        let applied = editor::apply(&before, command)?;
        if before != applied.document {
            self.record(key);
            let text = self.text.get_untracked();
            let patched = match self.source.get_untracked() {
                Some(source) => editor::patch(&text, &source, &before, &applied.document),
                None => editor::rewrite(&applied.document),
            };
            if patched.rewritten && program::is_version_2(&text) {
                self.toasts.offer(t().now_version_3.to_owned(), t().undo, move || self.undo());
            }
            self.take_values(&before, &applied.document);
            self.hidden.set_value(applied.document.header.hidden_names());
            self.show_document(applied.document.clone(), patched.text, patched.source);
        }
        Ok(applied)
    }

    /// Values that an edit of the picture gave to parameters.
    fn take_values(self, before: &Document, after: &Document) {
        let mut inputs = self.inputs.get_untracked();
        for parameter in &after.header.parameters {
            let old = before.header.parameters.iter().find(|p| p.name == parameter.name);
            let changed = old.is_none_or(|old| old.value.to_bits() != parameter.value.to_bits());
            if changed {
                let value = editor::expr::from_value(parameter.value);
                Arc::make_mut(&mut inputs).insert(parameter.name.to_string(), value);
            }
        }
        self.inputs.set(inputs);
    }

    /// Gives an input a value, as typed; an empty one takes it away. Values from one slider that
    /// follow each other at once are one step.
    pub fn set_input(self, name: &str, value: &str, slider: bool) {
        let value = value.trim();
        let old = self.inputs.get_untracked();
        if old.get(name).map_or("", String::as_str) == value {
            return;
        }
        let key = format!("input {name}");
        self.record(slider.then_some(&*key));
        self.inputs.update(|inputs| {
            let inputs = Arc::make_mut(inputs);
            if value.is_empty() {
                inputs.remove(name);
            } else {
                inputs.insert(name.to_owned(), value.to_owned());
            }
        });
        let document = self.valued(self.document.get_untracked());
        if self.document.with_untracked(|d| *d != document) {
            self.document.set(document);
        }
        self.run_now();
    }

    /// A document that was read, with what its text does not say: values of inputs, hidden wires.
    fn valued(self, mut document: Document) -> Document {
        let inputs = self.inputs.get_untracked();
        self.hidden.with_value(|names| {
            if document.header.hidden_names() != *names {
                Arc::make_mut(&mut document.header).hide_named(names);
            }
        });
        let header = Arc::clone(&document.header);
        for parameter in &header.parameters {
            let typed = inputs.get(&*parameter.name);
            let Some(value) = typed.and_then(|v| editor::expr::evaluate(v).ok()) else { continue };
            let command = Command::SetParameter { name: parameter.name.to_string(), value };
            if let Ok(applied) = editor::apply(&document, &command) {
                document = applied.document;
            }
        }
        document
    }

    /// Byte ranges of the text that say these operations.
    pub fn spans_of(self, ids: &[OpId]) -> Vec<std::ops::Range<usize>> {
        let source = self.source.get_untracked();
        let mut spans: Vec<_> =
            source.iter().flat_map(|s| ids.iter().filter_map(|id| s.span_of(*id))).collect();
        spans.sort_by_key(|s| s.start);
        spans.dedup();
        spans
    }

    /// What the program is: version, qubits, operations.
    pub fn describe(self) -> String {
        let text = self.text.get_untracked();
        let version = if program::is_version_2(&text) { "OpenQASM 2" } else { "OpenQASM 3" };
        let number = |n: usize| crate::displays::format::grouped(n as u64);
        if self.stale.get_untracked() {
            return fill(t().opened_with_errors, &[("version", version)]);
        }
        if self.undrawn.with_untracked(Option::is_some) {
            let lines = number(text.lines().count());
            return fill(t().opened_long, &[("version", version), ("lines", &lines)]);
        }
        self.document.with_untracked(|d| {
            let (qubits, operations) =
                (number(d.num_qubits() as usize), number(d.operations().count()));
            let values = [("version", version), ("qubits", &*qubits), ("operations", &*operations)];
            fill(t().opened_drawn, &values)
        })
    }

    /// Runs `document` without taking it over: the circuit with a gate still in the hand. `None`
    /// goes back to the program.
    pub fn preview(self, document: Option<&Document>) {
        self.carried.set(document.cloned());
        match document {
            Some(document) => self.run_text(editor::emit(document)),
            None => self.run_now(),
        }
    }

    /// Takes over what was typed.
    pub fn type_text(self, text: String) {
        if *self.text.get_untracked() == text {
            return;
        }
        self.record(Some("text"));
        self.text.set(text.into());
        Self::clear_timer(self.reading);
        let handle = set_timeout_with_handle(move || self.read(), TYPING_PAUSE).ok();
        self.reading.set_value(handle);
    }

    /// Replaces the program: a file, an example, a saved circuit. Can be undone.
    pub fn open(self, name: &str, text: &str) {
        self.open_with(name, text, Inputs::default(), Vec::new());
    }

    /// The same, with values for its inputs and the names of wires that are not shown.
    pub fn open_with(self, name: &str, text: &str, inputs: Inputs, hidden: Vec<String>) {
        if text.len() > MAX_FILE_BYTES {
            self.toasts.say(t().file_too_large);
            return;
        }
        self.record(None);
        self.set_remote(None);
        self.name.set(name.trim().chars().take(80).collect());
        self.inputs.set(Arc::new(inputs));
        self.hidden.set_value(hidden);
        self.text.set(text.into());
        self.read();
    }

    /// Where on the server this circuit is kept, if it is.
    pub fn remote(self) -> Option<Remote> {
        self.remote.get_value()
    }

    /// Kept in the browser too: a page that is loaded again saves to the same place.
    pub fn set_remote(self, remote: Option<Remote>) {
        storage::save(REMOTE_KEY, &remote);
        self.remote.set_value(remote);
    }

    pub fn undo(self) {
        let present = self.snapshot();
        let before = self.history.try_update_value(|h| h.undo(present)).flatten();
        self.restore(before);
    }

    pub fn redo(self) {
        let present = self.snapshot();
        let after = self.history.try_update_value(|h| h.redo(present)).flatten();
        self.restore(after);
    }

    /// Runs the program as it stands, with the settings as they are.
    pub fn run_now(self) {
        let inputs = self.inputs.get_untracked();
        let missing: Vec<String> = self
            .declared
            .get_untracked()
            .into_iter()
            .map(|i| i.name)
            .filter(|name| !inputs.contains_key(name))
            .collect();
        if self.missing.with_untracked(|m| *m != missing) {
            self.missing.set(missing);
        }
        let broken = self
            .diagnostics
            .with_untracked(|d| d.iter().any(|d| d.severity == api::run::Severity::Error));
        if broken || self.missing.with_untracked(|m| !m.is_empty()) {
            // The worker would say the same; the last result stays in view.
            self.sim.forget();
            return;
        }
        self.run_text(self.text.get_untracked().to_string());
    }

    /// Another seed, and a run with it.
    pub fn reroll(self) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 999,999")]
        let seed = (js_sys::Math::random() * 1e6) as u64;
        self.settings.update(|s| s.seed = seed);
        self.run_now();
    }

    /// The program as it is saved and sent.
    pub fn project(self) -> Project {
        Project {
            version: VERSION,
            name: self.name.get_untracked(),
            program: Program {
                language: Language::Openqasm,
                text: self.text.get_untracked().to_string(),
            },
            settings: self.settings.get_untracked(),
            inputs: (*self.inputs.get_untracked()).clone(),
            hidden: self.hidden.get_value(),
        }
    }

    /// Whether results hold the exact probabilities of all outcomes from now on, not only of those that were
    /// seen and of the most probable others. Runs again where the last one left some out.
    pub fn want_all_probabilities(self, whole: bool) {
        let before = self.whole.get_value();
        self.whole.set_value(whole);
        let cut = |r: &RunResult| r.truncated.is_some_and(|p| p > 1e-9);
        if whole && !before && self.sim.result.with_untracked(|r| r.as_deref().is_some_and(cut)) {
            self.run_now();
        }
    }

    fn run_text(self, text: String) {
        let (wide, whole) = (self.wide.get_value(), self.whole.get_value());
        let want = self.document.with_untracked(|document| want(wide, whole, document));
        let request = RunRequest { want, ..self.request(text.clone()) };
        self.sim.run(request);
        self.run_noisy(text);
    }

    /// A run of `text` with the settings as they are, which wants the counts alone.
    pub(super) fn request(self, text: String) -> RunRequest {
        let settings = self.settings.get_untracked();
        let mut limits = Limits::default();
        if let Some(bytes) = self.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        RunRequest {
            program: Program::openqasm(text),
            method: Method::Auto,
            precision: settings.precision,
            fast: settings.fast,
            shots: settings.shots,
            seed: settings.seed,
            inputs: self.values(),
            noise: None,
            gradient: None,
            want: Want::default(),
            limits,
        }
    }

    /// Values of the declared inputs, as the language writes them.
    pub fn values(self) -> Inputs {
        let inputs = self.inputs.get_untracked();
        let declared = self.declared.get_untracked();
        let value = |input: &Input| {
            let typed = inputs.get(&input.name)?;
            let number = if input.is_real() { editor::expr::evaluate(typed).ok() } else { None };
            Some((input.name.clone(), number.map_or_else(|| typed.clone(), |n| n.to_string())))
        };
        declared.iter().filter_map(value).collect()
    }

    /// Reads the text: picture, problems, run.
    fn read(self) {
        Self::clear_timer(self.reading);
        let text = self.text.get_untracked();
        let long = text.len() > MAX_BYTES_HERE
            || text.bytes().filter(|b| *b == b'\n').count() > MAX_LINES_HERE;
        if long {
            self.source.set(None);
            self.document.set(Document::default());
            self.undrawn.set(Some(Undrawn::TooLong));
            self.stale.set(false);
            self.diagnostics.set(Arc::default());
            // Results first: both read the text.
            self.run_now();
            let checked = Arc::clone(&text);
            self.sim.check(Program::openqasm(text.to_string()), move |diagnostics| {
                if Arc::ptr_eq(&self.text.get_untracked(), &checked) {
                    self.diagnostics.set(Arc::new(diagnostics));
                }
            });
            return;
        }
        let reading = program::read(&text);
        if text.len() > MAX_BYTES_AT_ONCE {
            // Drawing is a task of its own: the page answers in between.
            let show = move || self.show_reading(reading);
            self.reading.set_value(set_timeout_with_handle(show, Duration::ZERO).ok());
        } else {
            self.show_reading(reading);
        }
    }

    /// Takes over at once what was typed last: someone turns to the picture.
    pub fn settle(self) {
        if self.reading.get_value().is_some() {
            self.read();
        }
    }

    fn show_reading(self, reading: Reading) {
        Self::clear_timer(self.reading);
        let Reading { picture, diagnostics } = reading;
        self.stale.set(picture == Picture::Broken);
        self.diagnostics.set(Arc::new(diagnostics));
        if let Picture::Drawn(document, _) = &picture {
            self.wide.set_value(document.num_qubits() > MAX_STATE_QUBITS);
        }
        match picture {
            Picture::Broken => self.source.set(None),
            Picture::Drawn(document, source) => {
                self.undrawn.set(None);
                self.source.set(Some(source));
                self.document.set(self.valued(document));
            }
            Picture::None(reason) => {
                self.source.set(None);
                self.undrawn.set(Some(Undrawn::Reason(reason)));
                self.document.set(Document::default());
            }
        }
        // What is wanted depends on what is drawn.
        self.run_now();
    }

    /// Calls `then` when the text as it stands has been read.
    pub fn after_reading(self, then: impl FnOnce() + 'static) {
        if self.reading.get_value().is_none() {
            then();
        } else {
            set_timeout(move || self.after_reading(then), Duration::from_millis(10));
        }
    }

    fn show_document(self, document: Document, text: String, source: Source) {
        self.undrawn.set(None);
        self.stale.set(false);
        self.source.set(Some(Arc::new(source)));
        self.wide.set_value(document.num_qubits() > MAX_STATE_QUBITS);
        self.document.set(document);
        self.text.set(text.into());
        self.diagnostics.set(Arc::default());
        Self::clear_timer(self.reading);
        self.run_now();
    }

    fn snapshot(self) -> Snapshot {
        let drawn = !self.stale.get_untracked() && self.undrawn.with_untracked(Option::is_none);
        let source =
            self.source.get_untracked().filter(|_| drawn && self.reading.get_value().is_none());
        Snapshot {
            text: self.text.get_untracked(),
            inputs: self.inputs.get_untracked(),
            drawn: source.map(|source| (self.document.get_untracked(), source)),
        }
    }

    fn record(self, key: Option<&str>) {
        let before = self.snapshot();
        let merge = key.map(|key| Merge { key: key.to_owned(), at: js_sys::Date::now() });
        self.history.update_value(|h| h.record(before, merge));
        self.show_history();
    }

    fn restore(self, snapshot: Option<Snapshot>) {
        let Some(snapshot) = snapshot else { return };
        self.show_history();
        self.inputs.set(snapshot.inputs);
        self.text.set(snapshot.text);
        match snapshot.drawn {
            Some((document, source)) => {
                self.undrawn.set(None);
                self.stale.set(false);
                self.source.set(Some(source));
                self.hidden.set_value(document.header.hidden_names());
                self.wide.set_value(document.num_qubits() > MAX_STATE_QUBITS);
                self.document.set(document);
                self.diagnostics.set(Arc::default());
                Self::clear_timer(self.reading);
                self.run_now();
            }
            None => self.read(),
        }
    }

    fn show_history(self) {
        let (undo, redo) = self.history.with_value(|h| (h.can_undo(), h.can_redo()));
        self.can_undo.set(undo);
        self.can_redo.set(redo);
    }

    fn clear_timer(timer: StoredValue<Option<TimeoutHandle>>) {
        if let Some(handle) = timer.get_value() {
            handle.clear();
        }
        timer.set_value(None);
    }

    /// Keeps the program in the browser after each change, and at once when the page goes away.
    fn autosave(self) {
        Effect::new(move |first: Option<()>| {
            self.name.track();
            self.text.track();
            self.inputs.track();
            self.settings.track();
            // What is hidden stands in the header alone.
            self.document.with(|d| Arc::as_ptr(&d.header).addr());
            if first.is_none() {
                return;
            }
            self.saved.set(Saved::Pending);
            Self::clear_timer(self.saving);
            let handle = set_timeout_with_handle(move || self.save(), AUTOSAVE_PAUSE).ok();
            self.saving.set_value(handle);
        });
        let leave = window_event_listener_untyped("pagehide", move |_| {
            if self.saving.get_value().is_some() {
                self.save();
            }
        });
        on_cleanup(move || leave.remove());
    }

    fn save(self) {
        Self::clear_timer(self.saving);
        let kept = storage::save(PROJECT_KEY, &self.project());
        self.save_figure();
        self.history.with_value(|h| storage::save(HISTORY_KEY, &h.to_stored()));
        self.saved.set(if kept { Saved::Kept } else { Saved::Failed });
    }

    /// Takes the histogram of the result that has just come, or that there is none to be kept.
    pub fn keep_figure(self, figure: Option<String>) {
        let carried = self.carried.with_untracked(Option::is_some);
        self.figure.set_value(figure.filter(|_| !carried));
        // Else it is written with the program.
        if !carried && self.saving.get_value().is_none() {
            set_timeout(move || self.save_figure(), AUTOSAVE_PAUSE);
        }
    }

    /// The histogram, where it is that of the program as it is kept; none else.
    fn save_figure(self) {
        if self.saving.get_value().is_some() {
            return;
        }
        let done = matches!(self.sim.run.get_untracked(), RunState::Done);
        let figure = self.figure.get_value().filter(|_| done && !self.stale.get_untracked());
        match figure {
            Some(figure) => {
                storage::save_text(FIGURE_KEY, &format!(r#"{{"version":1,"figure":{figure}}}"#));
            }
            None => storage::remove(FIGURE_KEY),
        }
    }

    pub fn toasts(self) -> Toasts {
        self.toasts
    }

    /// Whether the result in view belongs to the program as it stands, or will in a moment.
    pub fn is_fresh(self) -> bool {
        !self.stale.get()
            && matches!(self.sim.run.get(), RunState::Done | RunState::Running { slow: false, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Language as Speech, t, use_language};

    /// What `app/boot/boot.js` runs on a first visit is what the page runs then.
    #[test]
    fn the_first_run_is_that_of_the_page() {
        let settings = RunSettings::default();
        let text = EXAMPLES[0].text;
        let crate::program::Picture::Drawn(document, _) = program::read(text).picture else {
            panic!("the first example is drawn");
        };
        let expected = RunRequest {
            program: Program::openqasm(text),
            method: Method::Auto,
            precision: settings.precision,
            fast: settings.fast,
            shots: settings.shots,
            seed: settings.seed,
            inputs: Inputs::default(),
            noise: None,
            gradient: None,
            want: want(false, false, &document),
            limits: Limits::default(),
        };
        let first: RunRequest =
            serde_json::from_str(include_str!("../../boot/first.json")).expect("a request");
        assert_eq!(first, expected, "{}", serde_json::to_string_pretty(&expected).expect("JSON"));
        let boot = include_str!("../../boot/boot.js");
        for speech in Speech::ALL {
            use_language(speech);
            let texts = t();
            for word in [texts.shots, texts.outcome] {
                assert!(boot.contains(&format!("\"{word}\"")), "{word}");
            }
        }
    }
}
