//! The program itself: what was saved is there after the server was killed, and a server that is
//! told to stop does so in order.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// A running `ketlab serve`; killed with -9 when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        Self::start_with_log(data, "info", Stdio::inherit())
    }

    fn start_with_log(data: &Path, filter: &str, log: Stdio) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ketlab"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env_remove("KETLAB_PAGE_DIR")
            .env("KETLAB_LOG", filter)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").expect("an address").1.to_owned();
        Self { process, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Head and body of the answer.
    fn send(&self, method: &str, path: &str, cookie: &str, body: &str) -> (String, String) {
        let answer = send(&self.address, method, path, cookie, body).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// Sends SIGTERM.
    fn terminate(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

/// The whole answer, as far as it came.
fn send(
    address: &str,
    method: &str,
    path: &str,
    cookie: &str,
    body: &str,
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL, which is -9. Fails where the process has ended already.
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("no {name} in {head}"))
}

#[test]
fn a_saved_circuit_survives_kill_9() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("made/by/the server");
    let body = r#"{"name":"bell","program":{"language":"openqasm","text":"OPENQASM 2.0;"}}"#;

    let server = Server::start(&data);
    let (head, saved) = server.send("POST", "/api/v1/circuits", "", body);
    assert!(head.starts_with("HTTP/1.1 201 "), "{head}");
    let cookie = header(&head, "set-cookie").split(';').next().unwrap().to_owned();
    let path = header(&head, "location").to_owned();
    drop(server);

    let server = Server::start(&data);
    let (head, read) = server.send("GET", &path, &cookie, "");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(read, saved);
    let (head, _) = server.send("GET", &path, "", "");
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
}

#[test]
fn of_many_saves_at_the_time_of_kill_9_each_that_was_answered_is_there() {
    let scratch = tempfile::tempdir().unwrap();
    let body = r#"{"name":"n","program":{"language":"openqasm","text":"OPENQASM 3.0;"}}"#;
    let mut server = Server::start(scratch.path());
    let (head, _) = server.send("POST", "/api/v1/circuits", "", body);
    let cookie = header(&head, "set-cookie").split(';').next().unwrap().to_owned();

    let answered = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (address, cookie, answered) = (&server.address, &cookie, &answered);
        for _ in 0..4 {
            scope.spawn(move || {
                // Until the server is gone: at most as many as one guest may have.
                for _ in 0..100 {
                    let Ok(answer) = send(address, "POST", "/api/v1/circuits", cookie, body) else {
                        return;
                    };
                    let Some((head, _)) = answer.split_once("\r\n\r\n") else { return };
                    assert!(head.starts_with("HTTP/1.1 201 "), "{head}");
                    let path = header(head, "location");
                    answered.lock().unwrap().push(path.rsplit_once('/').unwrap().1.to_owned());
                }
            });
        }
        while answered.lock().unwrap().len() < 40 {
            std::thread::yield_now();
        }
        server.process.kill().unwrap();
    });
    drop(server);

    let server = Server::start(scratch.path());
    let (_, list) = server.send("GET", "/api/v1/circuits", &cookie, "");
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() >= 40);
    for id in answered {
        assert!(list.contains(&id), "{id} was answered and is gone");
    }
}

#[test]
fn at_sigterm_a_request_in_flight_is_finished() {
    let scratch = tempfile::tempdir().unwrap();
    let mut server = Server::start(scratch.path());
    let body = r#"{"name":"bell","program":{"language":"openqasm","text":"OPENQASM 2.0;"}}"#;
    let (start, rest) = body.split_at(10);

    // `Expect` makes the server say that it has begun to read.
    let mut stream = server.connect();
    write!(
        stream,
        "POST /api/v1/circuits HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    )
    .unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
    write!(stream, "{start}").unwrap();

    server.terminate();
    // The listener is closed first: then the server is stopping.
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
    write!(stream, "{rest}").unwrap();
    let mut answer = String::new();
    reader.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 201 "), "{answer}");
    assert!(server.process.wait().unwrap().success());
}

#[test]
fn the_log_names_requests_and_holds_nothing_private() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("log");
    let log = std::fs::File::create(&file).unwrap();
    let data = scratch.path().join("data");
    let mut server = Server::start_with_log(&data, "trace", log.into());
    let body = r#"{"name":"canary-name","program":{"language":"openqasm","text":"canary-text"}}"#;
    let (head, _) = server.send("POST", "/api/v1/circuits", "", body);
    let cookie = header(&head, "set-cookie").split(';').next().unwrap().to_owned();
    let (id, path) = (header(&head, "x-request-id"), header(&head, "location"));
    server.send("GET", path, &cookie, "");
    server.send("PUT", path, &cookie, body);
    server.terminate();
    assert!(server.process.wait().unwrap().success());

    let log = std::fs::read_to_string(&file).unwrap();
    assert!(log.lines().all(|line| line.starts_with("{\"timestamp\":")), "{log}");
    assert!(log.contains(id), "{log}");
    let session = cookie.split_once('=').unwrap().1;
    for secret in [session, "canary", path] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ketlab"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(file.join("data"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("cannot use the data folder"), "{log}");
}
