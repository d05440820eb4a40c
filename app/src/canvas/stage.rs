//! The drawing: a scrolling surface of which only the visible columns and rows are in the page.

use std::sync::Arc;

use editor::geometry::{self, Cell, Rect, Visible};
use editor::gesture::{Drop, Gesture, Held};
use editor::keys::{Action, Keyboard};
use editor::{Column, Document, Header, Layout, Place, draw};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::prelude::*;
use web_sys::{ResizeObserver, WheelEvent};

use super::inspector::Inspector;
use super::minimap::Minimap;
use super::pointer::Surface;
use super::words::words;
use super::{Board, clipboard, keyboard};
use crate::displays::inline;
use crate::messages::edits::{describing, refusal};

/// Empty columns at the end, for drops.
const SPARE_COLUMNS: usize = 6;
/// Rows are drawn in groups of this many, so that scrolling redraws rarely.
const ROW_GROUP: u32 = 16;

/// What is drawn: the document, or the one that a drop would give.
#[derive(Clone)]
struct Shown {
    document: Document,
    layout: Arc<Layout>,
}

/// One column in view, as a list item: equal keys are drawn alike.
#[derive(Clone)]
struct Item {
    at: usize,
    column: Arc<Column>,
    header: Arc<Header>,
    layout: Arc<Layout>,
    rows: std::ops::Range<u32>,
}

impl Item {
    fn key(&self) -> (usize, usize, usize, u64, u32, u32, u32) {
        let x = self.layout.center_x(self.at).to_bits();
        let height = self.layout.num_qubits * 64 + self.layout.num_registers;
        (
            self.at,
            Arc::as_ptr(&self.column).addr(),
            Arc::as_ptr(&self.header).addr(),
            x,
            height,
            self.rows.start,
            self.rows.end,
        )
    }
}

/// The circuit, to be edited.
#[expect(clippy::too_many_lines, reason = "one surface: what it measures, shows and listens to")]
#[component]
pub fn CircuitCanvas(
    /// What is edited, and how edits go out.
    board: Board,
) -> impl IntoView {
    let scroll = NodeRef::<Div>::new();
    let names = NodeRef::<Div>::new();
    let root = NodeRef::<Div>::new();
    let svg = NodeRef::<Svg>::new();
    let viewport = RwSignal::new(Rect { width: 1200.0, height: 600.0, ..Rect::default() });
    let keys = StoredValue::new(Keyboard::default());

    let shown = Memo::new_with_compare(
        move |_| {
            let document = match board.preview.get() {
                Some(applied) => applied.document.clone(),
                None => board.document.get(),
            };
            let carried = board.preview.with(Option::is_some);
            let layout =
                if carried { Arc::new(Layout::new(&document)) } else { board.layout.get() };
            Shown { document, layout }
        },
        |_, _| true,
    );
    // Where things lie for the pointer: as they were before the drag.
    let gutter = Signal::derive(move || board.layout.with(|l| l.gutter));
    let surface = Surface::new(board, svg, names, scroll, gutter);
    let visible = Memo::new(move |_| {
        let zoom = board.zoom.get();
        let view = viewport.get();
        shown.with(|s| {
            let shift = s.layout.gutter;
            s.layout.visible(Rect {
                x: view.x / zoom + shift,
                y: view.y / zoom,
                width: view.width / zoom,
                height: view.height / zoom,
            })
        })
    });
    let rows = Memo::new(move |_| {
        let visible = visible.get();
        let num = shown.with(|s| s.layout.num_qubits);
        let first = visible.rows.start / ROW_GROUP * ROW_GROUP;
        let last = (visible.rows.end.div_ceil(ROW_GROUP) * ROW_GROUP).min(num);
        (first.min(last), last)
    });
    let items = move || {
        let Visible { columns, .. } = visible.get();
        let (first, last) = rows.get();
        shown.with(|s| {
            let end = columns.end.min(s.document.columns.len());
            (columns.start.min(end)..end)
                .map(|at| Item {
                    at,
                    column: Arc::clone(&s.document.columns[at]),
                    header: Arc::clone(&s.document.header),
                    layout: Arc::clone(&s.layout),
                    rows: first..last,
                })
                .collect::<Vec<_>>()
        })
    };
    // Wide enough for all columns, some empty ones, and the viewport.
    let size = Memo::new(move |_| {
        let zoom = board.zoom.get();
        let view = viewport.get();
        shown.with(|s| {
            let width = (s.layout.width(SPARE_COLUMNS) - s.layout.gutter)
                .max(view.width / zoom - s.layout.gutter)
                .max(geometry::CELL);
            (width.floor(), s.layout.height() + geometry::CELL)
        })
    });
    let view_box = move || {
        let (width, height) = size.get();
        shown.with(|s| format!("{} 0 {width} {height}", s.layout.gutter))
    };
    let wires = move || {
        let (first, last) = rows.get();
        let (width, _) = size.get();
        shown.with(|s| {
            let from = s.layout.gutter - 4.0;
            draw::wires(&s.layout, &s.document.header, first..last, from, s.layout.gutter + width)
        })
    };
    let name_texts = move || {
        let (first, last) = rows.get();
        shown.with(|s| {
            draw::names(&s.layout, &s.document.header, first..last, s.layout.gutter - 10.0)
        })
    };

    let measure = move || {
        if let Some(element) = scroll.get_untracked() {
            viewport.set(Rect {
                x: f64::from(element.scroll_left()),
                y: f64::from(element.scroll_top()),
                width: f64::from(element.client_width()),
                height: f64::from(element.client_height()),
            });
        }
    };
    watch_size(scroll, measure);
    Effect::new(move |first: Option<()>| {
        board.fit.track();
        if first.is_some() {
            fit(board, viewport.get_untracked());
        }
    });
    // Keys move the caret out of view: follow it.
    Effect::new(move |_| {
        let caret = board.selection.with(|s| s.caret);
        if let Some(element) = scroll.get_untracked() {
            follow(&element, board, caret);
        }
    });

    let wheel = move |event: WheelEvent| {
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            board.zoom_by((-event.delta_y() * 0.0025).exp());
        }
    };
    let touch = move |event: web_sys::TouchEvent| {
        if board.gesture.with_untracked(Gesture::holds_pointer) && event.cancelable() {
            event.prevent_default();
        }
    };
    let press = move |event: web_sys::PointerEvent| {
        if let Some(element) = root.get_untracked() {
            let _ = element.focus();
        }
        surface.down(&event);
    };
    let pixels = move |units: f64| format!("{}px", units * board.zoom.get());

    view! {
        <div
            class="board"
            class:carrying=move || board.gesture.with(|g| matches!(g, Gesture::Carrying { .. }))
            class:refusing=move || board.gesture.with(|g| g.reason().is_some())
            node_ref=root
            tabindex="0"
            role="application"
            aria-label=words().circuit
            aria-describedby="board-text"
            on:keydown=move |event| keyboard::down(&event, board, keys)
            on:keyup=move |event| keyboard::up(&event, board, keys)
            on:blur=move |_| keys.update_value(Keyboard::reset)
            on:copy=move |event| clipboard::copy(&event, board, false)
            on:cut=move |event| clipboard::copy(&event, board, true)
            on:paste=move |event| clipboard::paste(&event, board)
        >
            <div
                class="board-scroll"
                node_ref=scroll
                on:scroll=move |_| measure()
                on:wheel=wheel
                on:touchmove=touch
                on:contextmenu=move |event| event.prevent_default()
                on:pointerdown=press
                on:dblclick=move |_| {
                    if board.called_gate().is_some() {
                        board.open_gate();
                    } else {
                        board.act(Action::ShowText);
                    }
                }
            >
                <div class="board-sheet">
                    <div class="board-names" node_ref=names>
                        <svg
                            aria-hidden="true"
                            width=move || pixels(shown.with(|s| s.layout.gutter))
                            height=move || pixels(size.get().1)
                            viewBox=move || format!("0 0 {} {}", shown.with(|s| s.layout.gutter), size.get().1)
                        >
                            <g inner_html=name_texts></g>
                        </svg>
                    </div>
                    <svg
                        class="board-drawing"
                        node_ref=svg
                        aria-hidden="true"
                        width=move || pixels(size.get().0)
                        height=move || pixels(size.get().1)
                        viewBox=view_box
                    >
                        <Grid board=board shown=shown visible=visible />
                        <g inner_html=wires></g>
                        <g>
                            <For each=items key=Item::key let:item>
                                <DrawnColumn item=item />
                            </For>
                        </g>
                        <Readings board=board shown=shown visible=visible />
                        <Mark board=board shown=shown />
                        <Overlay board=board shown=shown />
                    </svg>
                </div>
            </div>
            <Show when=move || board.document.with(|d| d.columns.is_empty())>
                <p class="board-empty">{words().empty}</p>
            </Show>
            <Notice board=board />
            <Tools board=board />
            <Minimap board=board viewport=viewport scroll=scroll />
            <Inspector board=board viewport=viewport />
            <p id="board-text" class="visually-hidden">
                {move || board.document.with(|d| editor::describe::circuit(d, describing()))}
            </p>
            <p class="visually-hidden" aria-live="polite">
                {board.spoken}
            </p>
        </div>
    }
}

/// Keeps its column alive as long as it is shown: the key of the list holds its address.
#[component]
fn DrawnColumn(
    /// What to draw.
    item: Item,
) -> impl IntoView {
    let picture =
        draw::column(&item.column, item.at, &item.layout, &item.header, item.rows.clone());
    let comment = item.column.comment.is_some().then(|| {
        let x = item.layout.center_x(item.at);
        view! { <circle class="remark" cx=x cy=geometry::RULER / 2.0 r="3"></circle> }
    });
    let held = StoredValue::new((item.column, item.header));
    on_cleanup(move || held.dispose());
    view! { <g><g inner_html=picture></g>{comment}</g> }
}

/// Lines between cells, while something is carried; numbers over the columns.
#[component]
fn Grid(board: Board, shown: Memo<Shown>, visible: Memo<Visible>) -> impl IntoView {
    let numbers = move || {
        let columns = visible.get().columns;
        shown.with(|s| {
            columns
                .filter(|at| (at + 1) % 5 == 0 && *at < s.layout.num_columns())
                .map(|at| {
                    let x = s.layout.center_x(at);
                    view! { <text class="column-number" x=x y=geometry::RULER / 2.0>{at + 1}</text> }
                })
                .collect_view()
        })
    };
    let lines = move || {
        if !board.gesture.with(|g| matches!(g, Gesture::Carrying { .. })) {
            return None;
        }
        let Visible { columns, rows } = visible.get();
        Some(shown.with(|s| {
            let bottom = s.layout.row_y(rows.end) - geometry::CELL / 2.0;
            let top = s.layout.row_y(rows.start) - geometry::CELL / 2.0;
            columns
                .map(|at| {
                    let x = s.layout.column_x(at);
                    view! { <line class="grid" x1=x x2=x y1=top y2=bottom></line> }
                })
                .collect_view()
        }))
    };
    view! { <g>{lines}{numbers}</g> }
}

/// What inline displays in view show.
#[component]
fn Readings(board: Board, shown: Memo<Shown>, visible: Memo<Visible>) -> impl IntoView {
    let drawn = move || {
        let Visible { columns, .. } = visible.get();
        let readings = board.readings.get();
        if readings.is_empty() {
            return String::new();
        }
        shown.with(|s| {
            let mut out = String::new();
            let end = columns.end.min(s.document.columns.len());
            for at in columns.start.min(end)..end {
                for op in &s.document.columns[at].operations {
                    if let Some(reading) = readings.get(&op.id.0) {
                        out += &inline::draw(op, reading, inline::frame(op, at, &s.layout));
                    }
                }
            }
            out
        })
    };
    view! { <g class="readings" inner_html=drawn></g> }
}

/// How far the program was followed: what lies behind the line has not happened.
#[component]
fn Mark(board: Board, shown: Memo<Shown>) -> impl IntoView {
    let line = move || {
        let column = board.mark.get()?;
        Some(shown.with(|s| {
            let x = s.layout.column_x(column);
            let bottom = s.layout.height();
            let rest = (s.layout.width(SPARE_COLUMNS) - x).max(0.0);
            view! {
                <rect class="not-yet" x=x y="0" width=rest height=bottom></rect>
                <line class="mark" x1=x x2=x y1=geometry::RULER / 2.0 y2=bottom></line>
            }
        }))
    };
    view! { <g class="marks">{line}</g> }
}

/// Selection, caret, drop and rectangle.
#[component]
fn Overlay(board: Board, shown: Memo<Shown>) -> impl IntoView {
    let frame = |class: &'static str, r: Rect, inset: f64| {
        view! {
            <rect
                class=class
                x=r.x + inset
                y=r.y + inset
                width=(r.width - 2.0 * inset).max(0.0)
                height=(r.height - 2.0 * inset).max(0.0)
                rx="6"
            ></rect>
        }
    };
    let selected = move || {
        let touched = board.preview.get();
        shown.with(|s| {
            board.selection.with(|selection| {
                if touched.is_none() && selection.is_empty() {
                    return Vec::new().into_iter().collect_view();
                }
                let mut out = Vec::new();
                for (at, column) in s.document.columns.iter().enumerate() {
                    for op in &column.operations {
                        let held = touched.as_ref().is_some_and(|a| a.touched.contains(&op.id));
                        if held || (touched.is_none() && selection.ids.contains(&op.id)) {
                            let class = if held { "held" } else { "selected" };
                            out.push(frame(class, s.layout.operation_rect(at, op), 2.0));
                        }
                    }
                }
                out.into_iter().collect_view()
            })
        })
    };
    // What the cursor in the text is at.
    let linked = move || {
        board.linked.with(|linked| {
            shown.with(|s| {
                let mut out = Vec::new();
                for id in linked {
                    if let Some((at, op)) = s.document.find(*id) {
                        out.push(frame("linked", s.layout.operation_rect(at, op), 1.0));
                    }
                }
                out.into_iter().collect_view()
            })
        })
    };
    let caret = move || {
        let cell = board.selection.with(|s| s.caret);
        shown.with(|s| frame("caret", s.layout.cell_rect(cell), 1.0))
    };
    let drop = move || {
        board.gesture.with(|g| {
            let Gesture::Carrying { held, over: Some((cell, place)), drop, .. } = g else {
                return None;
            };
            let class = match drop {
                Drop::Impossible(_) => "drop impossible",
                _ => "drop",
            };
            let layout = board.layout.get();
            Some(match (held, place) {
                (Held::Wire { .. }, _) => {
                    let r = layout.cell_rect(Cell { column: 0, row: cell.row });
                    frame(class, Rect { width: layout.width(SPARE_COLUMNS) - r.x, ..r }, 2.0)
                        .into_any()
                }
                (Held::New { .. } | Held::Move { .. } | Held::Copy { .. }, Place::Before(at)) => {
                    let x = layout.column_x(*at);
                    let y = layout.row_y(cell.row);
                    let half = geometry::CELL / 2.0;
                    view! { <line class="drop-gap" x1=x x2=x y1=y - half y2=y + half></line> }
                        .into_any()
                }
                _ => frame(class, layout.cell_rect(*cell), 2.0).into_any(),
            })
        })
    };
    let area = move || board.gesture.with(Gesture::area).map(|r| frame("area", r, 0.0));
    view! {
        <g class="overlay">
            <g>{linked}</g>
            <g>{selected}</g>
            <g>{drop}</g>
            <g>{caret}</g>
            <g>{area}</g>
        </g>
    }
}

/// Why a drop or an edit is refused; what a drop outside does.
#[component]
fn Notice(board: Board) -> impl IntoView {
    let text = move || {
        board
            .gesture
            .with(|g| match g {
                Gesture::Carrying { drop: Drop::Impossible(error), .. } => Some(refusal(error)),
                Gesture::Carrying { drop: Drop::Remove(..), .. } => {
                    Some(words().drop_removes.to_owned())
                }
                Gesture::Carrying { held: Held::New { sticky: true, .. }, over: None, .. } => {
                    Some(words().click_places.to_owned())
                }
                _ => None,
            })
            .or_else(|| board.refusal.get())
    };
    view! {
        <div class="board-notice" role="status">
            {move || text().map(|text| view! { <p>{text}</p> })}
        </div>
    }
}

/// Zoom, wires.
#[component]
fn Tools(board: Board) -> impl IntoView {
    let percent = move || format!("{:.0} %", board.zoom.get() * 100.0);
    let button = move |label: &'static str, text: &'static str, action: Action| {
        view! {
            <button
                type="button"
                class="board-tool"
                title=label
                aria-label=label
                on:click=move |_| board.act(action)
            >
                {text}
            </button>
        }
    };
    view! {
        <div class="board-tools" role="toolbar" aria-label=words().view on:keydown=move |event| event.stop_propagation()>
            <Show when=move || !board.read_only.get()>
                <button
                    type="button"
                    class="board-tool wide"
                    title=words().add_wire_key
                    on:click=move |_| {
                        let at = board.document.with_untracked(Document::num_qubits);
                        board.apply(&editor::Command::AddQubit { at });
                    }
                >
                    {words().add_wire}
                </button>
            </Show>
            {button(words().zoom_out, "−", Action::ZoomOut)}
            <button type="button" class="board-tool wide" title=words().fit on:click=move |_| board.act(Action::ZoomFit)>
                {percent}
            </button>
            {button(words().zoom_in, "+", Action::ZoomIn)}
        </div>
    }
}

/// Calls `changed` when the element is there and when its size changes.
fn watch_size(element: NodeRef<Div>, changed: impl Fn() + Copy + 'static) {
    let held = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        changed();
        let callback = Closure::<dyn FnMut()>::new(changed);
        if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            held.set_value(Some((observer, callback)));
        }
    });
    on_cleanup(move || {
        held.update_value(|held| {
            if let Some((observer, _)) = held.take() {
                observer.disconnect();
            }
        });
    });
}

/// Zooms so that the whole circuit is in view, as far as the limits allow.
fn fit(board: Board, view: Rect) {
    let (width, height) = board.layout.with_untracked(|l| (l.width(1), l.height() + 16.0));
    let zoom = (view.width / width).min(view.height / height).min(1.0);
    board.zoom.set(zoom.clamp(super::board::ZOOM.0, super::board::ZOOM.1));
}

/// Scrolls as little as needed for the cell to be in view.
fn follow(element: &web_sys::HtmlDivElement, board: Board, cell: Cell) {
    let zoom = board.zoom.get_untracked();
    let (r, gutter) = board.layout.with_untracked(|l| (l.cell_rect(cell), l.gutter));
    let (left, top) = (f64::from(element.scroll_left()), f64::from(element.scroll_top()));
    let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
    let x = (r.x - gutter) * zoom;
    let shown = width - gutter * zoom;
    let next = |at: f64, size: f64, from: f64, room: f64| {
        if at < from {
            at
        } else if at + size > from + room {
            at + size - room
        } else {
            from
        }
    };
    let (x, y) =
        (next(x, r.width * zoom, left, shown), next(r.y * zoom, r.height * zoom, top, height));
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    if (x - left).abs() > 0.5 || (y - top).abs() > 0.5 {
        element.set_scroll_left(x.max(0.0) as i32);
        element.set_scroll_top(y.max(0.0) as i32);
    }
}
