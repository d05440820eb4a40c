//! Counts of the outcomes as a histogram, with error bars; sorted, paged, and as a list for screen
//! readers and for where the plot cannot be drawn.

use std::sync::Arc;

use api::run::RunResult;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;

use super::format::{grouped, percent};
use super::pager::Pager;
use super::plotly;
use crate::messages::{fill, t};
use crate::plots::{self, Order, PAGE_SIZE, PlotWords};
use crate::state::Prefs;

/// So many outcomes are seen at a glance in any order.
const FEW: usize = 8;

/// Histogram of the result's counts.
#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Counts(
    /// The result, if there is one.
    #[prop(into)]
    result: Signal<Option<Arc<RunResult>>>,
) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let page = RwSignal::new(0_usize);
    // Until someone chooses: by outcome where all fit on one page, else the most frequent first.
    let chosen = RwSignal::new(None::<Order>);
    let total = Memo::new(move |_| result.with(|r| r.as_ref().map_or(0, |r| r.counts.len())));
    let order = Memo::new(move |_| {
        let default = if total.get() <= PAGE_SIZE { Order::Outcome } else { Order::Frequency };
        chosen.get().unwrap_or(default)
    });
    let shown = Memo::new(move |_| {
        result.with(|r| {
            r.as_ref()
                .map(|r| plots::page(r.counts.iter(), order.get(), page.get()))
                .unwrap_or_default()
        })
    });
    // How many outcomes are here, of how many, where the rarest were left out.
    let cut = Memo::new(move |_| {
        result.with(|r| {
            let r = r.as_ref()?;
            let here = r.counts.len() as u64;
            (here < r.distinct_outcomes).then_some((here, r.distinct_outcomes))
        })
    });
    let shots = Memo::new(move |_| result.with(|r| r.as_ref().map_or(0, |r| r.shots)));

    let element = NodeRef::<html::Div>::new();
    let unavailable = RwSignal::new(false);
    let loaded = RwSignal::new(false);
    Effect::new(move |_| {
        if total.get() > 0 && !loaded.get_untracked() {
            spawn_local(async move {
                let there = plotly::load().await;
                loaded.try_set(there);
                unavailable.try_set(!there);
            });
        }
    });
    Effect::new(move |_| {
        prefs.look.track();
        let shown = shown.get();
        if let (true, Some(element), false) =
            (loaded.get(), element.get(), shown.entries.is_empty())
        {
            let words = PlotWords { shots: t().shots.to_owned(), outcome: t().outcome.to_owned() };
            plotly::draw(
                &element,
                &plots::histogram(&shown, shots.get(), &plotly::theme(), &words),
            );
        }
    });
    watch_size(element);
    on_cleanup(move || {
        if let Some(element) = element.try_get_untracked().flatten() {
            plotly::purge(&element);
        }
    });

    let list = move || {
        let shots = shots.get();
        let line = move |(key, n): (String, u64)| {
            let share = percent(n as f64 / f64::from(shots.max(1)));
            let text = fill(
                t().counts_text,
                &[("outcome", &key), ("n", &grouped(n)), ("shots", &grouped(u64::from(shots)))],
            );
            view! { <li>{text}" · "{share}</li> }
        };
        shown.get().entries.into_iter().map(line).collect_view()
    };
    let sort = move |this: Order, label: &'static str| {
        view! {
            <button
                aria-pressed=move || (order.get() == this).to_string()
                on:click=move |_| {
                    chosen.set(Some(this));
                    page.set(0);
                }
            >
                {label}
            </button>
        }
    };
    view! {
        <section class="display counts" aria-labelledby="counts-title">
            <header class="display-head">
                <h2 id="counts-title">{t().counts}</h2>
                <Show when=move || { total.get() > FEW }>
                    <div class="segments" role="group" aria-label=t().sort_label>
                        {sort(Order::Outcome, t().sort_outcome)}
                        {sort(Order::Frequency, t().sort_frequency)}
                    </div>
                </Show>
                <span class="grow"></span>
                {move || {
                    cut.get()
                        .map(|(n, all)| {
                            let values = [("n", &*grouped(n)), ("total", &*grouped(all))];
                            view! { <span class="soft">{fill(t().counts_cut, &values)}</span> }
                        })
                }}
                <Pager page=page size=PAGE_SIZE total=total />
            </header>
            <div class="display-body">
                <div
                    class="plot"
                    node_ref=element
                    aria-hidden="true"
                    hidden=move || total.get() == 0 || unavailable.get()
                ></div>
                <Show when=move || result.with(Option::is_some) && total.get() == 0>
                    <p class="empty">{t().no_counts}</p>
                </Show>
                <Show when=move || unavailable.get()>
                    <p class="soft">{t().drawing_unavailable}</p>
                </Show>
                <ul class="counts-list" class:visually-hidden=move || !unavailable.get()>
                    {list}
                </ul>
            </div>
        </section>
    }
}

/// Redraws when the panel changes its size.
fn watch_size(element: NodeRef<html::Div>) {
    let held = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let target: web_sys::HtmlElement = element.clone().unchecked_into();
        let pending = StoredValue::new(false);
        let changed = Closure::<dyn FnMut()>::new(move || {
            // At most once a frame, however fast someone drags.
            if pending.try_get_value() == Some(false) {
                pending.set_value(true);
                let target = target.clone();
                request_animation_frame(move || {
                    pending.try_set_value(false);
                    plotly::resize(&target);
                });
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&element);
            held.set_value(Some((observer, changed)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _closure))) = held.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
}
