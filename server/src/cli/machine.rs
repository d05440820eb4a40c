//! What a run may use of the machine, and in which form it answers: the same options for all commands that run something.

use std::process::ExitCode;

use api::run::Limits;

use super::report;

/// Share of the machine's memory that a run may take unless told otherwise.
const MEMORY_SHARE: f64 = 0.8;

#[derive(Debug, clap::Args)]
pub struct Machine {
    /// Threads to use. [default: one per core]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,

    /// Most memory that the run may take, in MiB. [default: four fifths of the machine's]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,

    /// Wall time after which the run is given up, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<f64>,

    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl Machine {
    /// The threads, or what to end with.
    pub fn pool(&self) -> Result<rayon::ThreadPool, ExitCode> {
        let threads = self.threads.unwrap_or_else(default_threads);
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads as usize)
            .build()
            .map_err(|error| report::fault(&format!("cannot start {threads} threads: {error}")))
    }

    /// Memory and time.
    pub fn limits(&self) -> Limits {
        Limits {
            memory_bytes: self
                .memory
                .map_or_else(default_memory, |mib| mib.saturating_mul(1 << 20)),
            time_ms: self.time_limit.map_or(0, milliseconds),
            ..Limits::default()
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; never negative"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds.max(0.001) * 1000.0) as u64
}

fn default_threads() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u64")]
fn default_memory() -> u64 {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing()
            .with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram()),
    );
    (system.total_memory() as f64 * MEMORY_SHARE) as u64
}
