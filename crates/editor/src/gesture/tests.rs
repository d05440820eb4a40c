use super::*;
use crate::command::palette_gate;
use crate::emit::emit;
use crate::geometry::{CELL, RULER};
use crate::{Gate, Operation};

/// A page around the machine: does what the effects say.
struct Page {
    document: Document,
    selection: Selection,
    gesture: Gesture,
    preview: Option<Arc<Applied>>,
    read_only: bool,
}

impl Page {
    fn new(operations: &[(Operation, usize, u32)]) -> Self {
        let mut document = Document::new(3, 0);
        for (op, column, row) in operations {
            let command = Command::Insert {
                fragment: Fragment::single(op.clone()),
                place: Place::At(*column),
                row: *row,
                assign_bits: true,
            };
            document = apply(&document, &command).expect("room").document;
        }
        Self {
            document,
            selection: Selection::default(),
            gesture: Gesture::Idle,
            preview: None,
            read_only: false,
        }
    }

    fn send(&mut self, input: Input) -> Vec<Effect> {
        let layout = Layout::new(&self.document);
        let context = Context {
            document: &self.document,
            layout: &layout,
            selection: &self.selection,
            read_only: self.read_only,
        };
        let (gesture, effects) = step(std::mem::take(&mut self.gesture), input, context);
        self.gesture = gesture;
        for effect in &effects {
            match effect.clone() {
                Effect::Select(selection) => self.selection = selection,
                Effect::Apply(command) => {
                    self.document =
                        apply(&self.document, &command).expect("it was possible").document;
                }
                Effect::Preview(preview) => self.preview = preview,
                Effect::AwaitLongPress | Effect::Inspect(_) => {}
            }
        }
        effects
    }

    fn pointer(&self, column: f64, row: f64) -> Pointer {
        let layout = Layout::new(&self.document);
        Pointer { x: layout.gutter + column * CELL, y: RULER + row * CELL, ..Pointer::default() }
    }

    fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (a, b) = (self.pointer(from.0, from.1), self.pointer(to.0, to.1));
        self.send(Input::Down(a));
        self.send(Input::Move(b));
        self.send(Input::Up(b));
    }

    fn body(&self) -> String {
        let text = emit(&self.document);
        text.split("q;\n").nth(1).unwrap_or("").replace('\n', " ").trim().to_owned()
    }
}

fn gate(gate: Gate) -> Operation {
    palette_gate(gate)
}

#[test]
fn a_gate_is_dragged_to_another_cell() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0)]);
    page.drag((0.5, 0.5), (1.5, 2.5));
    assert_eq!(page.body(), "h q[2];");
    assert_eq!(page.selection.ids.len(), 1);
    assert_eq!(page.gesture, Gesture::Idle);
}

#[test]
fn the_document_with_the_gate_in_the_hand_is_shown_and_taken_back() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0)]);
    let (from, to) = (page.pointer(0.5, 0.5), page.pointer(1.5, 1.5));
    page.send(Input::Down(from));
    page.send(Input::Move(to));
    let preview = page.preview.clone().expect("a preview");
    assert!(emit(&preview.document).contains("h q[1];"));
    assert_eq!(page.body(), "h q[0];");
    // The same cell again asks for nothing.
    assert_eq!(page.send(Input::Move(page.pointer(1.4, 1.6))), []);
    page.send(Input::Cancel);
    assert_eq!((page.preview.clone(), page.body().as_str()), (None, "h q[0];"));
}

#[test]
fn something_new_comes_from_the_palette_by_drag_or_by_two_clicks() {
    let mut page = Page::new(&[]);
    let fragment = Fragment::single(gate(Gate::Cx));
    page.send(Input::PickUp { fragment: fragment.clone(), sticky: false });
    page.send(Input::Move(page.pointer(0.5, 0.5)));
    page.send(Input::Up(page.pointer(0.5, 0.5)));
    assert_eq!(page.body(), "cx q[0], q[1];");
    page.send(Input::PickUp { fragment, sticky: true });
    // The click that took it up ends outside the canvas.
    page.send(Input::Up(Pointer { x: -100.0, y: 50.0, ..Pointer::default() }));
    assert!(page.gesture.holds_pointer());
    page.send(Input::Move(page.pointer(1.5, 1.5)));
    page.send(Input::Down(page.pointer(1.5, 1.5)));
    page.send(Input::Up(page.pointer(1.5, 1.5)));
    assert_eq!(page.body(), "cx q[0], q[1]; cx q[1], q[2];");
}

#[test]
fn carried_outside_it_is_removed() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0), (gate(Gate::X), 0, 1)]);
    page.drag((0.5, 0.5), (0.5, -5.0));
    assert_eq!(page.body(), "x q[1];");
}

#[test]
fn a_control_is_dragged_to_another_wire() {
    let mut page = Page::new(&[(gate(Gate::Cx), 0, 0)]);
    page.drag((0.5, 0.5), (0.5, 2.5));
    assert_eq!(page.body(), "cx q[2], q[1];");
}

#[test]
fn a_wire_is_dragged_by_its_name() {
    let mut page = Page::new(&[(gate(Gate::Cx), 0, 0)]);
    page.drag((-0.5, 0.5), (-0.5, 2.5));
    assert_eq!(page.body(), "cx q[2], q[0];");
}

#[test]
fn copying_leaves_the_original() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0)]);
    let (mut from, to) = (page.pointer(0.5, 0.5), page.pointer(1.5, 1.5));
    from.copy = true;
    page.send(Input::Down(from));
    page.send(Input::Move(to));
    page.send(Input::Up(to));
    assert_eq!(page.body(), "h q[0]; h q[1];");
}

#[test]
fn an_impossible_drop_says_why_and_changes_nothing() {
    let mut page = Page::new(&[(gate(Gate::Cx), 0, 0)]);
    page.document = apply(
        &page.document,
        &Command::Rewire {
            id: page.document.columns[0].operations[0].id,
            from: Qubit(1),
            to: Qubit(2),
        },
    )
    .expect("free")
    .document;
    // Grabbed at its lower end and carried above the first wire.
    let (from, to) = (page.pointer(0.5, 2.5), page.pointer(0.5, 0.5));
    page.send(Input::Down(from));
    page.send(Input::Move(to));
    assert_eq!(page.gesture.reason(), Some(&EditError::AboveTop));
    page.send(Input::Up(to));
    assert_eq!(page.body(), "cx q[0], q[2];");
}

#[test]
fn an_empty_cell_takes_the_caret_and_a_box_selects() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0), (gate(Gate::X), 1, 1)]);
    let at = page.pointer(1.5, 2.5);
    page.send(Input::Down(at));
    page.send(Input::Up(at));
    assert_eq!(page.selection, Selection::at(Cell { column: 1, row: 2 }));
    page.drag((2.5, 2.8), (0.2, 0.2));
    assert_eq!(page.selection.ids.len(), 2);
}

#[test]
fn shift_adds_to_the_selection_and_takes_away() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0), (gate(Gate::X), 1, 1)]);
    for (column, row, expected) in [(0.5, 0.5, 1), (1.5, 1.5, 2), (0.5, 0.5, 1)] {
        let mut at = page.pointer(column, row);
        at.shift = true;
        page.send(Input::Down(at));
        page.send(Input::Up(at));
        assert_eq!(page.selection.ids.len(), expected);
    }
}

#[test]
fn a_finger_scrolls_unless_it_rests() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0)]);
    let touch = |p: Pointer| Pointer { device: Device::Touch, ..p };
    let (from, to) = (touch(page.pointer(0.5, 0.5)), touch(page.pointer(1.5, 1.5)));
    assert_eq!(page.send(Input::Down(from)), [Effect::AwaitLongPress]);
    page.send(Input::Move(to));
    assert_eq!(page.gesture, Gesture::Idle);
    page.send(Input::Down(from));
    page.send(Input::LongPress);
    page.send(Input::Move(to));
    page.send(Input::Up(to));
    assert_eq!(page.body(), "h q[1];");
}

#[test]
fn nothing_is_carried_where_the_circuit_is_read_only() {
    let mut page = Page::new(&[(gate(Gate::H), 0, 0)]);
    page.read_only = true;
    page.drag((0.5, 0.5), (1.5, 1.5));
    page.send(Input::PickUp { fragment: Fragment::single(gate(Gate::X)), sticky: true });
    assert_eq!((page.body().as_str(), page.gesture), ("h q[0];", Gesture::Idle));
}
