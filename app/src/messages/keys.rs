//! Names of the editor's actions in the shortcut sheet. The editor's table is in English; here is
//! what the other languages say.

use super::Language;
use crate::messages::language;

const GERMAN: &[(&str, &str)] = &[
    ("Gates", "Gatter"),
    ("Edit", "Bearbeiten"),
    ("Move", "Bewegen"),
    ("Wires and columns", "Leitungen und Spalten"),
    ("View", "Ansicht"),
    ("Phase", "Phase"),
    ("Rotation about X", "Drehung um X"),
    ("Rotation about Y", "Drehung um Y"),
    ("Rotation about Z", "Drehung um Z"),
    ("Identity", "Identität"),
    ("Controlled X", "Gesteuertes X"),
    ("Controlled Y", "Gesteuertes Y"),
    ("Controlled Z", "Gesteuertes Z"),
    ("Controlled Hadamard", "Gesteuertes Hadamard"),
    ("Controlled phase", "Gesteuerte Phase"),
    ("Swap", "Tausch"),
    ("Controlled swap", "Gesteuerter Tausch"),
    ("Add control", "Steuerung hinzufügen"),
    ("Add anti-control", "Steuerung auf 0 hinzufügen"),
    ("Measure", "Messen"),
    ("Reset", "Zurücksetzen"),
    ("Barrier", "Schranke"),
    ("Edit gate", "Gatter bearbeiten"),
    ("Invert", "Invertieren"),
    ("Delete", "Löschen"),
    ("Undo", "Rückgängig"),
    ("Redo", "Wiederholen"),
    ("Copy", "Kopieren"),
    ("Cut", "Ausschneiden"),
    ("Paste", "Einfügen"),
    ("Duplicate", "Duplizieren"),
    ("Select all", "Alles auswählen"),
    ("Group into a gate", "Zu einem Gatter gruppieren"),
    ("Take gate apart", "Gatter auflösen"),
    ("Open gate", "Gatter öffnen"),
    ("Close gate", "Gatter schließen"),
    ("Name and arrange wire", "Leitung benennen und ordnen"),
    ("Comment on column", "Spalte kommentieren"),
    ("Clear selection", "Auswahl aufheben"),
    ("Left", "Nach links"),
    ("Right", "Nach rechts"),
    ("Up", "Nach oben"),
    ("Down", "Nach unten"),
    ("Five left", "Fünf nach links"),
    ("Five right", "Fünf nach rechts"),
    ("First column", "Erste Spalte"),
    ("Behind the last column", "Hinter die letzte Spalte"),
    ("Select to the left", "Nach links auswählen"),
    ("Select to the right", "Nach rechts auswählen"),
    ("Select upwards", "Nach oben auswählen"),
    ("Select downwards", "Nach unten auswählen"),
    ("Move selection left", "Auswahl nach links"),
    ("Move selection right", "Auswahl nach rechts"),
    ("Move selection up", "Auswahl nach oben"),
    ("Move selection down", "Auswahl nach unten"),
    ("Insert column", "Spalte einfügen"),
    ("Remove column", "Spalte entfernen"),
    ("Add wire below", "Leitung darunter einfügen"),
    ("Remove wire", "Leitung entfernen"),
    ("Move wire up", "Leitung nach oben"),
    ("Move wire down", "Leitung nach unten"),
    ("Hide wire", "Leitung ausblenden"),
    ("Hide idle wires", "Leere Leitungen ausblenden"),
    ("Show all wires", "Alle Leitungen zeigen"),
    ("Align left", "Links ausrichten"),
    ("Zoom in", "Vergrößern"),
    ("Zoom out", "Verkleinern"),
    ("Zoom to fit", "Ganz zeigen"),
    ("Show in the text", "Im Text zeigen"),
];

/// The name of an action or section in the language in use.
pub fn action_name(english: &'static str) -> &'static str {
    match language() {
        Language::English => english,
        Language::German => german(english),
    }
}

fn german(english: &'static str) -> &'static str {
    GERMAN.iter().find(|(en, _)| *en == english).map_or(english, |(_, de)| de)
}

#[cfg(test)]
mod tests {
    use super::*;
    use editor::keys::{BINDINGS, Section};

    #[test]
    fn every_action_has_a_german_name() {
        // Names of gates are the same everywhere.
        let symbols = |name: &str| name.chars().count() <= 3 || name == "Hadamard";
        let names = BINDINGS.iter().map(|b| b.name).chain(Section::ALL.map(Section::name));
        for name in names.filter(|name| !symbols(name)) {
            assert!(GERMAN.iter().any(|(en, _)| *en == name), "{name}");
        }
    }
}
