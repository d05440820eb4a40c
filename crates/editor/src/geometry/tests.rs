use super::*;
use crate::command::{Command, Fragment, apply, palette_gate};
use crate::{Gate, Operation};

fn put(document: &Document, op: Operation, column: usize, row: u32) -> Document {
    let fragment = Fragment::single(op);
    let command = Command::Insert { fragment, place: Place::At(column), row, assign_bits: true };
    apply(document, &command).unwrap_or_else(|e| panic!("{e}")).document
}

fn bell() -> Document {
    put(&put(&Document::new(2, 2), palette_gate(Gate::H), 0, 0), palette_gate(Gate::Cx), 1, 0)
}

fn check(dx: f64, dy: f64, part: Part, place: Place) {
    let document = bell();
    let layout = Layout::new(&document);
    let hit = layout.hit(&document, layout.gutter + dx, RULER + dy);
    assert_eq!((hit.part, hit.place), (part, place), "at {dx}, {dy}");
}

#[test]
fn the_pointer_finds_what_is_drawn() {
    let document = bell();
    let h = document.columns[0].operations[0].id;
    let cx = document.columns[1].operations[0].id;
    check(22.0, 22.0, Part::Body { id: h, row: 0 }, Place::At(0));
    check(22.0, 66.0, Part::Empty, Place::At(0));
    check(66.0, 22.0, Part::Control { id: cx, qubit: Qubit(0) }, Place::At(1));
    check(66.0, 66.0, Part::Body { id: cx, row: 1 }, Place::At(1));
    check(66.0, 40.0, Part::Empty, Place::At(1));
    check(46.0, 22.0, Part::Empty, Place::Before(1));
    check(42.0, 66.0, Part::Empty, Place::Before(1));
    check(200.0, 22.0, Part::Empty, Place::At(4));
    check(22.0, -5.0, Part::Ruler(0), Place::At(0));
    check(-20.0, 22.0, Part::Name(0), Place::Before(0));
    check(22.0, 100.0, Part::Classical(0), Place::At(0));
    check(22.0, 1000.0, Part::Empty, Place::At(0));
}

#[test]
fn wide_labels_widen_their_column_alone() {
    let document = put(&bell(), palette_gate(Gate::U), 2, 0);
    let layout = Layout::new(&document);
    assert!((layout.column_width(0) - CELL).abs() < 1e-9);
    assert!(layout.column_width(2) > CELL);
    assert!((layout.column_width(3) - CELL).abs() < 1e-9);
}

#[test]
fn only_a_window_of_a_large_circuit_is_visible() {
    let mut document = Document::new(100, 0);
    document.columns = (0..1000).map(|_| std::sync::Arc::default()).collect();
    let layout = Layout::new(&document);
    let view = Rect { x: 10_000.0, y: 1000.0, width: 1200.0, height: 600.0 };
    let visible = layout.visible(view);
    assert_eq!(visible.columns.len(), 29);
    assert_eq!(visible.rows, 22..36);
    assert_eq!(layout.column_at(layout.column_x(500) + 1.0), 500);
    // Beyond the end lie empty cells.
    assert_eq!(layout.visible(Rect { x: 1e5, ..view }).columns.start, layout.column_at(1e5));
}

#[test]
fn a_box_selects_what_its_columns_middle_meets() {
    let document = bell();
    let layout = Layout::new(&document);
    let (h, cx) = (document.columns[0].operations[0].id, document.columns[1].operations[0].id);
    let pick = |from: (f64, f64), to: (f64, f64)| {
        let at = |p: (f64, f64)| (p.0 + layout.gutter, p.1 + RULER);
        layout.in_box(&document, Rect::between(at(from), at(to)))
    };
    assert_eq!(pick((0.0, 0.0), (88.0, 88.0)), [h, cx]);
    assert_eq!(pick((50.0, 80.0), (80.0, 50.0)), [cx]);
    assert_eq!(pick((0.0, 50.0), (40.0, 80.0)), []);
    assert_eq!(pick((0.0, 0.0), (15.0, 30.0)), []);
}

#[expect(clippy::float_cmp, reason = "sums of small whole numbers")]
#[test]
fn hidden_rows_lie_in_one_strip() {
    let mut document = Document::new(6, 1);
    let plain = Layout::new(&document);
    std::sync::Arc::make_mut(&mut document.header).hidden = [1, 2, 4].into();
    let layout = Layout::new(&document);
    assert_eq!(plain.height() - layout.height(), 3.0 * CELL - 2.0 * FOLD);
    assert_eq!(
        (layout.fold(0), layout.fold(1), layout.fold(2), layout.fold(4)),
        (0..0, 1..3, 1..3, 4..5)
    );
    assert_eq!(layout.row_y(1), layout.row_y(2));
    assert_eq!(layout.row_y(1), RULER + CELL + FOLD / 2.0);
    assert_eq!(layout.row_y(3), RULER + CELL + FOLD + CELL / 2.0);
    assert_eq!(layout.classical_y(0) - plain.classical_y(0), layout.height() - plain.height());
    // A point in a strip is its first wire; one in a row is that row.
    for row in 0..6 {
        let hit = layout.hit(&document, layout.gutter + 5.0, layout.row_y(row));
        assert_eq!(hit.cell.row, if row == 2 { 1 } else { row });
        let name = matches!(hit.part, Part::Name(_));
        assert_eq!(name, layout.is_hidden(row));
    }
    assert_eq!(layout.hit(&document, 5.0, layout.row_y(5) + CELL).cell.row, 6);
    let all = layout.visible(Rect { x: 0.0, y: 0.0, width: 100.0, height: 1000.0 });
    assert_eq!(all.rows, 0..6);
}
