//! How the page looks to this person: theme, language, panels. Kept in the browser.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::language::{self, Language};
use crate::storage;

const KEY: &str = "ketlab.prefs";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system asks.
    #[default]
    Auto,
    Light,
    Dark,
    Contrast,
}

impl Theme {
    /// Value of `data-theme`; none follows the system.
    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
            Self::Contrast => Some("contrast"),
        }
    }
}

/// A part of the lab that can be put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    Gates,
    Code,
    Results,
}

/// A display of the results dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    Counts,
    State,
    Qubits,
    Sphere,
    Density,
    Entanglement,
    Noise,
    Unitary,
    Expectation,
    Statistics,
    Sweep,
    Codes,
}

impl Display {
    /// All displays, in the order of their tabs.
    pub const ALL: [Self; 12] = [
        Self::Counts,
        Self::State,
        Self::Qubits,
        Self::Sphere,
        Self::Density,
        Self::Entanglement,
        Self::Noise,
        Self::Expectation,
        Self::Unitary,
        Self::Statistics,
        Self::Sweep,
        Self::Codes,
    ];

    /// In classes, identifiers and names of files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::State => "amplitudes",
            Self::Qubits => "qubits",
            Self::Sphere => "qsphere",
            Self::Density => "density",
            Self::Entanglement => "entanglement",
            Self::Noise => "noise",
            Self::Unitary => "unitary",
            Self::Expectation => "expectation",
            Self::Statistics => "statistics",
            Self::Sweep => "sweep",
            Self::Codes => "codes",
        }
    }
}

/// Displays side by side, at most.
pub const MAX_OPEN: usize = 3;

/// Pixels unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    theme: Theme,
    language: Option<Language>,
    gates: bool,
    code: bool,
    results: bool,
    code_width: f64,
    results_height: f64,
    /// Displays in the dock, the latest chosen last.
    open: Vec<Display>,
    /// Of a run, until something else is chosen for it.
    shots: u32,
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            theme: Theme::Auto,
            language: None,
            gates: true,
            code: true,
            results: true,
            code_width: 348.0,
            results_height: 320.0,
            open: vec![Display::Qubits, Display::State, Display::Counts],
            shots: 1024,
        }
    }
}

/// The preferences as signals. Copies share them.
#[derive(Clone, Copy)]
pub struct Prefs {
    pub theme: RwSignal<Theme>,
    pub language: RwSignal<Language>,
    pub gates: RwSignal<bool>,
    pub code: RwSignal<bool>,
    pub results: RwSignal<bool>,
    pub code_width: RwSignal<f64>,
    pub results_height: RwSignal<f64>,
    /// Displays in the dock, the latest chosen last: 1 to [`MAX_OPEN`]. Where there is room for one
    /// only, that one is shown.
    pub open: RwSignal<Vec<Display>>,
    /// Of a run, until something else is chosen for it.
    pub shots: RwSignal<u32>,
    /// What the phone's sheet shows; not kept.
    pub sheet: RwSignal<Panel>,
    /// Changes when colors do, for what does not read custom properties.
    pub look: RwSignal<u32>,
}

impl Prefs {
    /// Puts a display in the dock, as the latest.
    pub fn show(self, display: Display) {
        self.open.update(|open| {
            open.retain(|d| *d != display);
            if open.len() >= MAX_OPEN {
                open.remove(0);
            }
            open.push(display);
        });
    }

    /// As kept, and kept from now on.
    pub fn load() -> Self {
        let stored: Stored = storage::load(KEY).unwrap_or_default();
        let chosen = stored.language.unwrap_or_else(Language::of_browser);
        language::use_language(chosen);
        let prefs = Self {
            theme: RwSignal::new(stored.theme),
            language: RwSignal::new(chosen),
            gates: RwSignal::new(stored.gates),
            code: RwSignal::new(stored.code),
            results: RwSignal::new(stored.results),
            code_width: RwSignal::new(stored.code_width.clamp(200.0, 1200.0)),
            results_height: RwSignal::new(stored.results_height.clamp(140.0, 1200.0)),
            open: RwSignal::new(known(stored.open)),
            shots: RwSignal::new(stored.shots.clamp(1, 1_000_000)),
            sheet: RwSignal::new(Panel::Results),
            look: RwSignal::new(0),
        };
        Effect::new(move |before: Option<Stored>| {
            let now = Stored {
                theme: prefs.theme.get(),
                language: Some(prefs.language.get()),
                gates: prefs.gates.get(),
                code: prefs.code.get(),
                results: prefs.results.get(),
                code_width: prefs.code_width.get(),
                results_height: prefs.results_height.get(),
                open: prefs.open.get(),
                shots: prefs.shots.get(),
            };
            if before.is_some_and(|b| b != now) {
                storage::save(KEY, &now);
            }
            now
        });
        Effect::new(move |_| {
            let Some(root) = document().document_element() else { return };
            let _ = match prefs.theme.get().attribute() {
                Some(value) => root.set_attribute("data-theme", value),
                None => root.remove_attribute("data-theme"),
            };
            prefs.look.update(|n| *n += 1);
        });
        for query in ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"] {
            if let Ok(Some(list)) = window().match_media(query) {
                let changed = Closure::<dyn FnMut()>::new(move || prefs.look.update(|n| *n += 1));
                list.set_onchange(Some(changed.as_ref().unchecked_ref()));
                // Both live as long as the page.
                changed.forget();
                std::mem::forget(list);
            }
        }
        Effect::new(move |_| {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("lang", prefs.language.get().tag());
            }
        });
        prefs
    }
}

/// Each once, as many as fit, at least one.
fn known(mut open: Vec<Display>) -> Vec<Display> {
    let mut seen = Vec::new();
    open.retain(|d| {
        let new = !seen.contains(d);
        seen.push(*d);
        new
    });
    open.truncate(MAX_OPEN);
    if open.is_empty() {
        open.push(Display::Counts);
    }
    open
}
