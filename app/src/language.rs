//! The language of what is on screen. Each program has a catalogue of its own, with every text in each
//! language; a text that is missing in one does not compile.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// What the browser asks for, English if it is none of ours.
    pub fn of_browser() -> Self {
        let wanted = leptos::prelude::window().navigator().language().unwrap_or_default();
        if wanted.starts_with("de") { Self::German } else { Self::English }
    }

    /// For `lang` attributes.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// In the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }
}

thread_local! {
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// From now on the catalogues speak `language`. What is on screen is built anew by the frame.
pub fn use_language(language: Language) {
    CURRENT.set(language);
}

/// The language in use.
pub fn language() -> Language {
    CURRENT.get()
}

/// `template` with `{name}` replaced by its value.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = template.to_owned();
    for (name, value) in values {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

/// The names that [`fill`] looks for in a text, sorted: those of a text's translations are the same.
pub fn placeholders(text: &str) -> Vec<&str> {
    let names = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let mut found: Vec<&str> = names.map(|(name, _)| name).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_by_name() {
        assert_eq!(fill("{a} of {b}", &[("a", "1"), ("b", "2")]), "1 of 2");
    }
}
