//! The operator's commands on the program itself: backup and restore, roles, migration, figures.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

struct Server {
    process: Child,
    address: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

fn ketlab(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ketlab"));
    command.args(arguments).arg("--data").arg(data).env("KETLAB_LOG", "warn");
    command
}

fn output(arguments: &[&str], data: &Path) -> Output {
    ketlab(arguments, data).output().unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&str], data: &Path) -> String {
    let output = output(arguments, data);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn fails(arguments: &[&str], data: &Path) -> String {
    let output = output(arguments, data);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

impl Server {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut process = ketlab(&["serve", "--listen", "127.0.0.1:0"], data)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut line = lines.next().unwrap().unwrap();
        let mut kept = Vec::new();
        while line.starts_with("Metrics") {
            kept.push(line);
            line = lines.next().unwrap().unwrap();
        }
        let address = line.rsplit_once("http://").unwrap().1.to_owned();
        let mut server = Self { process, address, lines };
        if let Some(metrics) = kept.pop() {
            server.address.push(' ');
            server
                .address
                .push_str(metrics.rsplit_once("http://").unwrap().1.trim_end_matches("/metrics"));
        }
        server
    }

    /// The page's address, and that of the figures.
    fn addresses(&self) -> (&str, &str) {
        self.address.split_once(' ').unwrap_or((&self.address, ""))
    }
}

fn send(address: &str, method: &str, path: &str, cookie: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn cookie(head: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    line.split(';').next().unwrap().to_owned()
}

const ADA: &str = r#"{"email":"ada@example.org","password":"correct horse battery"}"#;
const PROJECT: &str = r#"{"name":"Bell","content":{"notes":"n","circuits":[]}}"#;

#[test]
fn a_backup_taken_while_serving_is_restored_to_what_it_was() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, other) = (scratch.path().join("data"), scratch.path().join("other"));
    let file = scratch.path().join("backup.sqlite3");
    let file = file.to_str().unwrap();
    let server = Server::start(&data, &[]);
    let (address, _) = server.addresses();
    let (head, _) = send(address, "POST", "/api/v1/account", "", ADA);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let cookie = cookie(&head);
    send(address, "POST", "/api/v1/projects", &cookie, PROJECT);
    let (_, before) = send(address, "GET", "/api/v1/projects", &cookie, "");

    let said = succeeds(&["backup", file], &data);
    assert!(said.contains("1 users and guests, 0 circuits, 1 projects, 2 contents"), "{said}");
    assert!(fails(&["backup", file], &data).contains("overwrites nothing"));
    send(address, "POST", "/api/v1/projects", &cookie, PROJECT);
    assert!(fails(&["restore", file], &data).contains("stop it first"));
    let second = fails(&["serve", "--listen", "127.0.0.1:0"], &data);
    assert!(second.contains("another server"), "{second}");
    drop(server);
    assert!(fails(&["restore", file], &data).contains("--replace"));

    // Onto a new machine, and back over what was there.
    succeeds(&["restore", file], &other);
    succeeds(&["restore", "--replace", file], &data);
    assert!(data.join("ketlab.sqlite3.before-restore").exists());
    for folder in [&other, &data] {
        let server = Server::start(folder, &[]);
        let (address, _) = server.addresses();
        let (_, after) = send(address, "GET", "/api/v1/projects", &cookie, "");
        assert_eq!(after, before);
        let (head, _) = send(address, "POST", "/api/v1/session", "", ADA);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
    assert!(succeeds(&["admin", "verify"], &data).starts_with("whole: 1 users"));
}

#[test]
fn a_backup_that_is_damaged_is_not_restored() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let server = Server::start(&data, &[]);
    let (address, _) = server.addresses();
    for _ in 0..30 {
        send(address, "POST", "/api/v1/projects", "", PROJECT);
    }
    let file = scratch.path().join("backup.sqlite3");
    succeeds(&["backup", file.to_str().unwrap()], &data);
    drop(server);
    let whole = std::fs::read(&file).unwrap();
    let damaged = scratch.path().join("damaged");
    let middle = whole.len() / 2;
    for bytes in [
        &whole[..middle],
        b"nothing".as_slice(),
        &[&whole[..middle - 4096], &[7; 8192], &whole[middle + 4096..]].concat(),
    ] {
        std::fs::write(&damaged, bytes).unwrap();
        let said = fails(&["restore", "--replace", damaged.to_str().unwrap()], &data);
        assert!(said.contains("cannot be used"), "{said}");
    }
    // What was there is untouched.
    assert!(succeeds(&["admin", "verify"], &data).contains("30 projects"));
}

#[test]
fn roles_are_given_and_links_made_on_the_command_line() {
    let scratch = tempfile::tempdir().unwrap();
    assert!(fails(&["admin", "verify"], scratch.path()).contains("no database"));
    let said = succeeds(&["migrate"], scratch.path());
    assert!(said.contains("up to date"), "{said}");
    let server = Server::start(scratch.path(), &[]);
    let (address, _) = server.addresses();
    let (head, _) = send(address, "POST", "/api/v1/account", "", ADA);
    let cookie = cookie(&head);
    let (head, _) = send(address, "GET", "/api/v1/admin/health", &cookie, "");
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    succeeds(&["admin", "role", "ada@example.org", "admin"], scratch.path());
    let (head, _) = send(address, "GET", "/api/v1/admin/health", &cookie, "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        fails(&["admin", "role", "eve@example.org", "admin"], scratch.path()).contains("nobody")
    );

    let said = succeeds(&["admin", "reset", "ada@example.org"], scratch.path());
    let token = said.trim().rsplit_once('#').unwrap().1;
    let body = format!(r#"{{"token":"{token}","password":"another long phrase"}}"#);
    let (head, _) = send(address, "POST", "/api/v1/account/password/reset", "", &body);
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");

    succeeds(&["admin", "suspend", "ada@example.org"], scratch.path());
    let body = ADA.replace("correct horse battery", "another long phrase");
    let (_, answer) = send(address, "POST", "/api/v1/session", "", &body);
    assert!(answer.contains("\"suspended\""), "{answer}");
    succeeds(&["admin", "unsuspend", "ada@example.org"], scratch.path());
    let (head, _) = send(address, "POST", "/api/v1/session", "", &body);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    succeeds(&["admin", "verify"], scratch.path());
}

#[test]
fn figures_are_told_on_an_address_of_their_own_and_name_nobody() {
    let scratch = tempfile::tempdir().unwrap();
    let mut server = Server::start(scratch.path(), &["--metrics", "127.0.0.1:0"]);
    let (address, metrics) = server.addresses();
    let (head, _) = send(address, "POST", "/api/v1/account", "", ADA);
    let cookie = cookie(&head);
    send(address, "POST", "/api/v1/projects", &cookie, PROJECT);
    send(address, "GET", "/api/v1/projects/canary-id?search=canary", &cookie, "");
    send(address, "CANARY", "/canary", "", "");
    send(address, "POST", "/api/v1/session", "", &ADA.replace("correct", "wrong"));
    let (head, text) = send(metrics, "GET", "/metrics", "", "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for name in [
        "ketlab_http_requests_total{method=\"POST\",route=\"/api/v1/projects\",status=\"201\"} 1",
        "ketlab_http_requests_total{method=\"GET\",route=\"/api/v1/projects/{id}\",status=\"404\"} 1",
        "ketlab_http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/v1/account\",le=\"30\"} 1",
        "ketlab_sign_ins_total{outcome=\"refused\"} 1",
        "ketlab_database_connections{state=\"open\"}",
        "ketlab_database_log_bytes",
        "ketlab_passwords_waiting 0",
        "ketlab_ready 1",
    ] {
        assert!(text.contains(name), "{name} is missing in\n{text}");
    }
    for private in ["canary", "CANARY", "ada@", "Bell"] {
        assert!(!text.contains(private), "{private} in\n{text}");
    }
    // Not where everyone is.
    let (_, page) = send(address, "GET", "/metrics", "", "");
    assert!(!page.contains("ketlab_http"), "{page}");
    server.process.kill().unwrap();
    assert!(server.lines.next().is_none());
}
