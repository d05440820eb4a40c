//! The displays' texts, in each language of the page.

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
    // names
    histogram: "Histogram", "Histogramm";
    state: "State", "Zustand";
    bloch: "Bloch", "Bloch";
    qsphere: "Q-sphere", "Q-Sphäre";
    qsphere_label: "Basis states on a sphere, by their number of ones", "Basiszustände auf einer Kugel, nach der Zahl ihrer Einsen";
    density: "Density", "Dichte";
    entanglement: "Entanglement", "Verschränkung";
    unitary: "Unitary", "Unitär";
    pauli: "Expectation", "Erwartung";
    statistics: "Statistics", "Statistik";
    sweep: "Sweep", "Durchlauf";
    displays: "Displays", "Anzeigen";
    close: "Close {name}", "{name} schließen";
    // export
    export: "Export", "Export";
    export_of: "Export {name}", "{name} exportieren";
    as_svg: "SVG picture", "SVG-Bild";
    as_png: "PNG picture, 2×", "PNG-Bild, 2×";
    as_csv: "CSV table", "CSV-Tabelle";
    as_json: "JSON", "JSON";
    export_failed: "The browser could not make the picture", "Der Browser konnte das Bild nicht erzeugen";
    // histogram
    exact: "exact", "exakt";
    measured: "measured", "gemessen";
    distance: "distance {d}", "Abstand {d}";
    distance_hint: "Total variation distance between measured shares and exact probabilities; {e} is to be expected from {n} shots", "Totalvariationsabstand zwischen gemessenen Anteilen und exakten Wahrscheinlichkeiten; {e} ist bei {n} Schüssen zu erwarten";
    filter: "Filter", "Filter";
    filter_hint: "Outcomes that match, ? for any bit: 1??0. Or a number", "Passende Ergebnisse, ? für jedes Bit: 1??0. Oder eine Zahl";
    keep_bits: "Bits", "Bits";
    keep_bits_hint: "Show these bits only, others summed up: 0-2, 5", "Nur diese Bits zeigen, andere aufsummiert: 0-2, 5";
    base: "Outcomes as", "Ergebnisse als";
    binary: "bits", "Bits";
    hex: "hex", "hex";
    decimal: "decimal", "dezimal";
    rest: "not listed: {p}", "nicht aufgeführt: {p}";
    at_position: "after column {n}", "nach Spalte {n}";
    at_start: "at the start", "am Anfang";
    none_match: "No outcome matches the filter.", "Kein Ergebnis passt zum Filter.";
    probability_of: "{outcome}: {p}", "{outcome}: {p}";
    bad_bits: "write bits as 0-2, 5; there are {n}", "Bits so angeben: 0-2, 5; es gibt {n}";
    // state
    ket_form: "Exact form", "Exakte Form";
    change: "change", "Änderung";
    fidelity: "overlap with the step before: {f}", "Überlapp mit dem Schritt davor: {f}";
    // bloch
    turn_hint: "Drag to turn, double-click to turn back", "Ziehen dreht, Doppelklick dreht zurück";
    purity: "purity {p}", "Reinheit {p}";
    // density
    qubits_field: "Qubits", "Qubits";
    qubits_hint: "Up to {n} qubits, such as 0-2, 5", "Bis zu {n} Qubits, etwa 0-2, 5";
    first_of: "the first {n} of {total} qubits", "die ersten {n} von {total} Qubits";
    // entanglement
    entropy: "Entropy of each cut, bits", "Entropie jedes Schnitts, Bits";
    cut_label: "cut between qubits {a} and {b}: {s} bits", "Schnitt zwischen Qubits {a} und {b}: {s} Bits";
    negativity: "Logarithmic negativity of each cut, bits", "Logarithmische Negativität jedes Schnitts, Bits";
    renyi: "hatched: Rényi-2, a lower bound", "schraffiert: Rényi-2, eine untere Schranke";
    unknown_cut: "too much work", "zu aufwendig";
    mutual: "Mutual information, bits", "Transinformation, Bits";
    pair_label: "qubits {a} and {b}: {i} bits", "Qubits {a} und {b}: {i} Bits";
    needs_two: "Entanglement needs two qubits.", "Verschränkung braucht zwei Qubits.";
    // unitary
    matrix_of: "matrix of the circuit, {n} × {n}", "Matrix der Schaltung, {n} × {n}";
    // noise
    noise: "Noise", "Rauschen";
    noise_source: "Noise", "Rauschen";
    noise_none: "none", "keines";
    noise_custom: "own numbers", "eigene Zahlen";
    noise_device: "like a device", "wie ein Gerät";
    device_of: "{name}, {n} qubits", "{name}, {n} Qubits";
    device_missing: "The calibration of {name} could not be loaded.", "Die Kalibrierung von {name} konnte nicht geladen werden.";
    noise_off: "Choose noise to see its counts beside the ideal ones.", "Wähle ein Rauschen, um seine Zählungen neben den idealen zu sehen.";
    noise_running: "running…", "läuft…";
    depolarizing_1q: "Depolarizing, one qubit", "Depolarisierend, ein Qubit";
    depolarizing_2q: "Depolarizing, two qubits", "Depolarisierend, zwei Qubits";
    amplitude_damping: "Amplitude damping", "Amplitudendämpfung";
    phase_damping: "Phase damping", "Phasendämpfung";
    readout: "Readout error", "Auslesefehler";
    noise_scale: "strength of the noise", "Stärke des Rauschens";
    noise_curve: "Over its strength…", "Über seine Stärke…";
    without_noise: "Ideal", "Ideal";
    with_noise: "With noise", "Mit Rauschen";
    quantity: "Quantity", "Größe";
    fidelity_word: "Fidelity", "Fidelität";
    success: "P of an outcome", "P eines Ergebnisses";
    noise_fidelity: "Fidelity of the counts", "Fidelität der Zählungen";
    noise_distance: "Distance from ideal", "Abstand vom Idealen";
    noise_purity: "Purity", "Reinheit";
    method: "Method", "Verfahren";
    density_matrix: "density matrix", "Dichtematrix";
    trajectories: "trajectories", "Trajektorien";
    seconds: "Time", "Zeit";
    noisy: "noisy", "verrauscht";
    noisy_share: "with noise {p}", "mit Rauschen {p}";
    // pauli
    add_observable: "Add", "Hinzufügen";
    observable: "Observable", "Observable";
    observable_hint: "A sum of Pauli strings, highest qubit first: 0.5*ZZI - XIX. Or Z0 Z2 + X1", "Eine Summe von Pauli-Ketten, höchstes Qubit zuerst: 0.5*ZZI - XIX. Oder Z0 Z2 + X1";
    remove: "Remove {name}", "{name} entfernen";
    deviation: "± {d} per shot", "± {d} je Schuss";
    value: "Value", "Wert";
    no_observables: "Add an observable, such as Z0 Z1.", "Füge eine Observable hinzu, etwa Z0 Z1.";
    // statistics
    depth: "Depth", "Tiefe";
    operations: "Operations", "Operationen";
    two_qubit: "Two-qubit gates", "Zwei-Qubit-Gatter";
    two_qubit_depth: "Two-qubit depth", "Zwei-Qubit-Tiefe";
    multi_qubit: "Gates on three and more", "Gatter auf drei und mehr";
    t_count: "T count", "T-Anzahl";
    measurements: "Measurements", "Messungen";
    resets: "Resets", "Rücksetzungen";
    active: "Qubits in use", "Benutzte Qubits";
    clbits: "Classical bits", "Klassische Bits";
    // sweep
    parameter: "Parameter", "Parameter";
    from: "from", "von";
    to: "to", "bis";
    points: "points", "Punkte";
    second: "second", "zweiter";
    none: "none", "keiner";
    start: "Sweep", "Durchlaufen";
    stop: "Stop", "Anhalten";
    animate: "Animate", "Abspielen";
    no_parameters: "A sweep needs a parameter: give a gate an angle such as theta, or choose noise.", "Ein Durchlauf braucht einen Parameter: gib einem Gatter einen Winkel wie theta, oder wähle ein Rauschen.";
    swept: "{n} of {total}", "{n} von {total}";
    bad_range: "from and to are numbers or expressions such as 2*pi", "von und bis sind Zahlen oder Ausdrücke wie 2*pi";
    sweep_again: "The circuit has changed since.", "Die Schaltung hat sich seitdem geändert.";
    // surface code
    codes: "Error correction", "Fehlerkorrektur";
    stim_converted: "{name}, from Stim", "{name}, aus Stim";
    stim_opened: "{name}: a Stim circuit. It has no picture: {reason}", "{name}: eine Stim-Schaltung. Sie hat kein Bild: {reason}";
    stim_refused: "{name} cannot be read", "{name} lässt sich nicht lesen";
    stim_place: "line {line}, column {column}: {message}", "Zeile {line}, Spalte {column}: {message}";
    stim_start: "Sample {name}", "{name} abtasten";
    stim_undecoded: "Not decoded: {reason}", "Nicht dekodiert: {reason}";
    detectors: "Detectors", "Detektoren";
    observables: "Observables flipped", "Observablen gekippt";
    shots_taken: "Shots", "Schüsse";
    detectors_label: "Rate of each detector", "Rate jedes Detektors";
    results_label: "Share of 1 of each result", "Anteil der 1 jedes Ergebnisses";
    codes_label: "Logical error rate against noise, for each distance", "Logische Fehlerrate gegen das Rauschen, für jeden Abstand";
    codes_empty: "A memory experiment keeps one logical qubit for as many rounds as the code’s distance, and a matching decoder says whether it was lost. Below a noise of about 0.5 % a larger code is better.", "Ein Speicherexperiment hält ein logisches Qubit so viele Runden lang, wie der Code Abstand hat, und ein Paarungsdecoder sagt, ob es verloren ging. Unter einem Rauschen von etwa 0,5 % ist ein größerer Code besser.";
    codes_start: "Run", "Starten";
    codes_noise: "error probability of each gate, measurement and reset", "Fehlerwahrscheinlichkeit jedes Gatters, jeder Messung und Rücksetzung";
    distances: "Distances of the code", "Abstände des Codes";
    distance_of_code: "Distance", "Abstand";
    shots_at_most: "shots a point, at most", "Schüsse je Punkt, höchstens";
    detection: "Detection rate", "Detektionsrate";
    logical_errors: "Lost", "Verloren";
    logical_rate: "logical error rate", "logische Fehlerrate";
    // scrub bar
    scrub: "Position in the circuit", "Stelle in der Schaltung";
    step_back: "Step back ([)", "Schritt zurück ([)";
    step_on: "Step on (])", "Schritt vor (])";
    play: "Play", "Abspielen";
    pause: "Pause", "Pause";
    leave: "Back to the whole circuit (Esc)", "Zurück zur ganzen Schaltung (Esc)";
    whole: "whole circuit", "ganze Schaltung";
    position: "{n} / {total}", "{n} / {total}";
    breakpoint: "Breakpoint here", "Haltepunkt hier";
    difference: "Compare with the step before", "Mit dem Schritt davor vergleichen";
    outcome_of: "Measurement {n} of q{q}: {b}, probability {p}. Click for the other outcome", "Messung {n} von q{q}: {b}, Wahrscheinlichkeit {p}. Klick für das andere Ergebnis";
    reset_of: "Reset {n} of q{q}: found {b}, probability {p}. Click for the other outcome", "Rücksetzung {n} von q{q}: gefunden {b}, Wahrscheinlichkeit {p}. Klick für das andere Ergebnis";
    this_run: "This run", "Dieser Lauf";
    run_probability: "probability {p}", "Wahrscheinlichkeit {p}";
    drawn: "Draw by chance again", "Wieder auslosen";
    more: "and {n} more", "und {n} weitere";
    // inline displays
    inline: "Displays", "Anzeigen";
    inline_chance: "Probability of each outcome, here in the circuit", "Wahrscheinlichkeit jedes Ergebnisses, hier in der Schaltung";
    inline_amplitudes: "Amplitudes with phase, where the qubits have a state of their own", "Amplituden mit Phase, wo die Qubits einen eigenen Zustand haben";
    inline_bloch: "Bloch vector of a qubit", "Bloch-Vektor eines Qubits";
    inline_density: "Density matrix of the qubits", "Dichtematrix der Qubits";
    inline_sample: "Outcomes of a few shots", "Ergebnisse einiger Schüsse";
    inline_expectation: "Expectation value of a Pauli string", "Erwartungswert einer Pauli-Kette";
    chance: "Chance", "Chance";
    amplitudes: "Amplitudes", "Amplituden";
    sample: "Sample", "Probe";
    expectation: "⟨P⟩", "⟨P⟩";
    inline_qubits: "Qubits", "Qubits";
    letters: "Pauli string", "Pauli-Kette";
    inline_kind: "Shows", "Zeigt";
    mixed: "mixed", "gemischt";
    never: "never", "nie";
}

/// The texts in the language in use.
pub fn words() -> &'static Words {
    match language() {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
