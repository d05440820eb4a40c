//! The release binary and its sizes.

use std::fs;

use anyhow::{Result, ensure};

use crate::{at, page, say, serve, worker};

/// Compressed bytes of page and single-thread worker, before anything lazy.
const BUDGET_BYTES: u64 = 1_500_000;

pub fn build() -> Result<()> {
    page::build()?;
    let built = serve::server(true)?;
    let binary = at("dist").join(format!("ketlab{}", std::env::consts::EXE_SUFFIX));
    // Not written over: it may be running.
    if binary.exists() {
        fs::remove_file(&binary)?;
    }
    fs::copy(built, &binary)?;

    let (page, worker) = (page::eager_bytes()?, worker::brotli_bytes_of_single()?);
    say(format_args!("{}: {}", binary.display(), megabytes(fs::metadata(&binary)?.len())));
    say(format_args!(
        "over the wire: page {}, worker {}, of at most {} together",
        megabytes(page),
        megabytes(worker),
        megabytes(BUDGET_BYTES)
    ));
    say(format_args!("the portal, apart from fonts: {}", megabytes(page::portal_bytes()?)));
    ensure!(page + worker <= BUDGET_BYTES, "page and worker exceed their budget");
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
