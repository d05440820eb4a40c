//! What a user may use follows from the plan, and the plan from the role where none is named: no
//! limit is set by hand for one person.

use api::http::account::Role;
use api::http::circuits::{MAX_CIRCUITS, MAX_TOTAL_BYTES};
use api::http::limits::{Limits, PLAN_NAMES};

use crate::db::users::User;

const GUEST: Limits = Limits {
    circuits: MAX_CIRCUITS,
    projects: 50,
    storage_bytes: MAX_TOTAL_BYTES,
    server_qubits: 0,
    job_minutes: 0,
    shots: 0,
    submissions: 100,
    hardware: false,
};

const LEARNER: Limits = Limits {
    projects: 500,
    storage_bytes: 256 << 20,
    server_qubits: 20,
    job_minutes: 60,
    shots: 100_000,
    submissions: 500,
    ..GUEST
};

const COURSE: Limits =
    Limits { server_qubits: 24, job_minutes: 300, shots: 1_000_000, hardware: true, ..LEARNER };

const AUTHOR: Limits = Limits {
    projects: 2000,
    storage_bytes: 2 << 30,
    server_qubits: 26,
    job_minutes: 600,
    submissions: 2000,
    ..COURSE
};

/// In the order of [`PLAN_NAMES`].
const PLANS: [Limits; PLAN_NAMES.len()] = [GUEST, LEARNER, COURSE, AUTHOR];

/// The limits of a plan.
pub fn named(name: &str) -> Option<Limits> {
    PLAN_NAMES.iter().position(|plan| *plan == name).map(|at| PLANS[at])
}

/// The limits of a user.
pub fn of(user: &User) -> Limits {
    if let Some(limits) = user.plan.as_deref().and_then(named) {
        return limits;
    }
    let own = match user.role {
        _ if user.guest => GUEST,
        Role::Learner => LEARNER,
        Role::Author | Role::Operator | Role::Admin => AUTHOR,
    };
    if user.course { better(own, COURSE) } else { own }
}

/// Of each limit the wider one.
fn better(a: Limits, b: Limits) -> Limits {
    Limits {
        circuits: a.circuits.max(b.circuits),
        projects: a.projects.max(b.projects),
        storage_bytes: a.storage_bytes.max(b.storage_bytes),
        server_qubits: a.server_qubits.max(b.server_qubits),
        job_minutes: a.job_minutes.max(b.job_minutes),
        shots: a.shots.max(b.shots),
        submissions: a.submissions.max(b.submissions),
        hardware: a.hardware || b.hardware,
    }
}
