//! Pointer events, in the drawing's coordinates.
//!
//! A press begins on the stage or in the palette; from then on the window's events count, so that a
//! drag may leave the canvas and come back.

use std::time::Duration;

use editor::gesture::{Device, Effect, Gesture, Input, LONG_PRESS_MS, Pointer};
use leptos::ev;
use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast;
use web_sys::PointerEvent;

use super::Board;

/// The elements that give coordinates.
#[derive(Clone, Copy)]
pub struct Surface {
    pub board: Board,
    pub svg: NodeRef<Svg>,
    pub names: NodeRef<Div>,
    /// What is in view of the drawing.
    pub scroll: NodeRef<Div>,
    /// Width of the names, in drawing units.
    pub gutter: Signal<f64>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// The last event of a gesture that holds the pointer, while the view scrolls along.
    last: StoredValue<Option<PointerEvent>, LocalStorage>,
    scrolling: StoredValue<bool>,
}

/// Distance from the view's edge, in pixels, at which a drag scrolls it.
const EDGE: f64 = 32.0;
/// Fastest scrolling, in pixels a frame, at the edge itself.
const SPEED: f64 = 14.0;

/// How far to scroll in one frame with the pointer at `at` between two edges: towards the nearer
/// one, faster the nearer it is. Nothing outside, where a drop would remove.
fn step(at: f64, from: f64, to: f64) -> f64 {
    if at < from || at > to || to - from < 4.0 * EDGE {
        return 0.0;
    }
    let near = |distance: f64| ((EDGE - distance) / EDGE).max(0.0) * SPEED;
    near(to - at) - near(at - from)
}

impl Surface {
    pub fn new(
        board: Board,
        svg: NodeRef<Svg>,
        names: NodeRef<Div>,
        scroll: NodeRef<Div>,
        gutter: Signal<f64>,
    ) -> Self {
        let surface = Self {
            board,
            svg,
            names,
            scroll,
            gutter,
            timer: StoredValue::new(None),
            last: StoredValue::new_local(None),
            scrolling: StoredValue::new(false),
        };
        // Wherever the focus is, Escape puts back what is carried.
        let escape = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" && board.gesture.with_untracked(Gesture::holds_pointer) {
                board.send(Input::Cancel);
            }
        });
        let moved = window_event_listener(ev::pointermove, move |event| surface.moved(&event));
        let up = window_event_listener(ev::pointerup, move |event| surface.up(&event));
        let cancel = window_event_listener(ev::pointercancel, move |_| surface.cancel());
        let blur = window_event_listener(ev::blur, move |_| surface.cancel());
        on_cleanup(move || {
            escape.remove();
            moved.remove();
            up.remove();
            cancel.remove();
            blur.remove();
        });
        surface
    }

    /// In the drawing's coordinates.
    fn pointer(self, event: &PointerEvent) -> Option<Pointer> {
        let zoom = self.board.zoom.get_untracked();
        let rect = self
            .svg
            .get_untracked()?
            .unchecked_into::<web_sys::Element>()
            .get_bounding_client_rect();
        let (client_x, client_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let mut x = (client_x - rect.left()) / zoom + self.gutter.get_untracked();
        // The names stay in view while the circuit scrolls under them.
        if let Some(names) = self.names.get_untracked() {
            let names = names.get_bounding_client_rect();
            if client_x < names.right() {
                x = (client_x - names.left()) / zoom;
            }
        }
        // A drop on what lies over the drawing, or beside it, is none into the circuit.
        let carrying = self.board.gesture.with_untracked(|g| matches!(g, Gesture::Carrying { .. }));
        if carrying && let Some(view) = self.scroll.get_untracked() {
            let view = view.get_bounding_client_rect();
            let inside = (view.left()..=view.right()).contains(&client_x)
                && (view.top()..=view.bottom()).contains(&client_y);
            if !inside {
                x = f64::NEG_INFINITY;
            }
        }
        let device = if event.pointer_type() == "touch" { Device::Touch } else { Device::Mouse };
        let copy = event.ctrl_key() || event.alt_key() || event.meta_key();
        Some(Pointer {
            device,
            x,
            y: (client_y - rect.top()) / zoom,
            shift: event.shift_key(),
            copy,
        })
    }

    /// A press on the stage.
    pub fn down(self, event: &PointerEvent) {
        if event.button() != 0 || !event.is_primary() {
            self.cancel();
            return;
        }
        let Some(pointer) = self.pointer(event) else { return };
        let effects = self.board.send(Input::Down(pointer));
        if effects.contains(&Effect::AwaitLongPress) {
            self.stop_timer();
            let board = self.board;
            let handle = set_timeout_with_handle(
                move || {
                    board.send(Input::LongPress);
                },
                Duration::from_millis(LONG_PRESS_MS.into()),
            );
            self.timer.set_value(handle.ok());
        }
    }

    fn moved(self, event: &PointerEvent) {
        if self.board.gesture.with_untracked(|g| *g == Gesture::Idle) {
            return;
        }
        if let Some(pointer) = self.pointer(event) {
            self.board.send(Input::Move(pointer));
        }
        if self.board.gesture.with_untracked(Gesture::holds_pointer) {
            self.stop_timer();
            self.last.set_value(Some(event.clone()));
            if !self.scrolling.get_value() {
                self.scroll_along();
            }
        }
    }

    /// Scrolls while something is held near an edge of the view, frame by frame.
    fn scroll_along(self) {
        self.scrolling.set_value(false);
        let held = self.board.gesture.try_with_untracked(Gesture::holds_pointer) == Some(true);
        let last = self.last.try_get_value().flatten();
        let (true, Some(event), Some(view)) = (held, last, self.scroll.get_untracked()) else {
            return;
        };
        let rect = view.get_bounding_client_rect();
        let names =
            self.names.get_untracked().map_or(0.0, |n| n.get_bounding_client_rect().width());
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let dx = step(x, rect.left() + names, rect.right());
        let dy = step(y, rect.top(), rect.bottom());
        if dx == 0.0 && dy == 0.0 {
            return;
        }
        let before = (view.scroll_left(), view.scroll_top());
        #[expect(clippy::cast_possible_truncation, reason = "a few pixels")]
        {
            view.set_scroll_left(before.0 + dx.round() as i32);
            view.set_scroll_top(before.1 + dy.round() as i32);
        }
        if (view.scroll_left(), view.scroll_top()) != before {
            if let Some(pointer) = self.pointer(&event) {
                self.board.send(Input::Move(pointer));
            }
            self.scrolling.set_value(true);
            request_animation_frame(move || self.scroll_along());
        }
    }

    fn up(self, event: &PointerEvent) {
        self.stop_timer();
        if self.board.gesture.with_untracked(|g| *g == Gesture::Idle) {
            return;
        }
        if let Some(pointer) = self.pointer(event) {
            self.board.send(Input::Up(pointer));
        }
    }

    pub fn cancel(self) {
        self.stop_timer();
        // What was taken up by a click stays in the hand while a finger scrolls.
        let sticky = self.board.gesture.with_untracked(|g| {
            matches!(
                g,
                Gesture::Carrying { held: editor::gesture::Held::New { sticky: true, .. }, .. }
            )
        });
        if !sticky {
            self.board.send(Input::Cancel);
        }
    }

    fn stop_timer(self) {
        if let Some(handle) = self.timer.get_value() {
            handle.clear();
        }
        self.timer.set_value(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_scrolls_towards_the_edge_that_is_near() {
        assert!(step(500.0, 0.0, 1000.0).abs() < f64::EPSILON);
        assert!((step(1000.0, 0.0, 1000.0) - SPEED).abs() < f64::EPSILON);
        assert!((step(EDGE / 2.0, 0.0, 1000.0) + SPEED / 2.0).abs() < f64::EPSILON);
        // Outside the view, and in one too small to have a middle.
        assert!(step(1001.0, 0.0, 1000.0).abs() < f64::EPSILON);
        assert!(step(1.0, 0.0, 100.0).abs() < f64::EPSILON);
    }
}
