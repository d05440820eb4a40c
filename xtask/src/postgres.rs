//! A PostgreSQL of our own for the tests: its files in a scratch folder, reached by a socket in it alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::process::{find, output, probe, run};
use crate::{apt, say};

/// A running cluster; stopped and deleted when dropped.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
}

impl Cluster {
    /// Installs PostgreSQL first where it is missing and apt-get can bring it.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        say(format_args!("starting PostgreSQL from {}", programs.display()));
        // Short: the path of a socket has at most 107 bytes.
        let folder = std::env::temp_dir().join(format!("ketlab-pg-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let cluster = Self { folder, programs };
        if let Some(user) = other_user() {
            run(Command::new("chown").arg(user).arg(&cluster.folder))?;
        }
        let data = cluster.folder.join("data");
        output(cluster.program("initdb").arg("-D").arg(&data).args([
            "-U",
            "ketlab",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]))?;
        // What a test wrote need not survive the loss of power.
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections=200 -c fsync=off \
             -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB",
            cluster.folder.display()
        );
        let mut start = cluster.program("pg_ctl");
        start.args(["start", "-w", "-s", "-t", "60", "-o", &options]);
        start.arg("-D").arg(&data).arg("-l").arg(cluster.folder.join("log"));
        // It stays: what it inherits must not be waited for.
        start.stdin(Stdio::null()).stdout(Stdio::null());
        if let Err(error) = run(&mut start) {
            let log = fs::read_to_string(cluster.folder.join("log")).unwrap_or_default();
            return Err(error.context(log));
        }
        Ok(cluster)
    }

    /// For the server's `--database`.
    pub fn address(&self) -> String {
        format!("postgres://ketlab@localhost/postgres?host={}", self.folder.display())
    }

    /// One of PostgreSQL's programs, as a user whom it accepts.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match other_user() {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user_group(user), "--clear-groups"]);
                command.arg(program);
                command
            }
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.folder.join("data"));
        if stop.status().is_ok_and(|status| status.success()) {
            // Left behind it is a nuisance and no more.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// PostgreSQL refuses to run as the superuser. Who it is to be then.
fn other_user() -> Option<&'static str> {
    let own = probe(Command::new("id").arg("-u"))?;
    if own.trim() != "0" {
        return None;
    }
    let there = |user: &&str| probe(Command::new("id").args(["-u", user])).is_some();
    ["postgres", "nobody"].into_iter().find(there)
}

fn user_group(user: &str) -> &str {
    if user == "nobody" && probe(Command::new("getent").args(["group", "nobody"])).is_none() {
        "nogroup"
    } else {
        user
    }
}

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian puts them.
fn programs() -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    if apt::usable() {
        apt::install(&["postgresql"], "the tests on PostgreSQL")?;
    }
    installed().context(
        "the tests need PostgreSQL 15 or later: install it so that `initdb` and `pg_ctl` are found",
    )
}

fn installed() -> Option<PathBuf> {
    let complete = |folder: &Path| {
        ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file())
    };
    let by_path = find("initdb")
        .and_then(|program| fs::canonicalize(program).ok())
        .and_then(|program| program.parent().map(Path::to_owned))
        .filter(|folder| complete(folder));
    by_path.or_else(|| {
        let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .filter(|folder| complete(folder))
            .collect();
        found.sort();
        found.pop()
    })
}

#[cfg(test)]
mod tests {
    use anyhow::ensure;

    use super::*;

    #[test]
    fn a_cluster_starts_answers_and_leaves_nothing() -> Result<()> {
        if installed().is_none() {
            return Ok(());
        }
        let cluster = Cluster::start()?;
        let folder = cluster.folder.clone();
        let query = ["-U", "ketlab", "-d", "postgres", "-Atc", "SELECT 6 * 7", "-h"];
        let answer = output(cluster.program("psql").args(query).arg(&folder))?;
        ensure!(answer.trim() == "42", "{answer}");
        drop(cluster);
        ensure!(!folder.exists(), "{} is left", folder.display());
        Ok(())
    }
}
