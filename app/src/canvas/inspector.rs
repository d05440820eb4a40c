//! What can be set on the chosen operation, in a panel beside it. Every change is in force at once.

use std::sync::Arc;

use editor::geometry::Rect;
use editor::gesture::Gesture;
use editor::keys::{self, Action};
use editor::{
    Clbit, Command, Condition, DisplayKind, Document, Gate, OpId, Operation, Qubit, Selection,
    What, expr, gates,
};
use leptos::html;
use leptos::prelude::*;

use super::Board;
use super::subject::{self, SubjectPanel};
use super::words::words;
use crate::messages::{self, fill};

/// Height that the panel asks for before it goes above the operation instead.
const ROOM: f64 = 230.0;
/// Steps of a slider over a full turn in both directions.
const SLIDER_STEPS: i32 = 64;
/// Most bits that are offered one by one.
const MAX_BITS: usize = 256;

#[component]
pub fn Inspector(
    board: Board,
    /// What of the drawing is in view, in pixels.
    viewport: RwSignal<Rect>,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let chosen = Memo::new(move |_| {
        let idle = board.gesture.with(|g| matches!(g, Gesture::Idle));
        if idle && !board.read_only.get() {
            board.selection.with(Selection::ids)
        } else {
            Vec::new()
        }
    });
    // A panel per operation: typing in it does not build it anew.
    let single = Memo::new(move |_| {
        chosen.with(|ids| if let [id] = ids.as_slice() { Some(*id) } else { None })
    });
    let subject = Memo::new(move |_| {
        let idle = board.gesture.with(|g| matches!(g, Gesture::Idle));
        board.subject.get().filter(|_| idle && !board.read_only.get())
    });
    let place = move || {
        let zoom = board.zoom.get();
        let view = viewport.get();
        let ids = chosen.get();
        board.document.with(|d| {
            let layout = board.layout.get();
            let rects: Vec<Rect> = match subject.get() {
                Some(subject) => vec![subject::rect(subject, &layout, view.x / zoom)],
                None => ids
                    .iter()
                    .filter_map(|id| d.find(*id))
                    .map(|(at, op)| layout.operation_rect(at, op))
                    .collect(),
            };
            let left = rects.iter().map(|r| r.x).fold(f64::INFINITY, f64::min);
            let right = rects.iter().map(|r| r.x + r.width).fold(0.0, f64::max);
            let top = rects.iter().map(|r| r.y).fold(f64::INFINITY, f64::min) * zoom - view.y;
            let bottom = rects.iter().map(|r| r.y + r.height).fold(0.0, f64::max) * zoom - view.y;
            let x = f64::midpoint(left, right) * zoom - view.x;
            let above = bottom + ROOM > view.height && top > view.height - bottom;
            let y = if above { top - 8.0 } else { (bottom + 8.0).min(view.height - 80.0) };
            (x.clamp(0.0, view.width), y.max(8.0), above)
        })
    };
    let shown = Memo::new(move |_| subject.with(Option::is_some) || !chosen.with(Vec::is_empty));
    let place = Memo::new(move |_| if shown.get() { place() } else { (0.0, 0.0, false) });
    Effect::new(move |first: Option<()>| {
        board.edit.track();
        if first.is_some() {
            request_animation_frame(move || focus_first(root));
        }
    });
    view! {
        <Show when=move || shown.get()>
            <div
                class="inspector"
                class:above=move || place.get().2
                node_ref=root
                role="group"
                aria-label=words().inspector
                style=("--x", move || format!("{}px", place.get().0.round()))
                style=("--y", move || format!("{}px", place.get().1.round()))
            >
                {move || match (subject.get(), single.get()) {
                    (Some(subject), _) => view! { <SubjectPanel board=board subject=subject /> }.into_any(),
                    (None, Some(id)) => view! { <Single board=board id=id /> }.into_any(),
                    (None, None) => view! { <Several board=board chosen=chosen /> }.into_any(),
                }}
            </div>
        </Show>
    }
}

fn focus_first(root: NodeRef<html::Div>) {
    use wasm_bindgen::JsCast;
    let found = root
        .get_untracked()
        .and_then(|root| root.query_selector("input, select, textarea, button").ok().flatten())
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = found {
        let _ = element.focus();
    }
}

/// The operation as it now is.
fn current(board: Board, id: OpId) -> Signal<Option<Arc<Operation>>> {
    Signal::derive(move || board.document.with(|d| d.find(id).map(|(_, op)| Arc::clone(op))))
}

/// What is shown once for an operation, and built anew when it becomes another kind.
#[derive(Debug, Clone, PartialEq)]
struct Shape {
    title: String,
    sentence: String,
    params: Vec<&'static str>,
    kind: Kind,
    gate: Option<Gate>,
    ungroup: bool,
}

/// What can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unitary,
    Measurement,
    Text,
    Display,
    Other,
}

fn shape(document: &Document, op: &Operation) -> Shape {
    let symbols: Vec<&'static str> = match &op.what {
        What::Gate { gate, .. } => gate.spec().params.iter().map(|p| p.symbol()).collect(),
        What::Call { params, .. } => params.iter().map(|_| words().parameter).collect(),
        _ => Vec::new(),
    };
    Shape {
        title: match &op.what {
            What::Gate { gate, .. } => {
                let spec = gates::controlled(*gate, op.controls.len()).unwrap_or(*gate).spec();
                spec.name.to_owned()
            }
            _ => op.name().to_owned(),
        },
        sentence: match &op.what {
            What::Gate { gate, .. } => gate.spec().doc.trim().to_owned(),
            _ => String::new(),
        },
        params: symbols,
        kind: match op.what {
            What::Gate { .. } | What::Call { .. } => Kind::Unitary,
            What::Measure { .. } => Kind::Measurement,
            What::Text { .. } => Kind::Text,
            What::Display(_) => Kind::Display,
            What::Reset | What::Barrier => Kind::Other,
        },
        gate: if let What::Gate { gate, .. } = op.what { Some(gate) } else { None },
        ungroup: matches!(&op.what, What::Call { name, .. } if document.header.definition(name).is_some_and(|d| d.body.is_some())),
    }
}

#[component]
fn Single(board: Board, id: OpId) -> impl IntoView {
    let op = current(board, id);
    let shape = Memo::new(move |_| board.document.with(|d| d.find(id).map(|(_, op)| shape(d, op))));
    move || {
        let shape = shape.get()?;
        let params = (0..shape.params.len())
            .map(|index| view! { <ParamField board=board id=id op=op index=index symbol=shape.params[index] /> })
            .collect_view();
        let title = shape.title.clone();
        Some(view! {
            <header class="inspector-head">
                <h3 title=shape.sentence.clone()>{title}</h3>
                <span class="grow"></span>
                <Buttons board=board ungroup=shape.ungroup group=false />
            </header>
            {params}
            {shape.gate.map(|gate| view! { <GateField board=board id=id op=op gate=gate /> })}
            {(shape.kind == Kind::Display).then(|| view! { <DisplayFields board=board id=id op=op /> })}
            {matches!(shape.kind, Kind::Unitary | Kind::Display).then(|| view! { <ControlsField board=board id=id op=op /> })}
            {(shape.kind == Kind::Unitary).then(|| view! { <ModifierFields board=board id=id op=op /> })}
            {(shape.kind == Kind::Measurement).then(|| view! { <BitField board=board id=id op=op /> })}
            {(shape.kind == Kind::Text).then(|| view! { <TextField board=board id=id op=op /> })}
            {matches!(shape.kind, Kind::Unitary | Kind::Measurement).then(|| view! { <ConditionField board=board id=id op=op /> })}
        })
    }
}

#[component]
fn Several(board: Board, chosen: Memo<Vec<OpId>>) -> impl IntoView {
    let count = move || fill(words().chosen, &[("n", &chosen.with(Vec::len).to_string())]);
    let times = RwSignal::new(String::from("2"));
    let repeat = move |_| {
        if let Ok(times) = times.get_untracked().trim().parse() {
            board.apply(&Command::Repeat { ids: chosen.get_untracked(), times });
        }
    };
    view! {
        <header class="inspector-head">
            <h3>{count}</h3>
            <span class="grow"></span>
            <Buttons board=board ungroup=false group=true />
        </header>
        <div class="inspector-row">
            <button type="button" class="button small" on:click=repeat>
                {words().repeat}
            </button>
            <span aria-hidden="true">"×"</span>
            <input
                class="field narrow"
                inputmode="numeric"
                aria-label=words().repeat
                prop:value=times
                on:input=move |event| times.set(event_target_value(&event))
            />
        </div>
    }
}

#[component]
fn Buttons(board: Board, ungroup: bool, group: bool) -> impl IntoView {
    let button = move |label: &'static str, action: Action| {
        let title = keys::hint(action).map_or_else(
            || label.to_owned(),
            |key| format!("{label} ({})", key.replace("Mod", "Ctrl")),
        );
        view! {
            <button type="button" class="button quiet small" title=title on:click=move |_| board.act(action)>
                {label}
            </button>
        }
    };
    view! {
        // What stands in an opened gate is not a statement of its own.
        {board.opened.with_untracked(Vec::is_empty).then(|| button(words().to_text, Action::ShowText))}
        {group.then(|| button(words().group, Action::Group))}
        {ungroup.then(|| button(words().open, Action::OpenGate))}
        {ungroup.then(|| button(words().ungroup, Action::Ungroup))}
        {button(words().duplicate, Action::Duplicate)}
        {button(words().remove, Action::Delete)}
    }
}

type Op = Signal<Option<Arc<Operation>>>;

/// An angle: an expression, and a slider for the impatient.
#[component]
fn ParamField(board: Board, id: OpId, op: Op, index: usize, symbol: &'static str) -> impl IntoView {
    let text = Memo::new(move |_| {
        op.with(|op| {
            op.as_ref()
                .and_then(|op| op.params().get(index).map(|p| p.text.to_string()))
                .unwrap_or_default()
        })
    });
    let value =
        Memo::new(move |_| op.with(|op| op.as_ref().and_then(|op| op.params().get(index)?.value)));
    let problem = RwSignal::new(None::<String>);
    let field = format!("param-{}-{index}", id.0);
    let set = move |new: String, key: Option<&str>| {
        let Some(op) = op.get_untracked() else { return };
        let mut texts: Vec<String> = op.params().iter().map(|p| p.text.to_string()).collect();
        let Some(slot) = texts.get_mut(index) else { return };
        if *slot == new {
            problem.set(None);
            return;
        }
        slot.clone_from(&new);
        if let Err(error) = expr::parse(&new) {
            problem.set(Some(messages::edits::expression(&error)));
        } else {
            problem.set(None);
            board.apply_merged(&Command::SetParams { id, texts }, key);
        }
    };
    let turn = std::f64::consts::TAU / f64::from(SLIDER_STEPS);
    let slide = move |event: web_sys::Event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            set(expr::from_value(step * turn), Some(&format!("slider {} {index}", id.0)));
        }
    };
    let position = move || value.get().map_or(0.0, |v| (v / turn).round()).to_string();
    let slider_label = format!("{symbol} {}", words().value);
    view! {
        <div class="inspector-row">
            <label for=field.clone() class="symbol">{symbol}</label>
            <input
                id=field
                class="field expression"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=text
                aria-invalid=move || problem.get().is_some().then_some("true")
                on:change=move |event| set(event_target_value(&event).trim().to_owned(), None)
            />
            <input
                type="range"
                class="slider"
                min=-SLIDER_STEPS
                max=SLIDER_STEPS
                step="1"
                aria-label=slider_label
                prop:value=position
                on:input=slide
            />
        </div>
        {move || problem.get().map(|problem| view! { <p class="inspector-problem" role="alert">{problem}</p> })}
    }
}

/// What an inline display shows, and of how many qubits.
#[component]
fn DisplayFields(board: Board, id: OpId, op: Op) -> impl IntoView {
    let d = crate::displays::words::words();
    let display = Memo::new(move |_| {
        op.with(|op| match op.as_ref().map(|op| (&op.what, op.targets.len())) {
            Some((What::Display(display), count)) => Some((display.clone(), count)),
            _ => None,
        })
    });
    let set = move |kind: Option<DisplayKind>, letters: Option<String>, count: Option<u32>| {
        let Some((now, old)) = display.get_untracked() else { return };
        board.apply(&Command::SetDisplay {
            id,
            kind: kind.unwrap_or(now.kind),
            letters: letters.unwrap_or_else(|| now.letters.to_string()),
            qubits: count.unwrap_or_else(|| u32::try_from(old).unwrap_or(1)),
        });
    };
    let name = move |kind: DisplayKind| match kind {
        DisplayKind::Chance => d.chance,
        DisplayKind::Amplitudes => d.amplitudes,
        DisplayKind::Bloch => d.bloch,
        DisplayKind::Density => d.density,
        DisplayKind::Sample => d.sample,
        DisplayKind::Expectation => d.expectation,
    };
    let options = move || {
        let now = display.get().map(|(display, _)| display.kind);
        DisplayKind::ALL
            .into_iter()
            .map(|kind| {
                view! { <option value=kind.word() selected=now == Some(kind)>{name(kind)}</option> }
            })
            .collect_view()
    };
    let is_expectation =
        move || display.with(|d| d.as_ref().is_some_and(|d| d.0.kind == DisplayKind::Expectation));
    view! {
        <label class="inspector-row">
            <span class="name">{d.inline_kind}</span>
            <select
                class="field"
                on:change=move |event| {
                    let word = event_target_value(&event);
                    set(DisplayKind::ALL.into_iter().find(|k| k.word() == word), None, None);
                }
            >
                {options}
            </select>
        </label>
        <label class="inspector-row">
            <span class="name">{d.inline_qubits}</span>
            <input
                type="number"
                class="field narrow"
                min="1"
                max=move || display.with(|d| d.as_ref().map_or(1, |d| d.0.kind.max_qubits()))
                prop:value=move || display.with(|d| d.as_ref().map_or(1, |d| d.1)).to_string()
                on:change=move |event| set(None, None, event_target_value(&event).parse().ok())
            />
        </label>
        <Show when=is_expectation>
            <label class="inspector-row">
                <span class="name">{d.letters}</span>
                <input
                    class="field mono"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="ZZ"
                    prop:value=move || display.with(|d| d.as_ref().map(|d| d.0.letters.to_string()))
                    on:change=move |event| {
                        set(None, Some(event_target_value(&event).trim().to_uppercase()), None);
                    }
                />
            </label>
        </Show>
    }
}

/// Another gate on the same wires.
#[component]
fn GateField(board: Board, id: OpId, op: Op, gate: Gate) -> impl IntoView {
    let targets = gate.spec().num_targets;
    let choices: Vec<Gate> = circuit::gate::GATES
        .iter()
        .filter(|g| g.num_controls == 0 && g.num_targets == targets)
        .map(|g| g.gate)
        .chain((gates::base(gate).spec().num_controls > 0).then_some(gate))
        .collect();
    let options = choices
        .into_iter()
        .map(|g| view! { <option value=g.spec().name selected=g == gate>{g.spec().label}" · "{g.spec().name}</option> })
        .collect_view();
    let change = move |event: web_sys::Event| {
        if let Some(gate) = Gate::by_name(&event_target_value(&event)) {
            board.apply(&Command::SetGate { id, gate });
        }
    };
    let _ = op;
    view! {
        <label class="inspector-row">
            <span class="name">{words().gate}</span>
            <select class="field" on:change=change>{options}</select>
        </label>
    }
}

/// Controls as chips: click to fill or empty, × to remove; a list to add one.
#[component]
fn ControlsField(board: Board, id: OpId, op: Op) -> impl IntoView {
    let name = move |qubit: Qubit| board.document.with(|d| d.header.qubit_name(qubit));
    let chips = move || {
        let op = op.get()?;
        let chips = op
            .controls
            .iter()
            .map(|c| {
                let (qubit, on) = (c.qubit, c.on);
                view! {
                    <span class="chip">
                        <button
                            type="button"
                            title=words().toggle_control
                            aria-pressed=on.to_string()
                            on:click=move |_| {
                                board.apply(&Command::ToggleControl { id, qubit });
                            }
                        >
                            {if on { "● " } else { "○ " }}
                            {name(qubit)}
                        </button>
                        <button
                            type="button"
                            title=words().remove_control
                            aria-label=format!("{} {}", words().remove_control, name(qubit))
                            on:click=move |_| {
                                board.apply(&Command::RemoveControl { id, qubit });
                            }
                        >
                            "×"
                        </button>
                    </span>
                }
            })
            .collect_view();
        Some(chips)
    };
    let free = move || {
        let op = op.get()?;
        let n = board.document.with(Document::num_qubits);
        let options = (0..n)
            .map(Qubit)
            .filter(|q| !op.qubits().any(|used| used == *q))
            .map(|q| view! { <option value=q.0>{name(q)}</option> })
            .collect_view();
        Some(options)
    };
    let add = move |event: web_sys::Event| {
        if let Ok(row) = event_target_value(&event).parse() {
            board.apply(&Command::AddControl { id, qubit: Qubit(row), on: true });
        }
    };
    view! {
        <div class="inspector-row wrap">
            <span class="name">{words().controls}</span>
            {chips}
            <select class="field" aria-label=words().add_control prop:value="" on:change=add>
                <option value="">{words().add_control}</option>
                {free}
            </select>
        </div>
    }
}

#[component]
fn ModifierFields(board: Board, id: OpId, op: Op) -> impl IntoView {
    let inverse = move || op.with(|op| op.as_ref().is_some_and(|op| op.inverse));
    let power = move || {
        op.with(|op| {
            op.as_ref()
                .and_then(|op| op.power.as_ref())
                .map(|p| p.text.to_string())
                .unwrap_or_default()
        })
    };
    let set_power = move |event: web_sys::Event| {
        let text = event_target_value(&event).trim().to_owned();
        board.apply(&Command::SetPower { id, power: (!text.is_empty()).then_some(text) });
    };
    view! {
        <div class="inspector-row">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=inverse
                    on:change=move |event| {
                        board.apply(&Command::SetInverse { id, inverse: event_target_checked(&event) });
                    }
                />
                {words().inverse}
            </label>
            <label class="inline">
                <span>{words().power}</span>
                <input class="field narrow" placeholder=words().power_hint prop:value=power on:change=set_power />
            </label>
        </div>
    }
}

#[component]
fn BitField(board: Board, id: OpId, op: Op) -> impl IntoView {
    let current = move || {
        op.with(|op| match op.as_ref().map(|op| &op.what) {
            Some(What::Measure { clbit: Some(clbit) }) => Some(*clbit),
            _ => None,
        })
    };
    let options = move || {
        let now = current();
        board.document.with(|d| {
            let all = (0..d.num_clbits()).map(Clbit).take(MAX_BITS).chain(now.filter(|c| c.index() >= MAX_BITS));
            all.map(|c| view! { <option value=c.0 selected=now == Some(c)>{d.header.clbit_name(c)}</option> })
                .collect_view()
        })
    };
    let change = move |event: web_sys::Event| {
        let clbit = event_target_value(&event).parse().ok().map(Clbit);
        board.apply(&Command::SetClbit { id, clbit });
    };
    view! {
        <label class="inspector-row">
            <span class="name">{words().bit}</span>
            <select class="field" on:change=change>
                <option value="" selected=move || current().is_none()>{words().no_bit}</option>
                {options}
            </select>
        </label>
    }
}

/// `if`: on a bit, on its opposite, or on a register's value.
#[component]
fn ConditionField(board: Board, id: OpId, op: Op) -> impl IntoView {
    let condition =
        Memo::new(move |_| op.with(|op| op.as_ref().and_then(|op| op.condition.clone())));
    let choices = move || {
        board.document.with(|d| {
            keys::conditions(d)
                .into_iter()
                .take(MAX_BITS)
                .flat_map(|c| match c {
                    Condition::Bit { clbit, .. } => {
                        vec![
                            Condition::Bit { clbit, value: true },
                            Condition::Bit { clbit, value: false },
                        ]
                    }
                    register @ Condition::Register { .. } => vec![register],
                })
                .collect::<Vec<_>>()
        })
    };
    let label = move |c: &Condition| {
        board.document.with(|d| match c {
            Condition::Register { register, .. } => d
                .header
                .clbits
                .get(*register as usize)
                .map_or_else(String::new, |r| format!("{} =", r.name)),
            bit @ Condition::Bit { .. } => {
                editor::emit::condition_text(bit, &d.header).replace('!', "¬")
            }
        })
    };
    let same = |a: &Condition, b: &Condition| match (a, b) {
        (Condition::Register { register: a, .. }, Condition::Register { register: b, .. }) => {
            a == b
        }
        _ => a == b,
    };
    let options = move || {
        let now = condition.get();
        choices()
            .iter()
            .enumerate()
            .map(|(i, c)| {
                let selected = now.as_ref().is_some_and(|n| same(n, c));
                view! { <option value=i selected=selected>{label(c)}</option> }
            })
            .collect_view()
    };
    let set = move |condition: Option<Condition>| {
        board.apply(&Command::SetCondition { id, condition });
    };
    let change = move |event: web_sys::Event| {
        let index = event_target_value(&event).parse::<usize>().ok();
        set(index.and_then(|i| choices().get(i).cloned()));
    };
    let register = move || match condition.get() {
        Some(Condition::Register { register, value }) => Some((register, value)),
        _ => None,
    };
    view! {
        <Show when=move || board.document.with(|d| d.num_clbits() > 0)>
            <div class="inspector-row">
                <label class="inline grow">
                    <span class="name">{words().condition}</span>
                    <select class="field" on:change=change>
                        <option value="" selected=move || condition.with(Option::is_none)>{words().always}</option>
                        {options}
                    </select>
                </label>
                {move || {
                    register()
                        .map(|(register, value)| {
                            view! {
                                <input
                                    class="field narrow"
                                    inputmode="numeric"
                                    aria-label=words().value
                                    prop:value=value.to_string()
                                    on:change=move |event| {
                                        if let Ok(value) = event_target_value(&event).trim().parse() {
                                            set(Some(Condition::Register { register, value }));
                                        }
                                    }
                                />
                            }
                        })
                }}
            </div>
        </Show>
    }
}

#[component]
fn TextField(board: Board, id: OpId, op: Op) -> impl IntoView {
    let text = move || {
        op.with(|op| match op.as_ref().map(|op| &op.what) {
            Some(What::Text { text, .. }) => text.to_string(),
            _ => String::new(),
        })
    };
    view! {
        <textarea
            class="field code"
            rows="5"
            spellcheck="false"
            aria-label=words().text
            prop:value=text
            on:change=move |event| {
                board.apply(&Command::SetText { id, text: event_target_value(&event) });
            }
        ></textarea>
    }
}
