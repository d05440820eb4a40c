//! State that canvas, palette and inspector share: selection, gesture, zoom, and how an edit goes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::run::Reading;
use editor::gesture::{self, Context, Effect as Outward, Gesture, Input, Subject};
use editor::keys::{self, Action, Outcome};
use editor::{Applied, Command, Document, EditError, Layout, OpId, Selection, What};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::messages::edits::{describing, refusal};

/// Smallest and largest zoom.
pub const ZOOM: (f64, f64) = (0.4, 2.0);

/// Handle to the board. Copies share it.
#[derive(Clone, Copy)]
pub struct Board {
    /// What is edited.
    pub document: Signal<Document>,
    pub read_only: Signal<bool>,
    /// Takes an edit over, or says why not. Edits with one key that follow each other are one step.
    on_edit: StoredValue<EditFn, LocalStorage>,
    /// The document with what is carried put down; `None` when nothing is.
    on_preview: Callback<Option<Arc<Applied>>>,
    /// Undo, redo and other actions that the board does not know.
    on_action: Callback<Action>,
    /// Where the document's parts lie.
    pub layout: Memo<Arc<Layout>>,
    pub selection: RwSignal<Selection>,
    /// Operations that the cursor in the text is at.
    pub linked: RwSignal<Vec<OpId>>,
    pub gesture: RwSignal<Gesture>,
    /// What is shown instead of the document while something is carried.
    pub preview: RwSignal<Option<Arc<Applied>>>,
    pub zoom: RwSignal<f64>,
    /// Asks the stage to fit the circuit into view.
    pub fit: Trigger,
    /// Asks the inspector to take the focus.
    pub edit: Trigger,
    /// A wire, register or column whose panel is open instead of an operation's.
    pub subject: RwSignal<Option<Subject>>,
    /// Gates that are open, outermost first: `document` is the inside of the last one.
    pub opened: RwSignal<Vec<Arc<str>>>,
    /// The line up to which the program was followed, before this column.
    pub mark: RwSignal<Option<usize>>,
    /// What inline displays show, by the operation's identifier.
    pub readings: RwSignal<Arc<BTreeMap<u64, Reading>>>,
    /// The last refusal, shown beside the circuit until the next edit.
    pub refusal: RwSignal<Option<String>>,
    /// For screen readers: where the caret is.
    pub spoken: RwSignal<String>,
}

type EditFn = Box<dyn Fn(&Command, Option<&str>) -> Result<Applied, EditError>>;

impl Board {
    pub fn new(
        document: Signal<Document>,
        read_only: Signal<bool>,
        on_edit: impl Fn(&Command, Option<&str>) -> Result<Applied, EditError> + 'static,
        on_preview: Callback<Option<Arc<Applied>>>,
        on_action: Callback<Action>,
    ) -> Self {
        let on_edit: EditFn = Box::new(on_edit);
        let board = Self {
            document,
            read_only,
            on_edit: StoredValue::new_local(on_edit),
            on_preview,
            on_action,
            layout: Memo::new(move |_| Arc::new(document.with(Layout::new))),
            selection: RwSignal::new(Selection::default()),
            linked: RwSignal::new(Vec::new()),
            gesture: RwSignal::new(Gesture::Idle),
            preview: RwSignal::new(None),
            zoom: RwSignal::new(1.0),
            fit: Trigger::new(),
            edit: Trigger::new(),
            subject: RwSignal::new(None),
            opened: RwSignal::new(Vec::new()),
            mark: RwSignal::new(None),
            readings: RwSignal::new(Arc::default()),
            refusal: RwSignal::new(None),
            spoken: RwSignal::new(String::new()),
        };
        // What was chosen and is gone is no longer chosen.
        Effect::new(move |_| {
            document.with(|document| {
                let selection = board.selection.get_untracked();
                let next = selection.within(document);
                if next != selection {
                    board.selection.set(next);
                }
            });
        });
        board
    }

    /// The same board, with the path of opened gates kept elsewhere.
    #[must_use]
    pub fn with_opened(mut self, opened: RwSignal<Vec<Arc<str>>>) -> Self {
        self.opened = opened;
        self
    }

    /// Shows what the gate under the caret is made of.
    pub fn open_gate(self) {
        if let Some(name) = self.called_gate() {
            self.opened.update(|path| path.push(name));
            self.select(Selection::default());
        }
    }

    /// Goes back until `depth` gates are open.
    pub fn close_gates(self, depth: usize) {
        if self.opened.with_untracked(Vec::len) > depth {
            self.opened.update(|path| path.truncate(depth));
            self.select(Selection::default());
        }
    }

    /// Applies an edit; a refusal is shown. Gives what it touched.
    pub fn apply(self, command: &Command) -> Option<Applied> {
        self.apply_merged(command, None)
    }

    /// The same; edits with one `key` that follow each other are taken back together.
    pub fn apply_merged(self, command: &Command, key: Option<&str>) -> Option<Applied> {
        if self.read_only.get_untracked() {
            return None;
        }
        match self.on_edit.with_value(|edit| edit(command, key)) {
            Ok(applied) => {
                self.refusal.set(None);
                Some(applied)
            }
            Err(error) => {
                self.refusal.set(Some(refusal(&error)));
                None
            }
        }
    }

    /// One step of the gesture.
    pub fn send(self, input: Input) -> Vec<Outward> {
        let document = self.document.get_untracked();
        let layout = self.layout.get_untracked();
        let selection = self.selection.get_untracked();
        let context = Context {
            document: &document,
            layout: &layout,
            selection: &selection,
            read_only: self.read_only.get_untracked(),
        };
        let before = self.gesture.get_untracked();
        let (after, effects) = gesture::step(before.clone(), input, context);
        if after != before {
            self.gesture.set(after);
        }
        for effect in &effects {
            match effect {
                Outward::Select(selection) => self.select(selection.clone()),
                Outward::Apply(command) => {
                    self.apply(command);
                }
                Outward::Preview(preview) => {
                    self.preview.set(preview.clone());
                    self.on_preview.run(preview.clone());
                }
                Outward::Inspect(subject) => self.subject.set(Some(*subject)),
                Outward::AwaitLongPress => {}
            }
        }
        effects
    }

    pub fn select(self, selection: Selection) {
        if selection.caret != self.selection.with_untracked(|s| s.caret) {
            let text = self
                .document
                .with_untracked(|d| editor::describe::cell(d, selection.caret, describing()));
            self.spoken.set(text);
        }
        self.refusal.set(None);
        if self.subject.with_untracked(Option::is_some) {
            self.subject.set(None);
        }
        self.selection.set(selection);
    }

    /// Does an action at the caret.
    pub fn act(self, action: Action) {
        let outcome = self.document.with_untracked(|document| {
            self.selection.with_untracked(|s| keys::perform(action, document, s))
        });
        match outcome {
            Outcome::Nothing => {}
            Outcome::Select(selection) => self.select(selection),
            Outcome::Do { command, then, touched } => {
                if let Some(applied) = self.apply(&command) {
                    let next = if touched { then.with(applied.touched) } else { then };
                    self.select(next.within(&applied.document));
                }
            }
            Outcome::Page(Action::ZoomIn) => self.zoom_by(1.25),
            Outcome::Page(Action::ZoomOut) => self.zoom_by(0.8),
            Outcome::Page(Action::ZoomFit) => self.fit.notify(),
            Outcome::Page(Action::Edit) => self.edit_caret(),
            Outcome::Page(Action::EditWire) => {
                let row = self.selection.with_untracked(|s| s.caret.row);
                self.inspect(Subject::Qubit(row));
            }
            Outcome::Page(Action::EditColumn) => {
                let column = self.selection.with_untracked(|s| s.caret.column);
                if column < self.document.with_untracked(|d| d.columns.len()) {
                    self.inspect(Subject::Column(column));
                }
            }
            Outcome::Page(Action::OpenGate) => self.open_gate(),
            Outcome::Page(Action::CloseGate) => {
                self.close_gates(self.opened.with_untracked(Vec::len).saturating_sub(1));
            }
            Outcome::Page(Action::Ungroup) => self.ungroup(),
            Outcome::Page(Action::Group) => self.group(),
            Outcome::Page(action) => self.on_action.run(action),
        }
    }

    /// Opens a panel and hands the focus to it.
    fn inspect(self, subject: Subject) {
        if !self.read_only.get_untracked() {
            self.subject.set(Some(subject));
            self.edit.notify();
        }
    }

    /// The gate that the chosen operation, or the one under the caret, calls, if it can be opened.
    pub fn called_gate(self) -> Option<Arc<str>> {
        self.document.with_untracked(|d| {
            let ids = self.selection.with_untracked(|s| keys::targets(d, s));
            let [id] = ids.as_slice() else { return None };
            match &d.find(*id)?.1.what {
                What::Call { name, .. } => {
                    d.header.definition(name)?.body.as_ref()?;
                    Some(Arc::clone(name))
                }
                _ => None,
            }
        })
    }

    pub fn zoom_by(self, factor: f64) {
        self.zoom.update(|z| *z = (*z * factor).clamp(ZOOM.0, ZOOM.1));
    }

    /// What an action at the caret would act on.
    pub fn chosen(self) -> Vec<OpId> {
        self.document.with_untracked(|d| self.selection.with_untracked(|s| keys::targets(d, s)))
    }

    /// Chooses operations, moves the caret to the first and takes the focus.
    pub fn go_to(self, ids: Vec<OpId>) {
        let cell = self.document.with_untracked(|d| {
            let (column, op) = ids.first().and_then(|id| d.find(*id))?;
            Some(editor::geometry::Cell { column, row: *op.rows(d.num_qubits()).start() })
        });
        if let Some(cell) = cell {
            self.select(Selection { ids: ids.into_iter().collect(), ..Selection::at(cell) });
            let root = document().query_selector(".board").ok().flatten();
            if let Some(root) = root.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = root.focus();
            }
        }
    }

    /// Chooses what is under the caret and hands the focus to the inspector.
    fn edit_caret(self) {
        let ids = self
            .document
            .with_untracked(|d| self.selection.with_untracked(|s| keys::targets(d, s)));
        if ids.len() == 1 {
            self.selection.update(|s| s.ids = ids.into_iter().collect());
            self.edit.notify();
        }
    }

    fn ungroup(self) {
        let ids = self
            .document
            .with_untracked(|d| self.selection.with_untracked(|s| keys::targets(d, s)));
        if let [id] = ids.as_slice()
            && let Some(applied) = self.apply(&Command::Ungroup { id: *id })
        {
            let next = self.selection.get_untracked().with(applied.touched);
            self.select(next);
        }
    }

    /// Makes a gate of the selection, under a name that is free; the inspector can change it.
    fn group(self) {
        let ids = self.selection.with_untracked(Selection::ids);
        let name = self.document.with_untracked(|d| d.header.fresh_name("block"));
        if let Some(applied) = self.apply(&Command::Group { ids, name }) {
            let next = self.selection.get_untracked().with(applied.touched);
            self.select(next);
        }
    }
}
