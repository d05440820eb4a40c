//! An overview of a circuit that does not fit the view: where there is something, and what of it is
//! shown. Press or drag in it to go there.

use std::fmt::Write as _;

use editor::Document;
use editor::geometry::Rect;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::PointerEvent;

use super::Board;
use super::words::words;

/// Points across and down at which the circuit is looked at: the overview takes the same time for
/// any circuit.
const ACROSS: usize = 160;
const DOWN: u32 = 24;
/// Height of the overview; its width is `ACROSS` pixels.
const HEIGHT: f64 = 48.0;
/// Shown where the circuit is this much larger than the view.
const WORTHWHILE: f64 = 1.4;

/// Cells of the overview in which something stands, as path data.
fn marks(document: &Document) -> String {
    let (columns, rows) = (document.columns.len().max(1), document.num_qubits().max(1));
    let wide = ACROSS.min(columns);
    let high = DOWN.min(rows);
    let mut taken = vec![false; wide * high as usize];
    for (at, column) in document.columns.iter().enumerate() {
        let x = at * wide / columns;
        for op in &column.operations {
            for row in op.rows(rows) {
                let y = row as usize * high as usize / rows as usize;
                taken[y * wide + x] = true;
            }
        }
    }
    let mut out = String::new();
    let (dx, dy) = (ACROSS as f64 / wide as f64, HEIGHT / f64::from(high));
    for (i, _) in taken.iter().enumerate().filter(|(_, taken)| **taken) {
        let (x, y) = ((i % wide) as f64 * dx, (i / wide) as f64 * dy);
        let (w, h) = ((dx - 0.4).max(0.8), (dy - 0.6).max(0.8));
        let _ = write!(out, "M{x:.1} {y:.1}h{w:.1}v{h:.1}h-{w:.1}z");
    }
    out
}

/// What of the whole is in view, in the overview's pixels.
fn window_of(view: Rect, width: f64, height: f64) -> Rect {
    let (sx, sy) = (ACROSS as f64 / width.max(1.0), HEIGHT / height.max(1.0));
    Rect {
        x: view.x * sx,
        y: view.y * sy,
        width: (view.width * sx).min(ACROSS as f64),
        height: (view.height * sy).min(HEIGHT),
    }
}

#[component]
pub fn Minimap(
    board: Board,
    /// What of the drawing is in view, in pixels.
    viewport: RwSignal<Rect>,
    /// The element that scrolls.
    scroll: NodeRef<Div>,
) -> impl IntoView {
    let whole = Memo::new(move |_| {
        let zoom = board.zoom.get();
        board.layout.with(|l| ((l.width(1) - l.gutter) * zoom, l.height() * zoom))
    });
    let worthwhile = Memo::new(move |_| {
        let (view, (width, height)) = (viewport.get(), whole.get());
        width > WORTHWHILE * view.width || height > WORTHWHILE * view.height
    });
    let path = Memo::new(
        move |_| {
            if worthwhile.get() { board.document.with(marks) } else { String::new() }
        },
    );
    let shown = move || {
        let (width, height) = whole.get();
        window_of(viewport.get(), width, height)
    };
    let go = move |event: &PointerEvent| {
        let Some(element) = scroll.get_untracked() else { return };
        let (view, (width, height)) = (viewport.get_untracked(), whole.get_untracked());
        let x = f64::from(event.offset_x()) / ACROSS as f64 * width - view.width / 2.0;
        let y = f64::from(event.offset_y()) / HEIGHT * height - view.height / 2.0;
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        {
            element.set_scroll_left(x.max(0.0) as i32);
            element.set_scroll_top(y.max(0.0) as i32);
        }
    };
    let press = move |event: PointerEvent| {
        event.prevent_default();
        event.stop_propagation();
        if let Some(target) = event.current_target() {
            use wasm_bindgen::JsCast;
            if let Ok(element) = target.dyn_into::<web_sys::Element>() {
                let _ = element.set_pointer_capture(event.pointer_id());
            }
        }
        go(&event);
    };
    view! {
        <Show when=move || worthwhile.get()>
            <svg
                class="minimap"
                width=ACROSS
                height=HEIGHT
                role="img"
                aria-label=words().overview
                on:pointerdown=press
                on:pointermove=move |event| {
                    if event.buttons() & 1 == 1 {
                        go(&event);
                    }
                }
            >
                <path class="marks" d=path></path>
                <rect
                    class="window"
                    x=move || shown().x
                    y=move || shown().y
                    width=move || shown().width
                    height=move || shown().height
                    rx="2"
                ></rect>
            </svg>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use editor::{Command, Fragment, Gate, Place, palette_gate};

    #[test]
    fn marks_stand_where_operations_do_and_are_bounded() {
        let mut document = Document::new(2, 0);
        assert_eq!(marks(&document), "");
        let fragment = Fragment::single(palette_gate(Gate::H));
        let insert = Command::Insert { fragment, place: Place::At(3), row: 1, assign_bits: false };
        document = editor::apply(&document, &insert).expect("fits").document;
        let quarter = ACROSS as f64 / 4.0;
        assert!(marks(&document).starts_with(&format!(
            "M{:.1} {:.1}",
            3.0 * quarter,
            HEIGHT / 2.0
        )));
        let all = document.operations().map(|op| op.id).collect();
        let many = Command::Repeat { ids: all, times: 1000 };
        document = editor::apply(&document, &many).expect("fits").document;
        assert!(marks(&document).matches('M').count() <= ACROSS * DOWN as usize);
    }

    #[test]
    fn the_window_is_the_view_in_proportion() {
        let view = Rect { x: 100.0, y: 0.0, width: 200.0, height: 50.0 };
        let shown = window_of(view, 1600.0, 100.0);
        assert_eq!(shown, Rect { x: 10.0, y: 0.0, width: 20.0, height: 24.0 });
    }
}
