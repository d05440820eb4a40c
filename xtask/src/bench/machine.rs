//! What the figures depend on: processor, memory, load, versions.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{command, probe};
use crate::say;

/// Above this, other programs had a share in the figures.
pub const QUIET_LOAD: f64 = 0.5;

/// How long what was built before the figures may go on to be seen in the load.
const PATIENCE: Duration = Duration::from_mins(4);

/// Waits until the machine is quiet, but not for ever. The load then; a warning where it is not.
pub fn quiet() -> Vec<f64> {
    let start = Instant::now();
    let is_busy = |load: &[f64]| load.first().is_some_and(|&load| load > QUIET_LOAD);
    let mut now = load();
    if is_busy(&now) {
        say(format_args!("waiting for the load to fall from {:.2} to {QUIET_LOAD}", now[0]));
    }
    while is_busy(&now) && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_secs(3));
        now = load();
    }
    if is_busy(&now) {
        say(format_args!("WARNING: the load is {now:?}: times of this run are not to be quoted"));
    }
    now
}

/// The machine and the tools on it.
pub fn describe() -> Value {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |key: &str| {
        let line =
            cpuinfo.lines().find(|line| line.split(':').next().is_some_and(|k| k.trim() == key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let flags = field("flags").unwrap_or_default();
    let simd: Vec<&str> = ["avx2", "fma", "avx512f", "asimd"]
        .into_iter()
        .filter(|name| flags.split(' ').any(|flag| flag == *name))
        .collect();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let memory = memory.and_then(|kib| kib.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    json!({
        "processor": field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "simd": simd,
        "cache": caches(),
        "memory_gib": memory.map(|kib| kib / f64::from(1 << 20)),
        "system": first_line(Command::new("uname").args(["-sr"])),
        "rustc": first_line(command("rustc").arg("--version")),
        "commit": first_line(command("git").args(["rev-parse", "--short", "HEAD"])),
        "changed": probe(command("git").args(["status", "--porcelain", "crates", "sim-wasm"]))
            .is_some_and(|list| !list.trim().is_empty()),
        "date": first_line(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"])),
    })
}

/// Sizes of the first processor's caches, from the nearest.
fn caches() -> Vec<String> {
    let folder = Path::new("/sys/devices/system/cpu/cpu0/cache");
    let read = |index: u32, name: &str| {
        let text = fs::read_to_string(folder.join(format!("index{index}/{name}"))).ok()?;
        Some(text.trim().to_owned())
    };
    (0..8)
        .filter(|&index| read(index, "type").is_some_and(|kind| kind != "Instruction"))
        .filter_map(|index| Some(format!("L{} {}", read(index, "level")?, read(index, "size")?)))
        .collect()
}

fn first_line(command: &mut Command) -> Option<String> {
    probe(command).and_then(|text| text.lines().next().map(str::to_owned))
}

/// Load averages over 1, 5 and 15 minutes.
fn load() -> Vec<f64> {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).filter_map(|number| number.parse().ok()).collect()
}

/// Processor time since the system's start, in its ticks.
#[derive(Clone, Copy)]
pub struct Ticks {
    all: u64,
    idle: u64,
    /// Of this program and all that it started.
    own: u64,
}

impl Ticks {
    pub fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let numbers: Vec<u64> = stat
            .lines()
            .next()?
            .split_whitespace()
            .skip(1)
            .filter_map(|t| t.parse().ok())
            .collect();
        // Fields 9 and 10, of guests, are part of the first two.
        let all = numbers.iter().take(8).sum();
        Some(Self { all, idle: numbers.get(3)? + numbers.get(4)?, own: own_ticks() })
    }

    /// Share of the processors that was used by others since `earlier`, 0 to 1.
    pub fn others_since(self, earlier: Self) -> f64 {
        let all = self.all.saturating_sub(earlier.all).max(1);
        let busy = all.saturating_sub(self.idle.saturating_sub(earlier.idle));
        busy.saturating_sub(self.own.saturating_sub(earlier.own)) as f64 / all as f64
    }
}

fn own_ticks() -> u64 {
    // (process, parent, ticks with those of ended children)
    let processes: Vec<(u32, u32, u64)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
            // The name may contain anything, also brackets.
            let (head, tail) = stat.rsplit_once(')')?;
            let pid = head.split(' ').next()?.parse().ok()?;
            let fields: Vec<&str> = tail.split_whitespace().collect();
            let ticks = fields.get(11..15)?.iter().filter_map(|t| t.parse::<u64>().ok()).sum();
            Some((pid, fields.get(1)?.parse().ok()?, ticks))
        })
        .collect();
    let mut ours = vec![std::process::id()];
    let mut next = 0;
    while let Some(&parent) = ours.get(next) {
        ours.extend(processes.iter().filter(|p| p.1 == parent).map(|p| p.0));
        next += 1;
    }
    processes.iter().filter(|p| ours.contains(&p.0)).map(|p| p.2).sum()
}
