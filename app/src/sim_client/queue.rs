//! Which request is with the worker, which waits, and what to do next: the protocol's rules without
//! the browser.
//!
//! At most one request is in flight. At most one run, one inspection, one sweep, one piece of samples and one
//! noisy run wait, in that order; a newer one replaces the waiting one of its kind. A run stops whatever is in
//! flight, an inspection stops an older inspection, a sweep or samples (a short piece of a long one) stops nothing. A noisy run,
//! which takes long and is looked at beside the rest, makes way for everything and begins again after it.
//! Nothing is sent before the worker is ready, so that there is never a run that cannot be cancelled.

use api::run::sweep::SweepRequest;
use api::run::{InspectRequest, Program, RunRequest, SampleRequest, ToWorker};

/// What the client has to do, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Post(Box<ToWorker>),
    /// Ask the run in flight to stop, and see that it does within the grace period.
    Cancel {
        id: u64,
    },
    /// Clear the cancel flag: its run has answered.
    LowerFlag,
    /// Terminate the worker and start another.
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Run,
    Inspection,
    Sweep,
    Noisy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flight {
    id: u64,
    kind: Kind,
    cancelling: bool,
}

/// The page's side of the conversation.
#[derive(Debug, Default)]
pub struct Queue {
    next_id: u64,
    ready: bool,
    flight: Option<Flight>,
    waiting: Option<(u64, Box<RunRequest>)>,
    inspection: Option<(u64, Box<InspectRequest>)>,
    sweep: Option<(u64, Box<SweepRequest>)>,
    sample: Option<(u64, Box<SampleRequest>)>,
    /// The newest noisy run, kept until it has answered.
    noisy: Option<(u64, Box<RunRequest>)>,
    /// The newest check that has no answer, sent again to a fresh worker.
    check: Option<(u64, Program)>,
}

impl Queue {
    /// A new run; supersedes whatever runs or waits. Returns its id.
    pub fn run(&mut self, request: RunRequest) -> (u64, Vec<Action>) {
        let id = self.id();
        self.waiting = Some((id, Box::new(request)));
        (id, self.advance())
    }

    /// A new look; supersedes an older one.
    pub fn inspect(&mut self, request: InspectRequest) -> (u64, Vec<Action>) {
        let id = self.id();
        self.inspection = Some((id, Box::new(request)));
        (id, self.advance())
    }

    /// A piece of a sweep.
    pub fn sweep(&mut self, request: SweepRequest) -> (u64, Vec<Action>) {
        let id = self.id();
        self.sweep = Some((id, Box::new(request)));
        (id, self.advance())
    }

    /// Some shots of a circuit with detectors.
    pub fn sample(&mut self, request: SampleRequest) -> (u64, Vec<Action>) {
        let id = self.id();
        self.sample = Some((id, Box::new(request)));
        (id, self.advance())
    }

    /// Stops the sweep or the samples in flight, and forgets those that wait.
    pub fn halt(&mut self) -> Vec<Action> {
        self.sweep = None;
        self.sample = None;
        if self.flight.is_some_and(|f| f.kind == Kind::Sweep) {
            self.stop_flight()
        } else {
            Vec::new()
        }
    }

    /// A new noisy run; supersedes an older one. `None` only takes the older one away.
    pub fn noisy(&mut self, request: Option<RunRequest>) -> (u64, Vec<Action>) {
        let id = self.id();
        self.noisy = request.map(|request| (id, Box::new(request)));
        let mut actions = Vec::new();
        if self.flight.is_some_and(|f| f.kind == Kind::Noisy) {
            actions = self.stop_flight();
        }
        actions.extend(self.advance());
        (id, actions)
    }

    /// A new check; an older one without an answer is forgotten.
    pub fn check(&mut self, program: Program) -> (u64, Vec<Action>) {
        let id = self.id();
        self.check = Some((id, program.clone()));
        let actions =
            if self.ready { vec![post(ToWorker::Check { id, program })] } else { Vec::new() };
        (id, actions)
    }

    /// Stops the run in flight and forgets the one that waits.
    pub fn cancel(&mut self) -> Vec<Action> {
        self.waiting = None;
        if self.flight.is_some_and(|f| f.kind == Kind::Run) {
            self.stop_flight()
        } else {
            Vec::new()
        }
    }

    /// The worker can take requests. It says so again when its pool is up; that changes nothing.
    pub fn ready(&mut self) -> Vec<Action> {
        if self.ready {
            return Vec::new();
        }
        self.ready = true;
        let mut actions = Vec::new();
        if let Some((id, program)) = self.check.clone() {
            actions.push(post(ToWorker::Check { id, program }));
        }
        actions.extend(self.advance());
        actions
    }

    /// Whether an answer with this id is about the run in flight and still wanted.
    pub fn is_current(&self, id: u64) -> bool {
        self.flight.is_some_and(|f| f.id == id && !f.cancelling)
    }

    /// The run `id` has answered.
    pub fn answered(&mut self, id: u64) -> Vec<Action> {
        if self.flight.is_none_or(|f| f.id != id) {
            return Vec::new();
        }
        // One that had to make way waits still.
        if self.flight.is_some_and(|f| !f.cancelling) {
            self.noisy.take_if(|(noisy, _)| *noisy == id);
        }
        self.flight = None;
        let mut actions = vec![Action::LowerFlag];
        actions.extend(self.advance());
        actions
    }

    /// The check `id` has answered; false where a newer one was asked since.
    pub fn checked(&mut self, id: u64) -> bool {
        let current = self.check.as_ref().is_some_and(|(c, _)| *c == id);
        if current {
            self.check = None;
        }
        current
    }

    /// The grace period of a cancelled run is over.
    pub fn overdue(&mut self, id: u64) -> Vec<Action> {
        let late = self.flight.is_some_and(|f| f.id == id && f.cancelling);
        if late { self.lost() } else { Vec::new() }
    }

    /// The worker in use cannot do what is in flight: it goes to the next one, unless something newer of its
    /// kind waits.
    pub fn again(&mut self, message: ToWorker) -> Vec<Action> {
        match message {
            // A noisy run waits until it has its answer.
            ToWorker::Run { id, .. } if self.noisy.as_ref().is_some_and(|(n, _)| *n == id) => {}
            ToWorker::Run { id, request } => {
                self.waiting.get_or_insert((id, request));
            }
            ToWorker::Inspect { id, request } => {
                self.inspection.get_or_insert((id, request));
            }
            ToWorker::Sweep { id, request } => {
                self.sweep.get_or_insert((id, request));
            }
            ToWorker::Sample { id, request } => {
                self.sample.get_or_insert((id, request));
            }
            // These ask for nothing that a worker could lack.
            ToWorker::Check { .. } | ToWorker::Estimate { .. } => {}
        }
        self.lost()
    }

    /// The worker died. The run in flight, if any, has no answer and is not sent again; what waits is
    /// sent to the next worker. Returns the id of the run that was lost and was still wanted.
    pub fn crashed(&mut self) -> (Option<u64>, Vec<Action>) {
        let lost = self.flight.filter(|f| !f.cancelling).map(|f| f.id);
        self.noisy.take_if(|(noisy, _)| lost == Some(*noisy));
        (lost, self.lost())
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn lost(&mut self) -> Vec<Action> {
        self.flight = None;
        self.ready = false;
        vec![Action::Restart]
    }

    fn stop_flight(&mut self) -> Vec<Action> {
        match &mut self.flight {
            Some(flight) if !flight.cancelling => {
                flight.cancelling = true;
                vec![Action::Cancel { id: flight.id }]
            }
            _ => Vec::new(),
        }
    }

    fn advance(&mut self) -> Vec<Action> {
        if let Some(flight) = self.flight {
            let stops = self.waiting.is_some()
                || self.inspection.is_some()
                    && matches!(flight.kind, Kind::Inspection | Kind::Noisy)
                || (self.sweep.is_some() || self.sample.is_some()) && flight.kind == Kind::Noisy;
            return if stops { self.stop_flight() } else { Vec::new() };
        }
        if !self.ready {
            return Vec::new();
        }
        let (id, kind, message) = if let Some((id, request)) = self.waiting.take() {
            (id, Kind::Run, ToWorker::Run { id, request })
        } else if let Some((id, request)) = self.inspection.take() {
            (id, Kind::Inspection, ToWorker::Inspect { id, request })
        } else if let Some((id, request)) = self.sweep.take() {
            (id, Kind::Sweep, ToWorker::Sweep { id, request })
        } else if let Some((id, request)) = self.sample.take() {
            (id, Kind::Sweep, ToWorker::Sample { id, request })
        } else if let Some((id, request)) = self.noisy.clone() {
            (id, Kind::Noisy, ToWorker::Run { id, request })
        } else {
            return Vec::new();
        };
        self.flight = Some(Flight { id, kind, cancelling: false });
        vec![post(message)]
    }
}

fn post(message: ToWorker) -> Action {
    Action::Post(Box::new(message))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use api::run::{Limits, Method, Precision, Want};

    use super::*;

    fn request(text: &str) -> RunRequest {
        RunRequest {
            program: Program::openqasm(text),
            method: Method::default(),
            precision: Precision::default(),
            fast: false,
            shots: 1,
            seed: 1,
            inputs: BTreeMap::default(),
            noise: None,
            gradient: None,
            want: Want::default(),
            limits: Limits::default(),
        }
    }

    fn sent(actions: &[Action]) -> Vec<u64> {
        actions
            .iter()
            .filter_map(|a| match a {
                Action::Post(m) => match **m {
                    ToWorker::Run { id, .. }
                    | ToWorker::Check { id, .. }
                    | ToWorker::Estimate { id, .. }
                    | ToWorker::Inspect { id, .. }
                    | ToWorker::Sample { id, .. }
                    | ToWorker::Sweep { id, .. } => Some(id),
                },
                _ => None,
            })
            .collect()
    }

    #[test]
    fn nothing_is_sent_before_the_worker_is_ready_and_then_only_the_newest() {
        let mut q = Queue::default();
        assert_eq!(q.run(request("a")).1, []);
        let (second, actions) = q.run(request("b"));
        assert_eq!(actions, []);
        assert_eq!(sent(&q.ready()), [second]);
        assert_eq!(q.ready(), [], "the second `ready` tells of the pool only");
    }

    #[test]
    fn a_new_run_cancels_the_one_in_flight_and_follows_its_answer() {
        let mut q = Queue::default();
        q.ready();
        let (a, _) = q.run(request("a"));
        assert!(q.is_current(a));
        let (b, actions) = q.run(request("b"));
        assert_eq!(actions, [Action::Cancel { id: a }]);
        assert!(!q.is_current(a), "a superseded answer is not shown");
        let (c, actions) = q.run(request("c"));
        assert_eq!(actions, [], "cancelled once is enough");
        let actions = q.answered(a);
        assert_eq!(actions[0], Action::LowerFlag);
        assert_eq!(sent(&actions), [c], "{b} was replaced while it waited");
    }

    #[test]
    fn a_run_that_does_not_stop_in_time_costs_the_worker() {
        let mut q = Queue::default();
        q.ready();
        let (a, _) = q.run(request("a"));
        let (b, _) = q.run(request("b"));
        assert_eq!(q.overdue(a), [Action::Restart]);
        assert_eq!(q.overdue(a), [], "it is gone");
        assert_eq!(sent(&q.ready()), [b]);
    }

    #[test]
    fn a_crash_loses_the_run_in_flight_and_keeps_what_waits() {
        let mut q = Queue::default();
        q.ready();
        let (a, _) = q.run(request("a"));
        assert_eq!(q.crashed(), (Some(a), vec![Action::Restart]));
        assert_eq!(q.ready(), [], "the same request is not sent again");

        let (b, _) = q.run(request("b"));
        let (c, _) = q.run(request("c"));
        assert_eq!(q.crashed(), (None, vec![Action::Restart]), "{b} was superseded");
        assert_eq!(sent(&q.ready()), [c]);
    }

    #[test]
    fn cancel_forgets_what_waits() {
        let mut q = Queue::default();
        q.ready();
        let (a, _) = q.run(request("a"));
        q.run(request("b"));
        assert_eq!(q.cancel(), [], "already stopping");
        assert_eq!(q.answered(a), [Action::LowerFlag]);
        assert_eq!(q.cancel(), []);
    }

    #[test]
    fn a_check_survives_a_restart_and_only_the_newest_counts() {
        let mut q = Queue::default();
        q.ready();
        let (a, actions) = q.check(Program::openqasm("a"));
        assert_eq!(sent(&actions), [a]);
        let (b, _) = q.check(Program::openqasm("b"));
        q.crashed();
        assert_eq!(sent(&q.ready()), [b]);
        assert!(!q.checked(a));
        assert!(q.checked(b));
        assert!(!q.checked(b));
    }

    fn look(text: &str) -> InspectRequest {
        InspectRequest {
            program: Program::openqasm(text),
            before: None,
            seed: 1,
            inputs: BTreeMap::default(),
            choices: Vec::new(),
            collapse: false,
            probes: Vec::new(),
            displays: true,
            noise: None,
            limits: Limits::default(),
        }
    }

    #[test]
    fn what_a_worker_lacks_goes_to_the_next_one() {
        let mut q = Queue::default();
        q.ready();
        let (noisy, _) = q.noisy(Some(request("n")));
        let message = ToWorker::Run { id: noisy, request: Box::new(request("n")) };
        assert_eq!(q.again(message), [Action::Restart]);
        assert_eq!(sent(&q.ready()), [noisy]);
        q.answered(noisy);
        let (run, _) = q.run(request("a"));
        let message = ToWorker::Run { id: run, request: Box::new(request("a")) };
        assert_eq!(q.again(message), [Action::Restart]);
        assert_eq!(sent(&q.ready()), [run]);
        assert!(q.is_current(run));
    }

    #[test]
    fn a_noisy_run_makes_way_and_begins_again() {
        let mut q = Queue::default();
        q.ready();
        let (noisy, actions) = q.noisy(Some(request("n")));
        assert_eq!(sent(&actions), [noisy]);
        let (run, actions) = q.run(request("a"));
        assert_eq!(actions, [Action::Cancel { id: noisy }]);
        let actions = q.answered(noisy);
        assert_eq!(sent(&actions), [run]);
        assert_eq!(sent(&q.answered(run)), [noisy], "again");
        let (look_id, actions) = q.inspect(look("a"));
        assert_eq!(actions, [Action::Cancel { id: noisy }]);
        assert_eq!(sent(&q.answered(noisy)), [look_id]);
        assert_eq!(sent(&q.answered(look_id)), [noisy]);
        assert!(q.is_current(noisy));
        assert_eq!(sent(&q.answered(noisy)), [0_u64; 0], "it has answered");

        let (first, _) = q.noisy(Some(request("m")));
        let (second, actions) = q.noisy(Some(request("o")));
        assert_eq!(actions, [Action::Cancel { id: first }]);
        assert_eq!(sent(&q.answered(first)), [second]);
        let (_, actions) = q.noisy(None);
        assert_eq!(actions, [Action::Cancel { id: second }]);
        assert_eq!(q.answered(second), [Action::LowerFlag], "nothing is noisy any more");

        let (lost, _) = q.noisy(Some(request("p")));
        assert_eq!(q.crashed().0, Some(lost));
        assert_eq!(q.ready(), [], "what broke the worker is not tried again");
    }

    #[test]
    fn a_sweep_in_flight_is_halted_and_a_run_is_not() {
        let mut q = Queue::default();
        q.ready();
        let request = SampleRequest {
            circuit: api::run::Sampled::Program(Program::stim("M 0")),
            shots: 1,
            seed: 1,
            decode: false,
            convert: false,
            limits: Limits::default(),
        };
        let (sample, actions) = q.sample(request.clone());
        assert_eq!(sent(&actions), [sample]);
        q.sample(request.clone());
        assert_eq!(q.halt(), [Action::Cancel { id: sample }]);
        assert_eq!(q.answered(sample), [Action::LowerFlag], "the one that waited is forgotten");
        q.run(super::tests::request("a"));
        assert_eq!(q.halt(), []);
    }

    #[test]
    fn runs_come_first_and_a_look_waits_for_them() {
        let mut q = Queue::default();
        q.ready();
        let (first, _) = q.run(request("a"));
        let (look_id, actions) = q.inspect(look("a"));
        assert_eq!(actions, [], "the run goes on");
        assert_eq!(sent(&q.answered(first)), [look_id]);
        let (newer, actions) = q.inspect(look("b"));
        assert_eq!(actions, [Action::Cancel { id: look_id }]);
        let (run, actions) = q.run(request("b"));
        assert_eq!(actions, [], "stopping already");
        assert_eq!(sent(&q.answered(look_id)), [run]);
        assert_eq!(sent(&q.answered(run)), [newer]);
    }
}
