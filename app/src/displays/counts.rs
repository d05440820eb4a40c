//! Counts and probabilities of the outcomes as a histogram: sorted, paged, filtered, some bits only,
//! exact probabilities over the counts; and as a list for screen readers.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::run::{Probe, Reading};
use leptos::html;
use leptos::prelude::*;

use super::format::{grouped, percent};
use super::frame::{Empty, Exports, Frame, ListField, parse_list};
use super::pager::Pager;
use super::plotly;
use super::words::words;
use crate::later::after_frame;
use crate::messages::{fill, t};
use crate::plots::{self, Base, Order, Outcomes, PAGE_SIZE, PlotWords};
use crate::sim_client::RunState;
use crate::state::noise::Noisy;
use crate::state::prefs::Display;
use crate::state::{Inspector, Lab, Prefs};

/// So many outcomes are seen at a glance in any order.
const FEW: usize = 8;
/// Entries of a distribution inside the circuit.
const TOP: u32 = 2048;
/// Kept bits, at most.
const MAX_BITS: usize = 24;

/// Histogram of the result, or of the state where the scrub bar stands.
#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Counts() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let inspector = expect_context::<Inspector>();
    let result = lab.sim.result;
    let page = RwSignal::new(0_usize);
    // Until someone chooses: by outcome where all fit on one page, else the most frequent first.
    let chosen = RwSignal::new(None::<Order>);
    let base = RwSignal::new(Base::Bits);
    let filter = RwSignal::new(String::new());
    let keep = RwSignal::new(String::new());

    let inside = move || inspector.column.get().is_some();
    let width = Memo::new(move |_| {
        if inside() {
            return lab.document.with(editor::Document::num_qubits);
        }
        result.with(|r| {
            let key = r.as_ref().and_then(|r| r.counts.keys().next().cloned()).unwrap_or_default();
            u32::try_from(key.chars().filter(|c| *c != ' ').count()).unwrap_or(0)
        })
    });
    let bits = Memo::new(move |_| parse_list(&keep.get(), width.get(), MAX_BITS));
    let probes = Signal::derive(move || {
        if !inside() {
            return Vec::new();
        }
        vec![Probe::Probabilities { qubits: bits.get().unwrap_or_default(), top: TOP }]
    });
    let view = inspector.want("counts", probes);

    // Sums over outcomes and a walk through all of them need those, too, that were not seen.
    Effect::new(move |_| {
        let whole = keep.with(|k| !k.is_empty())
            || filter.with(|f| !f.is_empty())
            || chosen.get() == Some(Order::Outcome)
            || lab.noise.noisy.with(|noisy| *noisy != Noisy::Off);
        lab.want_all_probabilities(whole);
    });
    let all = Memo::new(move |_| {
        let kept = bits.get().unwrap_or_default();
        if inside() {
            view.with(|v| v.now.first().map(of_reading)).unwrap_or_default()
        } else {
            result
                .with(|r| {
                    r.as_ref()
                        .map(|r| lab.noise.noisy.with(|noisy| Outcomes::of(r, noisy.result())))
                })
                .unwrap_or_default()
                .marginal(&kept)
        }
    });
    let filtered = Memo::new(move |_| all.with(|all| all.filtered(&filter.get())));
    let total = Memo::new(move |_| filtered.with(|o| o.rows.len()));
    let order = Memo::new(move |_| {
        let default = if total.get() <= PAGE_SIZE { Order::Outcome } else { Order::Frequency };
        chosen.get().unwrap_or(default)
    });
    let shown = Memo::new(move |_| {
        filtered.with(|outcomes| plots::page(outcomes, order.get(), page.get()))
    });
    // How many outcomes are here, of how many, where the rarest were left out.
    let cut = Memo::new(move |_| {
        result.with(|r| {
            let r = r.as_ref()?;
            let here = r.counts.len() as u64;
            (here < r.distinct_outcomes).then_some((here, r.distinct_outcomes))
        })
    });

    let element = NodeRef::<html::Div>::new();
    // Until the first result: the histogram that was there before this program.
    let early = plotly::early("figure").is_some();
    let waiting = Memo::new(move |_| {
        early
            && !inside()
            && result.with(Option::is_none)
            && matches!(lab.sim.run.get(), RunState::Idle | RunState::Running { .. })
    });
    Effect::new(move |_| {
        prefs.look.track();
        let shown = shown.get();
        let Some(element) = element.get() else { return };
        if shown.rows.is_empty() {
            if waiting.get() {
                plotly::draw_early(&element);
            }
            return;
        }
        let height = if shown.shots > 0 { t().shots } else { t().probability };
        let names = PlotWords {
            height,
            outcome: t().outcome,
            measured: words().measured,
            exact: words().exact,
            noisy: words().noisy,
        };
        let figure = plots::histogram(&shown, base.get(), names);
        let figure = serde_json::to_string(&figure).unwrap_or_default();
        plotly::draw(&element, &figure);
        // As the page shows it when it is opened again.
        let usual = !inside()
            && shown.start == 0
            && shown.noisy_shots == 0
            && chosen.with_untracked(Option::is_none)
            && base.get_untracked() == Base::Bits
            && filter.with_untracked(String::is_empty)
            && keep.with_untracked(String::is_empty);
        lab.keep_figure(usual.then_some(figure));
    });
    on_cleanup(move || {
        if let Some(element) = element.try_get_untracked().flatten() {
            plotly::purge(&element);
        }
    });

    // The list, for those who do not see the drawing, follows a new result a frame later.
    let listed = RwSignal::new(plots::Page::default());
    Effect::new(move |before: Option<usize>| {
        shown.track();
        let of = result.with_untracked(|r| r.as_ref().map_or(0, |r| Arc::as_ptr(r).addr()));
        let follow = move || {
            if let Some(shown) = shown.try_get_untracked()
                && listed.try_with_untracked(|listed| *listed != shown) == Some(true)
            {
                listed.set(shown);
            }
        };
        if before == Some(of) {
            follow();
        } else {
            after_frame(follow);
        }
        of
    });
    let list = move || {
        let shown = listed.get();
        let shots = shown.shots;
        let line = move |row: plots::Row| {
            let key = plots::label(&row.key, base.get());
            if shots == 0 {
                let p = percent(row.exact.unwrap_or(0.0));
                return view! { <li>{fill(words().probability_of, &[("outcome", &key), ("p", &p)])}</li> };
            }
            let noisy = row.noisy.map_or_else(String::new, |n| {
                let noisy = percent(n as f64 / shown.noisy_shots.max(1) as f64);
                format!(" · {}", fill(words().noisy_share, &[("p", &noisy)]))
            });
            let share = percent(row.count as f64 / shots as f64);
            let text = fill(
                t().counts_text,
                &[("outcome", &key), ("n", &grouped(row.count)), ("shots", &grouped(shots))],
            );
            view! { <li>{format!("{text} · {share}{noisy}")}</li> }
        };
        shown.rows.into_iter().map(line).collect_view()
    };
    let note = Signal::derive(move || {
        if let Some(column) = inspector.column.get() {
            let place = if column == 0 {
                words().at_start.to_owned()
            } else {
                fill(words().at_position, &[("n", &column.to_string())])
            };
            let rest = all.with(|all| all.rest);
            let left_out = (rest > 1e-9).then(|| fill(words().rest, &[("p", &percent(rest))]));
            return Some(left_out.map_or(place.clone(), |rest| format!("{place} · {rest}")));
        }
        if let Some((n, total)) = cut.get() {
            let values = [("n", &*grouped(n)), ("total", &*grouped(total))];
            return Some(fill(t().counts_cut, &values));
        }
        all.with(|all| {
            all.distance().map(|v| fill(words().distance, &[("d", &percent(v.distance))]))
        })
    });
    let hint = move || {
        all.with(|all| {
            all.distance().map(|v| {
                let expected = percent(v.expected);
                fill(words().distance_hint, &[("e", &expected), ("n", &grouped(all.shots))])
            })
        })
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
    let exports = Exports {
        rows: Callback::new(move |()| {
            let outcomes = filtered.get_untracked();
            let mut out =
                vec![["outcome", "count", "probability", "noisy"].map(str::to_owned).to_vec()];
            if outcomes.noisy_shots == 0 {
                out[0].pop();
            }
            for row in &outcomes.rows {
                let mut line = vec![
                    row.key.clone(),
                    row.count.to_string(),
                    row.exact.map_or_else(String::new, |p| p.to_string()),
                ];
                line.extend(row.noisy.map(|n| n.to_string()));
                out.push(line);
            }
            out
        }),
        json: Some(Callback::new(move |()| {
            let outcomes = filtered.get_untracked();
            let counts: BTreeMap<&str, u64> =
                outcomes.rows.iter().map(|r| (r.key.as_str(), r.count)).collect();
            let exact: Option<BTreeMap<&str, f64>> =
                outcomes.rows.iter().map(|r| r.exact.map(|p| (r.key.as_str(), p))).collect();
            let noisy: Option<BTreeMap<&str, u64>> =
                outcomes.rows.iter().map(|r| r.noisy.map(|n| (r.key.as_str(), n))).collect();
            let seed = lab.settings.with_untracked(|s| s.seed);
            let value = serde_json::json!({
                "shots": outcomes.shots, "seed": seed, "counts": counts, "probabilities": exact,
                "unlisted_probability": (outcomes.rest > 0.0).then_some(outcomes.rest),
                "noisy_counts": noisy.filter(|n| !n.is_empty()),
            });
            serde_json::to_string_pretty(&value).unwrap_or_default()
        })),
    };
    let tools = move || {
        view! {
            <Show when=move || { all.with(|o| o.rows.len()) > FEW }>
                <div class="segments" role="group" aria-label=t().sort_label>
                    {sort(Order::Outcome, t().sort_outcome)}
                    {sort(Order::Frequency, t().sort_frequency)}
                </div>
            </Show>
            <Pager page=page size=PAGE_SIZE total=total />
        }
    };
    let empty = Signal::derive(move || {
        if total.get() > 0 {
            None
        } else if all.with(|o| !o.rows.is_empty()) {
            Some(words().none_match.to_owned())
        } else if inside() {
            refusal(&view.get().now)
        } else {
            result.with(Option::is_some).then(|| t().no_counts.to_owned())
        }
    });
    let keep_hint = Signal::derive(move || match bits.get() {
        Some(_) => words().keep_bits_hint.to_owned(),
        None => fill(words().bad_bits, &[("n", &width.get().to_string())]),
    });
    view! {
        <Frame display=Display::Counts exports=exports note=note tools=tools>
            <div class="counts-bar" title=hint>
                <Show when=move || { width.get() > 1 }>
                    <ListField
                        label=words().keep_bits
                        hint=keep_hint
                        text=keep
                        invalid=Signal::derive(move || bits.get().is_none())
                    />
                    <label class="display-field" title=words().filter_hint>
                        <span>{words().filter}</span>
                        <input
                            class="field mono"
                            type="search"
                            size="7"
                            autocomplete="off"
                            spellcheck="false"
                            prop:value=filter
                            on:input=move |event| {
                                filter.set(event_target_value(&event));
                                page.set(0);
                            }
                        />
                    </label>
                </Show>
                <label class="display-field">
                    <span class="visually-hidden">{words().base}</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            base.set(match event_target_value(&event).as_str() {
                                "hex" => Base::Hex,
                                "decimal" => Base::Decimal,
                                _ => Base::Bits,
                            });
                        }
                    >
                        <option value="bits">{words().binary}</option>
                        <option value="hex">{words().hex}</option>
                        <option value="decimal">{words().decimal}</option>
                    </select>
                </label>
            </div>
            <div class="plot-area">
                <div
                    class="plot"
                    node_ref=element
                    aria-hidden="true"
                    hidden=move || total.get() == 0 && !waiting.get()
                ></div>
                <Empty text=empty />
                <ul class="counts-list visually-hidden">
                    {list}
                </ul>
            </div>
        </Frame>
    }
}

fn of_reading(reading: &Reading) -> Outcomes {
    let Reading::Probabilities { num_qubits, entries, rest } = reading else {
        return Outcomes::default();
    };
    let rows = entries
        .iter()
        .map(|&(index, p)| plots::Row {
            key: format!("{index:0width$b}", width = *num_qubits as usize),
            exact: Some(p),
            ..plots::Row::default()
        })
        .collect();
    Outcomes { rows, rest: *rest, ..Outcomes::default() }
}

/// Why a reading is none.
pub fn refusal(readings: &[Reading]) -> Option<String> {
    readings.iter().find_map(|r| match r {
        Reading::Refused { message } if !message.is_empty() => Some(message.clone()),
        _ => None,
    })
}
