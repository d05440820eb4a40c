//! What came out, drawn: one file per display, one line each in [`Display::view`]. A display names what it
//! needs to know of the state ([`crate::state::Inspector::want`]), gets plain data and draws; it
//! never asks the simulator itself.

pub mod amplitudes;
pub mod bloch;
pub mod codes;
pub mod counts;
pub mod density;
pub mod entanglement;
pub mod expectation;
pub mod export;
pub mod format;
pub mod frame;
pub mod heat;
pub mod inline;
pub mod noise;
pub mod pager;
pub mod plotly;
pub mod qsphere;
pub mod state;
pub mod statistics;
pub mod sweep;
pub mod unitary;
pub mod viewpoint;
pub mod words;

use leptos::prelude::*;

use crate::state::prefs::Display;
use words::words;

/// What a display is called and shows.
pub trait Shown {
    fn title(self) -> &'static str;
    fn view(self) -> AnyView;
}

impl Shown for Display {
    fn title(self) -> &'static str {
        let w = words();
        match self {
            Self::Counts => w.histogram,
            Self::State => w.state,
            Self::Qubits => w.bloch,
            Self::Sphere => w.qsphere,
            Self::Density => w.density,
            Self::Entanglement => w.entanglement,
            Self::Noise => w.noise,
            Self::Unitary => w.unitary,
            Self::Expectation => w.pauli,
            Self::Statistics => w.statistics,
            Self::Sweep => w.sweep,
            Self::Codes => w.codes,
        }
    }

    fn view(self) -> AnyView {
        match self {
            Self::Counts => view! { <counts::Counts /> }.into_any(),
            Self::State => view! { <amplitudes::Amplitudes /> }.into_any(),
            Self::Qubits => view! { <bloch::Bloch /> }.into_any(),
            Self::Sphere => view! { <qsphere::QSphere /> }.into_any(),
            Self::Density => view! { <density::Density /> }.into_any(),
            Self::Entanglement => view! { <entanglement::Entanglement /> }.into_any(),
            Self::Noise => view! { <noise::Noise /> }.into_any(),
            Self::Unitary => view! { <unitary::Unitary /> }.into_any(),
            Self::Expectation => view! { <expectation::Expectation /> }.into_any(),
            Self::Statistics => view! { <statistics::Statistics /> }.into_any(),
            Self::Sweep => view! { <sweep::Sweep /> }.into_any(),
            Self::Codes => view! { <codes::Codes /> }.into_any(),
        }
    }
}
