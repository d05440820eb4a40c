//! Looks at states of the program: where the scrub bar stands, what the open displays ask for, which
//! outcomes were chosen by hand, and the answer.
//!
//! One request carries what all displays want; it is sent whenever one of these changes, and a
//! newer one supersedes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::run::{InspectRequest, Inspection, Limits, Noise, Probe, Program, Reading, RunErrorKind};
use editor::Document;
use leptos::prelude::*;

use super::Lab;

/// An answer, with what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub inspection: Inspection,
    /// Who asked, and where the readings for it begin and end.
    places: Vec<(&'static str, usize, usize)>,
    /// Position of the scrub bar.
    pub column: Option<usize>,
}

impl Seen {
    fn of<'a>(&self, name: &str, readings: &'a [Reading]) -> &'a [Reading] {
        let place = self.places.iter().find(|(n, ..)| *n == name);
        place.and_then(|&(_, from, to)| readings.get(from..to)).unwrap_or_default()
    }
}

/// What one display gets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    pub now: Vec<Reading>,
    /// One step earlier; empty without.
    pub before: Vec<Reading>,
}

/// Handle to the inspector. Copies share it.
#[derive(Clone, Copy)]
pub struct Inspector {
    lab: Lab,
    /// So many columns have been executed. `None`: the whole program, as it is run.
    pub column: RwSignal<Option<usize>>,
    /// Outcomes chosen by hand: number of the measurement, outcome.
    pub choices: RwSignal<BTreeMap<u32, bool>>,
    /// Columns before which playing stops.
    pub breakpoints: RwSignal<BTreeSet<usize>>,
    /// Whether the step before is shown too.
    pub difference: RwSignal<bool>,
    /// Whether displays show the state under the noise in use, if there is any.
    pub noisy: RwSignal<bool>,
    wants: RwSignal<BTreeMap<&'static str, Vec<Probe>>>,
    pub seen: RwSignal<Option<Arc<Seen>>>,
    /// Why there is no answer.
    pub error: RwSignal<Option<String>>,
}

impl Inspector {
    pub fn new(lab: Lab) -> Self {
        let inspector = Self {
            lab,
            column: RwSignal::new(None),
            choices: RwSignal::new(BTreeMap::new()),
            breakpoints: RwSignal::new(BTreeSet::new()),
            difference: RwSignal::new(true),
            noisy: RwSignal::new(false),
            wants: RwSignal::new(BTreeMap::new()),
            seen: RwSignal::new(None),
            error: RwSignal::new(None),
        };
        Effect::new(move |_| inspector.ask());
        inspector
    }

    /// Columns of the program.
    pub fn length(self) -> usize {
        self.lab.document.with(|d| d.columns.len())
    }

    /// The noise that displays show the state under.
    pub fn noise(self) -> Option<Arc<str>> {
        if self.noisy.get() { self.lab.noise.model.get() } else { None }
    }

    /// Whether the run, which is without noise and ends with the program, tells what displays are to show.
    pub fn shows_run(self) -> bool {
        self.column.get().is_none() && self.noise().is_none()
    }

    /// Goes to a position, within the program.
    pub fn go(self, column: usize) {
        let length = self.lab.document.with_untracked(|d| d.columns.len());
        self.column.set(Some(column.min(length)));
    }

    /// From now on, and as long as the caller lives, `probes` are answered. One `name` for each
    /// caller.
    pub fn want(self, name: &'static str, probes: Signal<Vec<Probe>>) -> Memo<View> {
        Effect::new(move |_| {
            let probes = probes.get();
            if self.wants.with_untracked(|w| w.get(name) != Some(&probes)) {
                self.wants.update(|w| {
                    w.insert(name, probes);
                });
            }
        });
        on_cleanup(move || {
            self.wants.try_update(|w| w.remove(name));
        });
        Memo::new(move |_| {
            self.seen.with(|seen| {
                seen.as_ref()
                    .map(|seen| View {
                        now: seen.of(name, &seen.inspection.readings).to_vec(),
                        before: seen.of(name, &seen.inspection.before).to_vec(),
                    })
                    .unwrap_or_default()
            })
        })
    }

    fn ask(self) {
        let wants = self.wants.get();
        let column = self.column.get();
        let choices = self.choices.get();
        let seed = self.lab.settings.with(|s| s.seed);
        let difference = self.difference.get();
        let carried = self.lab.carried.get();
        let noise = self.noise();
        let text = self.lab.text.get();
        self.lab.inputs.track();
        if self.lab.stale.get() || !self.lab.missing.with(Vec::is_empty) {
            return;
        }
        let drawn = self.lab.undrawn.with(Option::is_none);
        let document = match carried {
            Some(document) => document,
            None => self.lab.document.get(),
        };
        let displays = drawn && document.has_displays();
        let mut probes = Vec::new();
        let mut places = Vec::new();
        for (name, list) in wants {
            places.push((name, probes.len(), probes.len() + list.len()));
            probes.extend(list);
        }
        if probes.is_empty() && !displays && column.is_none() {
            self.seen.set(None);
            self.error.set(None);
            return;
        }
        let emit = |document: &Document, columns: Option<usize>| {
            Program::openqasm(editor::emit(&document.for_inspection(columns)))
        };
        let column = column.filter(|_| drawn).map(|c| c.min(document.columns.len()));
        let program =
            if drawn { emit(&document, column) } else { Program::openqasm(text.to_string()) };
        let before = column.filter(|&c| difference && c > 0).map(|c| emit(&document, Some(c - 1)));
        let mut limits = Limits::default();
        if let Some(bytes) = self.lab.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        let request = InspectRequest {
            program,
            before,
            seed,
            inputs: self.lab.values(),
            choices: choices.into_iter().collect(),
            collapse: column.is_some(),
            probes,
            displays,
            noise: noise.map(|text| Noise::Model(text.to_string())),
            limits,
        };
        self.lab.sim.inspect(request, move |answer| match answer {
            Ok(inspection) => {
                self.error.set(None);
                self.seen.set(Some(Arc::new(Seen { inspection, places, column })));
            }
            // A newer request is on its way.
            Err(error) if error.kind == RunErrorKind::Cancelled => {}
            Err(error) => {
                let message = error.diagnostics.first().map(|d| d.message.clone());
                self.error.set(message);
                self.seen.set(None);
            }
        });
    }
}
