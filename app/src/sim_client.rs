//! The simulator in its worker, as calls and signals.
//!
//! The page picks the most capable variant that the browser allows, keeps at most one run in flight
//! and cancels it when a newer one comes. A worker that dies is replaced by a fresh one; what it was
//! doing is reported and not tried again. The protocol is described in `sim-wasm/README.md`; its rules
//! are in [`queue`], this file is the browser's side.

mod queue;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use api::run::sweep::{SweepRequest, SweepResult};
use api::run::{
    Diagnostic, FromWorker, InspectRequest, Inspection, NEEDS_METHODS, Program, RunError,
    RunErrorKind, RunRequest, RunResult, SampleRequest, SampleResult,
};
use js_sys::{Int32Array, Object, Reflect};
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, MessageEvent, Response, Worker, WorkerOptions, WorkerType};

use crate::displays::plotly;
use crate::later::after_frame;
use queue::{Action, Queue};

/// How long a run without a cancel flag may go on before its worker is replaced. The page promises
/// that a cancel takes effect within 100 ms.
const GRACE_WITHOUT_FLAG: Duration = Duration::from_millis(50);
/// With a flag the run stops by itself within milliseconds; past this the worker hangs.
const GRACE_WITH_FLAG: Duration = Duration::from_millis(1500);
/// Shorter runs show no progress: a bar that flashes says nothing.
const SHOW_PROGRESS_AFTER: Duration = Duration::from_millis(150);
/// A worker that dies this often before it is ready will not come up.
const MAX_FAILED_STARTS: u32 = 3;

/// What the worker can do.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkerStatus {
    Starting,
    Ready {
        threads: u32,
        max_memory_bytes: u64,
    },
    /// It cannot be started; why.
    Unavailable(String),
}

/// The latest run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunState {
    /// Nothing was asked yet.
    Idle,
    Running {
        /// 0 to 1.
        fraction: f32,
        /// It has taken so long that progress is worth showing.
        slow: bool,
    },
    Done,
    /// Refused or failed, with the reasons.
    Failed(Arc<RunError>),
    /// The worker died; `reason` is its last word.
    Crashed {
        kind: CrashKind,
        reason: String,
    },
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrashKind {
    Panic,
    Memory,
    Start,
}

/// Handle to the worker. Copies share it.
#[derive(Clone, Copy)]
pub struct SimClient {
    inner: StoredValue<Rc<RefCell<Inner>>, LocalStorage>,
    pub worker: RwSignal<WorkerStatus>,
    pub run: RwSignal<RunState>,
    /// The last result that came, kept while the next is computed.
    pub result: RwSignal<Option<Arc<RunResult>>>,
    /// The same, a frame later: for what is looked at after the histogram.
    pub settled: RwSignal<Option<Arc<RunResult>>>,
    /// What is less than it could be, for the status line.
    pub note: RwSignal<Option<String>>,
}

type CheckCallback = Box<dyn FnOnce(Vec<Diagnostic>)>;
type InspectCallback = Box<dyn FnOnce(Result<Inspection, RunError>)>;
type SampleCallback = Box<dyn FnOnce(Result<SampleResult, RunError>)>;
type RunCallback = Box<dyn FnOnce(Result<RunResult, RunError>)>;
type SweepCallback = Box<dyn FnOnce(Result<SweepResult, RunError>)>;

#[derive(Default)]
struct Inner {
    queue: Queue,
    variants: Vec<Variant>,
    /// Index of the variant in use.
    variant: usize,
    /// Only variants with all methods will do from now on.
    methods: bool,
    /// What was posted last.
    sent: Option<api::run::ToWorker>,
    failed_starts: u32,
    settling: bool,
    link: Option<Link>,
    on_checked: Option<(u64, CheckCallback)>,
    on_inspected: Option<(u64, InspectCallback)>,
    on_swept: Option<(u64, SweepCallback)>,
    on_sampled: Option<(u64, SampleCallback)>,
    on_noisy: Option<(u64, RunCallback)>,
    /// The run that the signals speak of.
    shown: u64,
}

/// One living worker.
struct Link {
    worker: Worker,
    channel: BroadcastChannel,
    flag: Option<CancelFlag>,
    was_ready: bool,
    _handlers: [Closure<dyn FnMut(MessageEvent)>; 2],
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// A 32-bit word in the worker's shared memory: 1 asks the run to stop.
struct CancelFlag {
    memory: JsValue,
    index: u32,
}

impl CancelFlag {
    fn store(&self, value: i32) {
        // The buffer is taken anew each time: a view goes stale when the memory grows.
        if let Ok(buffer) = Reflect::get(&self.memory, &"buffer".into()) {
            let _ = js_sys::Atomics::store(&Int32Array::new(&buffer), self.index, value);
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Manifest {
    variants: Vec<Variant>,
}

/// What the build wrote into the page for `app/boot/boot.js`, as far as it matters here.
#[derive(Deserialize)]
struct Boot {
    sim: Manifest,
}

#[derive(Debug, Clone, Deserialize)]
struct Variant {
    /// Relative to the manifest.
    worker: String,
    /// Needs a cross-origin isolated page.
    isolated: bool,
    /// Has more than state vectors.
    methods: bool,
}

#[derive(Deserialize)]
struct Crash {
    kind: CrashKind,
    message: String,
}

impl SimClient {
    /// Loads the manifest and starts a worker.
    pub fn start() -> Self {
        let client = Self {
            inner: StoredValue::new_local(Rc::default()),
            worker: RwSignal::new(WorkerStatus::Starting),
            run: RwSignal::new(RunState::Idle),
            result: RwSignal::new(None),
            settled: RwSignal::new(None),
            note: RwSignal::new(None),
        };
        if let Some(Boot { sim }) = plotly::early("boot").as_ref().and_then(parse) {
            client.with(|inner| inner.variants = sim.variants);
            if !client.adopt() {
                client.spawn();
            }
            return client;
        }
        spawn_local(async move {
            match load_manifest().await {
                Ok(variants) if !variants.is_empty() => {
                    client.with(|inner| inner.variants = variants);
                    client.spawn();
                }
                Ok(_) => client.give_up("the list of simulators is empty".into()),
                Err(reason) => client.give_up(reason),
            }
        });
        client
    }

    /// Takes over the worker that was started before this program was there (`app/boot/boot.js`), with what it
    /// said so far. False where there is none, or it failed.
    fn adopt(self) -> bool {
        let Some(early) = plotly::early("worker") else { return false };
        let field = |name: &str| Reflect::get(&early, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let Ok(worker) = field("worker").dyn_into::<Worker>() else { return false };
        if field("failed").is_truthy() {
            worker.terminate();
            return false;
        }
        let name = field("name").as_string().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let variant = field("variant").as_f64().unwrap_or(0.0) as usize;
        let Ok(link) = self.link(worker, &name) else { return false };
        if let Ok(release) = field("release").dyn_into::<js_sys::Function>() {
            let _ = release.call0(&JsValue::NULL);
        }
        self.with(|inner| {
            inner.variant = variant;
            inner.link = Some(link);
        });
        for message in js_sys::Array::from(&field("messages")) {
            self.received(&message);
        }
        for word in js_sys::Array::from(&field("last")) {
            if let Some(crash) = parse::<Crash>(&word) {
                self.crashed(crash.kind, crash.message);
            }
        }
        true
    }

    /// Runs `request`; supersedes a run in flight.
    pub fn run(self, request: RunRequest) {
        let (id, actions) = self.with(|inner| inner.queue.run(request));
        self.with(|inner| inner.shown = id);
        if matches!(self.worker.get_untracked(), WorkerStatus::Unavailable(_)) {
            return;
        }
        self.run.set(RunState::Running { fraction: 0.0, slow: false });
        self.show_progress_later(id);
        self.act(actions);
    }

    fn show_progress_later(self, id: u64) {
        let show = move || {
            if self.with(|inner| inner.shown) != id {
                return;
            }
            // Until there is a worker the status line says so.
            if self.worker.get_untracked() == WorkerStatus::Starting {
                return self.show_progress_later(id);
            }
            self.run.update(|state| {
                if let RunState::Running { slow, .. } = state {
                    *slow = true;
                }
            });
        };
        set_timeout(show, SHOW_PROGRESS_AFTER);
    }

    /// Stops the run in flight because the person says so.
    pub fn cancel(self) {
        self.stop(RunState::Cancelled);
    }

    /// Stops the run in flight because there is nothing to run any more.
    pub fn forget(self) {
        self.stop(RunState::Idle);
    }

    fn stop(self, state: RunState) {
        let actions = self.with(|inner| {
            inner.shown = 0;
            inner.queue.cancel()
        });
        self.run.set(state);
        self.act(actions);
    }

    /// Checks `program` in the worker; `then` is dropped if a newer check comes first.
    pub fn check(self, program: Program, then: impl FnOnce(Vec<Diagnostic>) + 'static) {
        let actions = self.with(|inner| {
            let (id, actions) = inner.queue.check(program);
            inner.on_checked = Some((id, Box::new(then)));
            actions
        });
        self.act(actions);
    }

    /// Looks at states of a program; `then` is dropped if a newer look comes first, or the worker dies.
    pub fn inspect(
        self,
        request: InspectRequest,
        then: impl FnOnce(Result<Inspection, RunError>) + 'static,
    ) {
        let actions = self.with(|inner| {
            let (id, actions) = inner.queue.inspect(request);
            inner.on_inspected = Some((id, Box::new(then)));
            actions
        });
        self.act(actions);
    }

    /// A piece of a sweep, short enough to be waited for; `then` is dropped if a newer one comes first.
    pub fn sweep(
        self,
        request: SweepRequest,
        then: impl FnOnce(Result<SweepResult, RunError>) + 'static,
    ) {
        let actions = self.with(|inner| {
            let (id, actions) = inner.queue.sweep(request);
            inner.on_swept = Some((id, Box::new(then)));
            actions
        });
        self.act(actions);
    }

    /// Some shots of a circuit with detectors, few enough to be waited for; `then` is dropped if a newer one comes first.
    pub fn sample(
        self,
        request: SampleRequest,
        then: impl FnOnce(Result<SampleResult, RunError>) + 'static,
    ) {
        let actions = self.with(|inner| {
            let (id, actions) = inner.queue.sample(request);
            inner.on_sampled = Some((id, Box::new(then)));
            actions
        });
        self.act(actions);
    }

    /// Stops the sweep or the samples in flight.
    pub fn halt(self) {
        let actions = self.with(|inner| inner.queue.halt());
        self.act(actions);
    }

    /// A run with noise, beside the others; `then` is dropped if a newer one comes first.
    pub fn noisy(
        self,
        request: RunRequest,
        then: impl FnOnce(Result<RunResult, RunError>) + 'static,
    ) {
        let actions = self.with(|inner| {
            let (id, actions) = inner.queue.noisy(Some(request));
            inner.on_noisy = Some((id, Box::new(then)));
            actions
        });
        self.act(actions);
    }

    /// Nothing is noisy any more.
    pub fn quiet(self) {
        let actions = self.with(|inner| {
            inner.on_noisy = None;
            inner.queue.noisy(None).1
        });
        self.act(actions);
    }

    /// What a run may use, as far as it is known.
    pub fn memory_bytes(self) -> Option<u64> {
        match self.worker.get_untracked() {
            WorkerStatus::Ready { max_memory_bytes, .. } => Some(max_memory_bytes),
            _ => None,
        }
    }

    fn with<T>(self, f: impl FnOnce(&mut Inner) -> T) -> T {
        let inner = self.inner.get_value();
        f(&mut inner.borrow_mut())
    }

    fn give_up(self, reason: String) {
        self.with(|inner| inner.link = None);
        self.worker.set(WorkerStatus::Unavailable(reason));
        self.run.set(RunState::Idle);
    }

    fn act(self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Post(message) => self.post(&message),
                Action::Cancel { id } => {
                    let flagged = self.with(|inner| {
                        let flag = inner.link.as_ref().and_then(|link| link.flag.as_ref());
                        flag.inspect(|flag| flag.store(1)).is_some()
                    });
                    let grace = if flagged { GRACE_WITH_FLAG } else { GRACE_WITHOUT_FLAG };
                    set_timeout(
                        move || {
                            let actions = self.with(|inner| inner.queue.overdue(id));
                            self.act(actions);
                        },
                        grace,
                    );
                }
                Action::LowerFlag => self.with(|inner| {
                    if let Some(flag) = inner.link.as_ref().and_then(|link| link.flag.as_ref()) {
                        flag.store(0);
                    }
                }),
                Action::Restart => self.spawn(),
            }
        }
    }

    fn post(self, message: &api::run::ToWorker) {
        let json = match serde_json::to_string(message) {
            Ok(json) => json,
            Err(error) => {
                return leptos::logging::error!("a request could not be written: {error}");
            }
        };
        self.with(|inner| {
            if let Some(link) = &inner.link {
                let _ = link.worker.post_message(&JsValue::from_str(&json));
            }
            // A check is answered beside whatever else is asked.
            if !matches!(message, api::run::ToWorker::Check { .. }) {
                inner.sent = Some(message.clone());
            }
        });
    }

    /// Whether what was refused goes to a worker that has what this one lacks.
    fn sent_again(self, id: u64, error: &RunError) -> bool {
        let lacks = error.diagnostics.first().is_some_and(|d| d.code == NEEDS_METHODS);
        let actions = self.with(|inner| {
            if !lacks || inner.methods || !inner.queue.is_current(id) {
                return None;
            }
            inner.methods = true;
            inner.sent.take().map(|message| inner.queue.again(message))
        });
        let again = actions.is_some();
        self.act(actions.unwrap_or_default());
        again
    }

    /// Starts a worker of the variant in use, or of the next one that the page may use.
    fn spawn(self) {
        let isolated = cross_origin_isolated();
        let url = self.with(|inner| {
            inner.link = None;
            let methods = inner.methods;
            let usable = |v: &Variant| (!v.isolated || isolated) && (v.methods || !methods);
            let found =
                inner.variants.iter().enumerate().skip(inner.variant).find(|(_, v)| usable(v));
            found.map(|(i, v)| (i, format!("/sim/{}", v.worker)))
        });
        let Some((variant, url)) = url else {
            return self.give_up("no build of the simulator starts in this browser".into());
        };
        self.with(|inner| inner.variant = variant);
        self.worker.set(WorkerStatus::Starting);
        match self.connect(&url) {
            Ok(link) => self.with(|inner| inner.link = Some(link)),
            Err(error) => self.give_up(text_of(&error)),
        }
    }

    fn connect(self, url: &str) -> Result<Link, JsValue> {
        let name = format!("ketlab-sim-{}", random_name());
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(url, &options)?;
        let start = Object::new();
        Reflect::set(&start, &"type".into(), &"start".into())?;
        Reflect::set(&start, &"channel".into(), &JsValue::from_str(&name))?;
        Reflect::set(&start, &"threads".into(), &0.into())?;
        worker.post_message(&start)?;
        self.link(worker, &name)
    }

    /// Listens to a worker, and to its last words on the channel `name`.
    fn link(self, worker: Worker, name: &str) -> Result<Link, JsValue> {
        let channel = BroadcastChannel::new(name)?;
        let on_message =
            Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| self.received(&event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_crash = Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
            if let Some(crash) = parse::<Crash>(&event.data()) {
                self.crashed(crash.kind, crash.message);
            }
        });
        channel.set_onmessage(Some(on_crash.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn FnMut(_)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            let ready = self.with(|inner| inner.link.as_ref().is_some_and(|link| link.was_ready));
            let kind = if ready { CrashKind::Panic } else { CrashKind::Start };
            let message = event.dyn_ref::<web_sys::ErrorEvent>().map(web_sys::ErrorEvent::message);
            self.crashed(
                kind,
                message.unwrap_or_else(|| "the simulator's script could not be loaded".into()),
            );
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        Ok(Link {
            worker,
            channel,
            flag: None,
            was_ready: false,
            _handlers: [on_message, on_crash],
            _on_error: on_error,
        })
    }

    fn received(self, data: &JsValue) {
        let Some(json) = data.as_string() else { return self.received_object(data) };
        match serde_json::from_str::<FromWorker>(&json) {
            Ok(FromWorker::Ready { threads, max_memory_bytes }) => {
                let actions = self.with(|inner| {
                    inner.failed_starts = 0;
                    if let Some(link) = &mut inner.link {
                        link.was_ready = true;
                    }
                    inner.queue.ready()
                });
                self.worker.set(WorkerStatus::Ready { threads, max_memory_bytes });
                self.act(actions);
            }
            Ok(FromWorker::Progress { id, progress }) => {
                if self.is_shown(id) {
                    self.run.update(|state| {
                        if let RunState::Running { fraction, .. } = state {
                            *fraction = progress.fraction;
                        }
                    });
                }
            }
            Ok(FromWorker::Done { id, result }) => {
                if self.is_shown(id) {
                    self.result.set(Some(Arc::from(result)));
                    self.run.set(RunState::Done);
                    self.settle();
                } else if let Some((_, then)) = self.noisy_answer(id) {
                    then(Ok(*result));
                }
                self.answered(id);
            }
            // The page does not ask for this.
            Ok(FromWorker::Estimated { id, .. }) => self.answered(id),
            Ok(FromWorker::Failed { id, error }) => {
                if self.sent_again(id, &error) {
                    return;
                }
                if self.is_shown(id) {
                    let cancelled = error.kind == RunErrorKind::Cancelled;
                    self.run.set(if cancelled {
                        RunState::Cancelled
                    } else {
                        RunState::Failed(Arc::new(error))
                    });
                } else {
                    self.failed_beside(id, error);
                }
                self.answered(id);
            }
            Ok(FromWorker::Inspected { id, inspection }) => {
                let then =
                    self.with(|inner| inner.on_inspected.take_if(|(waiting, _)| *waiting == id));
                if let Some((_, then)) = then {
                    then(Ok(*inspection));
                }
                self.answered(id);
            }
            Ok(FromWorker::Swept { id, result }) => {
                let then = self.with(|inner| inner.on_swept.take_if(|(waiting, _)| *waiting == id));
                if let Some((_, then)) = then {
                    then(Ok(*result));
                }
                self.answered(id);
            }
            Ok(FromWorker::Sampled { id, result }) => {
                let then =
                    self.with(|inner| inner.on_sampled.take_if(|(waiting, _)| *waiting == id));
                if let Some((_, then)) = then {
                    then(Ok(*result));
                }
                self.answered(id);
            }
            Ok(FromWorker::Checked { id, diagnostics }) => {
                let then = self.with(|inner| {
                    let current = inner.queue.checked(id);
                    inner.on_checked.take_if(|(waiting, _)| current && *waiting == id)
                });
                if let Some((_, then)) = then {
                    then(diagnostics);
                }
            }
            Err(error) => {
                leptos::logging::error!("the worker sent what the page does not know: {error}");
            }
        }
    }

    fn received_object(self, data: &JsValue) {
        let field = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        match field("type").as_string().as_deref() {
            Some("cancel_flag") => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a 32-bit address"
                )]
                let index = field("address").as_f64().unwrap_or(0.0) as u32 / 4;
                let flag = CancelFlag { memory: field("memory"), index };
                self.with(|inner| {
                    if let Some(link) = &mut inner.link {
                        link.flag = Some(flag);
                    }
                });
            }
            Some("note") => self.note.set(field("message").as_string()),
            _ => {}
        }
    }

    fn settle(self) {
        if self.with(|inner| std::mem::replace(&mut inner.settling, true)) {
            return;
        }
        after_frame(move || {
            self.with(|inner| inner.settling = false);
            self.settled.set(self.result.get_untracked());
        });
    }

    fn answered(self, id: u64) {
        let actions = self.with(|inner| inner.queue.answered(id));
        self.act(actions);
    }

    /// Tells whoever waits for something other than the shown run that it failed.
    fn failed_beside(self, id: u64, error: RunError) {
        let noisy = self.noisy_answer(id);
        let (looking, sweeping, sampling) = self.with(|inner| {
            (
                inner.on_inspected.take_if(|(waiting, _)| *waiting == id),
                inner.on_swept.take_if(|(waiting, _)| *waiting == id),
                inner.on_sampled.take_if(|(waiting, _)| *waiting == id),
            )
        });
        if let Some((_, then)) = looking {
            then(Err(error));
        } else if let Some((_, then)) = sweeping {
            then(Err(error));
        } else if let Some((_, then)) = sampling {
            then(Err(error));
        } else if let Some((_, then)) = noisy {
            then(Err(error));
        }
    }

    /// Who waits for the noisy run `id`; no one where it was stopped to make way, since it comes again.
    fn noisy_answer(self, id: u64) -> Option<(u64, RunCallback)> {
        self.with(|inner| {
            let current = inner.queue.is_current(id);
            inner.on_noisy.take_if(|(waiting, _)| current && *waiting == id)
        })
    }

    fn is_shown(self, id: u64) -> bool {
        self.with(|inner| inner.shown == id && inner.queue.is_current(id))
    }

    fn crashed(self, kind: CrashKind, reason: String) {
        let (lost, actions) = self.with(|inner| {
            // Closes the channel: further last words of the same worker are dropped.
            let was_ready = inner.link.take().is_some_and(|link| link.was_ready);
            if !was_ready {
                inner.failed_starts += 1;
                if kind == CrashKind::Start || inner.failed_starts >= MAX_FAILED_STARTS {
                    inner.variant += 1;
                    inner.failed_starts = 0;
                }
            }
            inner.queue.crashed()
        });
        if lost.is_some_and(|id| self.with(|inner| inner.shown == id)) {
            self.run.set(RunState::Crashed { kind, reason });
        }
        self.act(actions);
    }
}

async fn load_manifest() -> Result<Vec<Variant>, String> {
    let response = JsFuture::from(window().fetch_with_str("/sim/manifest.json"))
        .await
        .map_err(|e| text_of(&e))?;
    let response: Response = response.dyn_into().map_err(|e| text_of(&e))?;
    if !response.ok() {
        return Err(format!("/sim/manifest.json answers {}", response.status()));
    }
    let text =
        JsFuture::from(response.text().map_err(|e| text_of(&e))?).await.map_err(|e| text_of(&e))?;
    let manifest = serde_json::from_str::<Manifest>(&text.as_string().unwrap_or_default());
    manifest.map(|m| m.variants).map_err(|e| format!("/sim/manifest.json: {e}"))
}

fn cross_origin_isolated() -> bool {
    Reflect::get(&window(), &"crossOriginIsolated".into()).is_ok_and(|v| v.is_truthy())
}

/// A name that no other tab uses.
fn random_name() -> String {
    let part = || format!("{:013x}", js_sys::Math::random().to_bits());
    format!("{}{}", part(), part())
}

fn parse<T: serde::de::DeserializeOwned>(value: &JsValue) -> Option<T> {
    let json = js_sys::JSON::stringify(value).ok()?.as_string()?;
    serde_json::from_str(&json).ok()
}

fn text_of(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{error:?}"), |e| String::from(e.message()))
}
