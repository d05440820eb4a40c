//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::cache::Target;
use crate::say;

/// `program` in the repository's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root());
    command
}

/// Runs to the end; fails with the command line where it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("cannot start {line}"))?;
    if !status.success() {
        bail!("{line} failed ({status})");
    }
    Ok(())
}

/// Runs each piece of `work` in a thread of its own; what it says comes line by line with its name in front.
pub fn run_together(work: Vec<Work>) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            work.into_iter().map(|piece| scope.spawn(move || piece.run())).collect();
        // All come to their end, also where one has failed.
        let outcomes: Vec<_> =
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        outcomes.into_iter().try_for_each(|outcome| outcome.expect("no piece panics"))
    })
}

/// A command that is one of several pieces.
pub struct Work {
    pub name: &'static str,
    /// Held until the command has ended.
    pub target: Target,
    pub command: Command,
}

impl Work {
    fn run(self) -> Result<()> {
        let Self { name, target, mut command } = self;
        let start = Instant::now();
        let line = line(&command);
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {line}"))?;
        for said in BufReader::new(child.stderr.take().expect("piped")).lines() {
            eprintln!("{name}: {}", said?.trim_start());
        }
        let status = child.wait()?;
        drop(target);
        if !status.success() {
            bail!("{line} failed ({status})");
        }
        say(format_args!("{name}: compiled in {} s", start.elapsed().as_secs()));
        Ok(())
    }
}

/// Standard output of a command that succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {line}"))?;
    if !output.status.success() {
        bail!("{line} failed ({})", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{line} wrote something that is not UTF-8"))
}

/// Standard output, or nothing where the program is absent or fails.
pub fn probe(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// As [`run`], but stops the command at the time limit.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let line = line(command);
    let mut child = command.spawn().with_context(|| format!("cannot start {line}"))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("{line} failed ({status})");
            }
            return Ok(());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{line} took longer than {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Where `program` lies on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}

/// The search path with `folders` in front.
pub fn path_with(folders: &[&Path]) -> Result<std::ffi::OsString> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&old));
    Ok(std::env::join_paths(all)?)
}

fn line(command: &Command) -> String {
    let mut line = format!("`{}", command.get_program().to_string_lossy());
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line.push('`');
    line
}
