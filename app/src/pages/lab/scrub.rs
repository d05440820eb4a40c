//! The bar under the circuit: how far the program has been followed, what was measured on the way.
//! Editing goes on meanwhile.

use std::sync::Arc;
use std::time::Duration;

use api::run::Decided;
use leptos::ev::KeyboardEvent;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use crate::displays::format::percent;
use crate::displays::words::words;
use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};
use crate::state::{Inspector, Lab};

/// Time between two steps while playing.
const BEAT: Duration = Duration::from_millis(600);
/// Outcomes that are listed.
const MAX_SHOWN: usize = 48;
/// Ticks for breakpoints, up to so many columns.
const MAX_TICKS: usize = 120;

#[expect(clippy::too_many_lines, reason = "one bar and the closures it shares")]
#[component]
pub fn ScrubBar() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let inspector = expect_context::<Inspector>();
    let length = Memo::new(move |_| inspector.length());
    let at = Memo::new(move |_| {
        inspector.column.get().map_or_else(|| length.get(), |c| c.min(length.get()))
    });
    let inside = move || inspector.column.get().is_some();

    let timer = StoredValue::new(None::<IntervalHandle>);
    let playing = RwSignal::new(false);
    let stop = move || {
        if let Some(handle) = timer.get_value() {
            handle.clear();
        }
        timer.set_value(None);
        playing.try_set(false);
    };
    let advance = move || {
        let next = at.get_untracked() + 1;
        inspector.go(next);
        let stops = inspector.breakpoints.with_untracked(|b| b.contains(&next));
        if stops || next >= length.get_untracked() {
            stop();
        }
    };
    let play = move |_| {
        if playing.get_untracked() {
            return stop();
        }
        let ended = at.get_untracked() >= length.get_untracked();
        if ended || inspector.column.get_untracked().is_none() {
            inspector.go(0);
        }
        timer.set_value(set_interval_with_handle(advance, BEAT).ok());
        playing.set(true);
    };
    let leave = move || {
        stop();
        inspector.column.set(None);
    };
    on_cleanup(stop);
    let back = move || {
        stop();
        inspector.go(at.get_untracked().saturating_sub(1));
    };
    let on = move || {
        stop();
        inspector.go(if inspector.column.get_untracked().is_none() {
            0
        } else {
            at.get_untracked() + 1
        });
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let busy = event.default_prevented() || event.ctrl_key() || event.meta_key();
        if busy || crate::app::is_typing(&event) {
            return;
        }
        match event.key().as_str() {
            "[" => back(),
            "]" => on(),
            "Escape" if inspector.column.get_untracked().is_some() => leave(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());

    let position = move || {
        if inside() {
            fill(
                words().position,
                &[("n", &at.get().to_string()), ("total", &length.get().to_string())],
            )
        } else {
            words().whole.to_owned()
        }
    };
    let ticks = move || {
        let length = length.get();
        (length <= MAX_TICKS).then(|| {
            (1..length)
                .map(|column| {
                    let set = move || inspector.breakpoints.with(|b| b.contains(&column));
                    let flip = move |_| {
                        inspector.breakpoints.update(|b| {
                            if !b.remove(&column) {
                                b.insert(column);
                            }
                        });
                    };
                    view! {
                        <button
                            class="scrub-tick"
                            tabindex="-1"
                            title=words().breakpoint
                            aria-label=format!("{} {column}", words().breakpoint)
                            aria-pressed=move || set().to_string()
                            style=("--at", format!("{:.5}", column as f64 / length as f64))
                            on:click=flip
                        ></button>
                    }
                })
                .collect_view()
        })
    };
    let outcomes = Memo::new(move |_| {
        inspector
            .seen
            .with(|s| s.as_ref().map(|s| (s.inspection.outcomes.clone(), s.inspection.probability)))
    });
    let has_outcomes = Memo::new(move |_| {
        outcomes.with(|o| o.as_ref().is_some_and(|(outcomes, _)| !outcomes.is_empty()))
    });
    let chips = move || {
        outcomes.with(|o| {
            let (outcomes, _) = o.as_ref()?;
            let more = outcomes.len().saturating_sub(MAX_SHOWN);
            let chips = (0..)
                .zip(outcomes.iter().take(MAX_SHOWN))
                .map(|(i, decided)| chip(i, *decided, &inspector))
                .collect_view();
            let rest = (more > 0).then(|| {
                view! { <span class="soft">{fill(words().more, &[("n", &more.to_string())])}</span> }
            });
            Some(view! { {chips}{rest} })
        })
    };
    let chance = move || {
        outcomes.with(|o| {
            o.as_ref().map(|(_, p)| fill(words().run_probability, &[("p", &percent(*p))]))
        })
    };
    let button = move |icon: Icon, label: &'static str, action: Arc<dyn Fn() + Send + Sync>| {
        view! {
            <button
                class="button quiet icon small"
                title=label
                aria-label=label
                on:click=move |_| action()
            >
                <Glyph icon=icon />
            </button>
        }
    };
    view! {
        <Show when=move || lab.undrawn.with(Option::is_none)>
            <div class="scrub" class:inside=inside>
                <div class="scrub-line">
                    {button(Icon::ChevronLeft, words().step_back, Arc::new(back))}
                    <button
                        class="button quiet icon small"
                        title=move || if playing.get() { words().pause } else { words().play }
                        aria-label=move || if playing.get() { words().pause } else { words().play }
                        on:click=play
                    >
                        {move || {
                            let icon = if playing.get() { Icon::Pause } else { Icon::Play };
                            view! { <Glyph icon=icon /> }
                        }}
                    </button>
                    {button(Icon::ChevronRight, words().step_on, Arc::new(on))}
                    <div class="scrub-track">
                        {ticks}
                        <input
                            type="range"
                            class="slider scrub-slider"
                            min="0"
                            max=move || length.get().to_string()
                            step="1"
                            aria-label=words().scrub
                            aria-valuetext=position
                            prop:value=move || at.get().to_string()
                            on:input=move |event| {
                                if let Ok(column) = event_target_value(&event).parse::<usize>() {
                                    stop();
                                    inspector.go(column);
                                }
                            }
                        />
                    </div>
                    <span class="num soft scrub-position">{position}</span>
                    <Show when=inside>
                        <button
                            class="button quiet small"
                            title=words().difference
                            aria-label=words().difference
                            aria-pressed=move || inspector.difference.get().to_string()
                            on:click=move |_| inspector.difference.update(|d| *d = !*d)
                        >
                            "Δ"
                        </button>
                        <button
                            class="button quiet icon small"
                            title=words().leave
                            aria-label=words().leave
                            on:click=move |_| leave()
                        >
                            <Glyph icon=Icon::Close />
                        </button>
                    </Show>
                </div>
                <Show when=move || has_outcomes.get()>
                    <div class="run-line" role="group" aria-label=words().this_run>
                        <span class="soft">{words().this_run}</span>
                        <span class="soft num">
                            {move || format!("{} {}", t().seed, lab.settings.with(|s| s.seed))}
                        </span>
                        <button
                            class="button quiet icon small"
                            title=t().reroll
                            aria-label=t().reroll
                            on:click=move |_| {
                                inspector.choices.update(std::collections::BTreeMap::clear);
                                lab.reroll();
                            }
                        >
                            <Glyph icon=Icon::Dice />
                        </button>
                        {chips}
                        <span class="soft num">{chance}</span>
                        <Show when=move || inspector.choices.with(|c| !c.is_empty())>
                            <button
                                class="button quiet small"
                                on:click=move |_| {
                                    inspector.choices.update(std::collections::BTreeMap::clear);
                                }
                            >
                                {words().drawn}
                            </button>
                        </Show>
                    </div>
                </Show>
            </div>
        </Show>
    }
}

/// One measurement of this run; a click asks for the other outcome.
fn chip(number: u32, decided: Decided, inspector: &Inspector) -> impl IntoView + use<> {
    let inspector = *inspector;
    let bit = if decided.outcome { "1" } else { "0" };
    let words = words();
    let label = fill(
        if decided.reset { words.reset_of } else { words.outcome_of },
        &[
            ("n", &(number + 1).to_string()),
            ("q", &decided.qubit.to_string()),
            ("b", bit),
            ("p", &percent(decided.probability)),
        ],
    );
    let certain = decided.probability > 1.0 - 1e-9;
    view! {
        <button
            class="outcome-chip num"
            class:chosen=decided.chosen
            title=label.clone()
            aria-label=label
            disabled=certain
            on:click=move |_| {
                inspector.choices.update(|choices| {
                    // What follows may be other measurements: they are drawn anew.
                    choices.retain(|&n, _| n < number);
                    choices.insert(number, !decided.outcome);
                });
            }
        >
            <span class="chip-qubit">{format!("q{}", decided.qubit)}</span>
            <b>{bit}</b>
        </button>
    }
}
