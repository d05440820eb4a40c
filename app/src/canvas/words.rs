//! The canvas's texts, in each language of the page.

use crate::messages::{Language, language};

macro_rules! words {
    ($($name:ident: $en:literal, $de:literal;)*) => {
        /// The catalogue.
        pub struct Words { $(pub $name: &'static str,)* }
        static ENGLISH: Words = Words { $($name: $en,)* };
        static GERMAN: Words = Words { $($name: $de,)* };
    };
}

words! {
    circuit: "Circuit editor", "Schaltungseditor";
    empty: "Drag a gate here, or press H for a Hadamard gate.", "Ziehe ein Gatter hierher, oder drücke H für ein Hadamard-Gatter.";
    drop_removes: "Drop here to remove", "Hier ablegen entfernt";
    click_places: "Click a cell to place, Escape to put back", "Zelle anklicken zum Ablegen, Escape legt zurück";
    view: "View", "Ansicht";
    zoom_in: "Zoom in (Ctrl +)", "Vergrößern (Strg +)";
    zoom_out: "Zoom out (Ctrl −)", "Verkleinern (Strg −)";
    fit: "Fit into view (Ctrl 0)", "Ganz zeigen (Strg 0)";
    add_wire: "+ wire", "+ Leitung";
    add_wire_key: "Add a qubit (N)", "Qubit hinzufügen (N)";
    search: "Search gates", "Gatter suchen";
    none_found: "No gate of that name.", "Kein Gatter mit diesem Namen.";
    pauli: "Pauli", "Pauli";
    clifford: "Clifford", "Clifford";
    rotation: "Rotation", "Drehung";
    phase: "Phase", "Phase";
    multi: "Several qubits", "Mehrere Qubits";
    other: "Measure and more", "Messen und mehr";
    own: "Your gates", "Eigene Gatter";
    measure: "Measure", "Messen";
    measure_doc: "Measures in the Z basis, into a classical bit.", "Misst in der Z-Basis, in ein klassisches Bit.";
    reset: "Reset", "Zurücksetzen";
    reset_doc: "Sets the qubit to |0⟩.", "Setzt das Qubit auf |0⟩.";
    barrier: "Barrier", "Schranke";
    barrier_doc: "Keeps the columns on its sides apart.", "Hält die Spalten auf ihren Seiten getrennt.";
    inspector: "Chosen operation", "Gewählte Operation";
    parameter: "Angle", "Winkel";
    gate: "Gate", "Gatter";
    inverse: "Inverse", "Invers";
    power: "Power", "Potenz";
    power_hint: "e.g. 1/2", "z. B. 1/2";
    controls: "Controls", "Steuerungen";
    add_control: "Add control…", "Steuerung hinzufügen…";
    toggle_control: "Control on 1 or on 0", "Steuert bei 1 oder bei 0";
    remove_control: "Remove control", "Steuerung entfernen";
    condition: "Only if", "Nur wenn";
    always: "always", "immer";
    bit: "Into bit", "In Bit";
    no_bit: "none", "keins";
    text: "Text", "Text";
    duplicate: "Duplicate", "Duplizieren";
    to_text: "In the text", "Im Text";
    hide: "Hide", "Ausblenden";
    remove: "Delete", "Löschen";
    group: "Group", "Gruppieren";
    ungroup: "Take apart", "Auflösen";
    chosen: "{n} operations chosen", "{n} Operationen gewählt";
    value: "Value", "Wert";
    repeat: "Repeat", "Wiederholen";
    open: "Open", "Öffnen";
    wire: "Wire {name}", "Leitung {name}";
    register: "Bits {name}", "Bits {name}";
    column: "Column {n}", "Spalte {n}";
    name: "Name", "Name";
    register_name: "Register", "Register";
    wire_name: "Wire", "Leitung";
    size: "Size", "Größe";
    comment: "Comment", "Kommentar";
    move_up: "Up", "Nach oben";
    move_down: "Down", "Nach unten";
    insert_above: "Insert above", "Darüber einfügen";
    insert_below: "Insert below", "Darunter einfügen";
    insert_before: "Insert before", "Davor einfügen";
    insert_after: "Insert after", "Dahinter einfügen";
    add_register: "Add register", "Register hinzufügen";
    close: "Close", "Schließen";
    inside_gate: "Inside {name}: a change here changes every call ({n}).", "Im Inneren von {name}: eine Änderung hier ändert jeden Aufruf ({n}).";
    whole_circuit: "Circuit", "Schaltung";
    overview: "Overview of the circuit", "Übersicht der Schaltung";
    rename_gate: "Rename", "Umbenennen";
    new_gate: "New gate…", "Neues Gatter…";
}

/// The texts in the language in use.
pub fn words() -> &'static Words {
    match language() {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
