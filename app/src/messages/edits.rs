//! What the circuit's editor says: why an edit is refused, what is wrong with an expression, the
//! circuit in words. English is the library's own.

use editor::command::{MAX_CLBITS, MAX_COLUMNS, MAX_QUBITS};
use editor::document::Invalid;
use editor::expr::ExprError;
use editor::matrix::MatrixError;
use editor::{EditError, describe};

use super::{Language, language};

/// Why an edit is refused.
pub fn refusal(error: &EditError) -> String {
    match language() {
        Language::English => error.to_string(),
        Language::German => german(error),
    }
}

/// What is wrong with an expression.
pub fn expression(error: &ExprError) -> String {
    match language() {
        Language::English => error.to_string(),
        Language::German => german_expression(error),
    }
}

/// What is wrong with a matrix.
pub fn matrix(error: &MatrixError) -> String {
    use MatrixError as E;

    match (language(), error) {
        (Language::English, _) => error.to_string(),
        (Language::German, E::Empty) => "Eine Matrix fehlt".into(),
        (Language::German, E::TooLong) => "Die Matrix ist zu lang".into(),
        (Language::German, E::NotSquare { row, given, rows }) => {
            format!("Zeile {row} hat {given} Einträge, und es sind {rows} Zeilen")
        }
        (Language::German, E::Rows(n)) => {
            format!("Die Matrix eines Gatters hat 2, 4, 8, 16, 32 oder 64 Zeilen, nicht {n}")
        }
        (Language::German, E::Entry { row, column, error }) => {
            format!("Zeile {row}, Spalte {column}: {}", german_expression(error))
        }
    }
}

/// The words in which a circuit is told.
pub fn describing() -> &'static describe::Words {
    match language() {
        Language::English => &describe::ENGLISH,
        Language::German => &GERMAN,
    }
}

static GERMAN: describe::Words = describe::Words {
    circuit: "Schaltung mit {qubits}, {clbits} und {columns}.",
    qubits: ["1 Qubit", "{n} Qubits"],
    clbits: ["1 klassischen Bit", "{n} klassischen Bits"],
    columns: ["1 Spalte", "{n} Spalten"],
    column: "Spalte {n}: {content}.",
    more: "Und {n} weiter.",
    cell: "Spalte {column}, {qubit}: {content}",
    empty: "leer",
    gate: "Gatter {name}",
    measurement: "Messung",
    reset: "Zurücksetzen",
    barrier: "Barriere",
    display: "Anzeige {name}",
    text: "Textblock {text}",
    and: " und ",
    of_params: " mit {list}",
    on_all: " auf allen Qubits",
    on: " auf {list}",
    into: " nach {list}",
    controlled: ", gesteuert von {list}",
    anti_controlled: ", bei 0 gesteuert von {list}",
    condition: ", wenn {list}",
};

fn german(error: &EditError) -> String {
    use EditError as E;

    match error {
        E::Invalid(invalid) => german_invalid(invalid),
        E::Expression { index, error } => format!("Parameter {index}: {}", german_expression(error)),
        E::PauliLetter(letter) => format!("`{letter}` ist keiner der Buchstaben I, X, Y, Z"),
        E::PauliLength { needed } => format!("Für jedes der {needed} Qubits steht ein Buchstabe"),
        E::Gone => "Das ist nicht mehr in der Schaltung".into(),
        E::Nothing => "Nichts ist ausgewählt".into(),
        E::AboveTop => "Über der ersten Leitung ist keine".into(),
        E::BelowBottom(n) => format!("Dort ist keine Leitung: die Schaltung hat {n} Qubits"),
        E::LastShown => "Eine Leitung bleibt zu sehen".into(),
        E::TooManyQubits => format!("Eine gezeichnete Schaltung hat höchstens {MAX_QUBITS} Qubits"),
        E::TooManyClbits => {
            format!("Eine gezeichnete Schaltung hat höchstens {MAX_CLBITS} klassische Bits")
        }
        E::TooManyColumns => {
            format!("Eine gezeichnete Schaltung hat höchstens {MAX_COLUMNS} Spalten")
        }
        E::NoParams(name) => format!("`{name}` hat keine Parameter"),
        E::NoControls(name) => format!("`{name}` kann nicht gesteuert werden"),
        E::NoCondition => "Eine Barriere hat keine Bedingung".into(),
        E::QubitInUse(qubit) => format!("Qubit {qubit} gehört schon zu diesem Gatter"),
        E::NotItsQubit(qubit) => format!("Qubit {qubit} gehört nicht zu diesem Gatter"),
        E::BadName(name) => {
            format!("`{name}` ist kein Name: Buchstaben, Ziffern und `_`, keine Ziffer am Anfang")
        }
        E::ReservedName(name) => format!("`{name}` ist ein Wort der Sprache"),
        E::NameTaken(name) => format!("`{name}` gibt es schon"),
        E::GateWidth { gate, needed, given } => format!(
            "Das Gatter und `{gate}` wirken auf verschieden viele Qubits: {needed}, nicht {given}"
        ),
        E::TextNames { register, column } => format!(
            "Der Textblock in Spalte {column} nennt `{register}`: das ist zuerst im Text zu ändern"
        ),
        E::ConditionNames { register, column } => {
            format!("Die Bedingung in Spalte {column} braucht `{register}`")
        }
        E::ParameterInUse { name, column } => format!("Spalte {column} braucht `{name}`"),
        E::NoRegister => "Dort ist kein Register".into(),
        E::LastQubit => "Das letzte Qubit bleibt: eine Schaltung braucht eines".into(),
        E::NotUnitary => {
            "Messungen, Zurücksetzen, Bedingungen und Textblöcke können nicht Teil eines Gatters sein"
                .into()
        }
        E::Between => {
            "Eine Operation zwischen den ausgewählten hängt von beiden Seiten ab: sie ist mit auszuwählen"
                .into()
        }
        E::NoBody => {
            "Dieses Gatter lässt sich nicht zerlegen: es ist eine Matrix, hat eine Schleife, ist invertiert oder potenziert"
                .into()
        }
        E::GateQubits { name, qubits } => {
            format!("`{name}` wird auf {qubits} Qubits gebraucht: seine Leitungen bleiben")
        }
        E::CallsLater(name) => {
            format!("`{name}` kann nur Gatter verwenden, die vorher definiert sind")
        }
        E::DefinitionInUse { name, user } => format!("`{name}` wird gebraucht: {user}"),
        E::NotFinite => "Ein Wert ist eine endliche Zahl".into(),
        E::EmptyText => "Ein Textblock braucht einen Text".into(),
        E::TooManyCopies(n) => format!("Höchstens {n} Kopien auf einmal"),
    }
}

fn german_expression(error: &ExprError) -> String {
    use ExprError as E;

    match error {
        E::Empty => "Ein Ausdruck fehlt".into(),
        E::Unexpected(word) => format!("`{word}` gehört nicht in einen Ausdruck"),
        E::End => "Der Ausdruck endet zu früh".into(),
        E::UnknownName(name) => format!("`{name}` hat keinen Wert"),
        E::UnknownFunction(name) => format!("`{name}` ist keine bekannte Funktion"),
        E::NotFinite => "Der Wert ist keine endliche Zahl".into(),
        E::TooDeep => "Der Ausdruck ist zu tief verschachtelt".into(),
        E::TooLong => "Der Ausdruck ist zu lang".into(),
    }
}

fn german_invalid(error: &Invalid) -> String {
    use Invalid as I;

    match error {
        I::NoQubit(n) => format!("Qubit {n} gibt es nicht"),
        I::NoClbit(n) => format!("Das klassische Bit {n} gibt es nicht"),
        I::NoRegister(n) => format!("Das klassische Register {n} gibt es nicht"),
        I::SameQubit { name, qubit } => {
            format!("`{name}` braucht verschiedene Qubits und hat {qubit} zweimal")
        }
        I::Targets { name, needed, given } => {
            format!("`{name}` wirkt auf {needed} Qubits und hat {given}")
        }
        I::Params { name, needed, given } => {
            format!("`{name}` hat {needed} Parameter, nicht {given}")
        }
        I::Controls(name) => format!("`{name}` wird nicht gesteuert"),
        I::Crossing(column) => format!("Operationen der Spalte {column} überkreuzen sich"),
        I::DoubleId(id) => format!("Die Kennung {id} kommt zweimal vor"),
        I::DoubleName(name) => format!("`{name}` ist zweimal deklariert"),
    }
}
