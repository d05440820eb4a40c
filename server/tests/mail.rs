//! Mail from the real program, taken by a server that speaks SMTP (RFC 5321) as far as it is asked to.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// A mail as it arrived: the envelope's addresses and the text, dots unstuffed.
#[derive(Debug)]
struct Received {
    from: String,
    to: String,
    text: String,
}

/// Takes mails on a port of this machine. The first one it puts off, as a busy server would.
fn sink() -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut put_off = true;
        for stream in listener.incoming() {
            converse(&stream.unwrap(), &mut put_off, &sender);
        }
    });
    (address, receiver)
}

fn converse(stream: &TcpStream, put_off: &mut bool, sender: &Sender<Received>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let say = |text: &str| write!(&*stream, "{text}\r\n").unwrap();
    say("220 sink");
    let (mut from, mut to) = (String::new(), String::new());
    let mut line = String::new();
    while {
        line.clear();
        lines.read_line(&mut line).unwrap() > 0
    } {
        let command = line.trim_end();
        match command.split([' ', ':']).next().unwrap().to_ascii_uppercase().as_str() {
            "EHLO" => say("250-sink\r\n250 8BITMIME"),
            "MAIL" if std::mem::take(put_off) => say("451 later"),
            "MAIL" => {
                command.clone_into(&mut from);
                say("250 ok");
            }
            "RCPT" => {
                command.clone_into(&mut to);
                say("250 ok");
            }
            "DATA" => {
                say("354 go on");
                let mut text = String::new();
                loop {
                    line.clear();
                    lines.read_line(&mut line).unwrap();
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                say("250 taken");
                let mail = Received { from: from.clone(), to: to.clone(), text };
                // Nobody waits any more when the test is over.
                let _ = sender.send(mail);
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 ok"),
        }
    }
}

struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

fn post(address: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: \
         application/json\r\nAccept-Language: de\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn an_address_is_proven_by_a_mail_through_smtp_and_no_secret_is_logged() {
    let scratch = tempfile::tempdir().unwrap();
    let (smtp, mails) = sink();
    let log = scratch.path().join("log");
    let mut process = Command::new(env!("CARGO_BIN_EXE_ketlab"))
        .args(["serve", "--listen", "127.0.0.1:0", "--url", "https://lab.example.org/", "--data"])
        .arg(scratch.path().join("data"))
        .args(["--mail-from", "Ketlab <lab@example.org>"])
        .env("KETLAB_MAIL", format!("smtp://{smtp}"))
        .env("KETLAB_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").expect("an address").1.to_owned();
    let server = Server(process, address);

    let credentials = r#"{"email":"ada@example.org","password":"canary horse battery"}"#;
    let (status, answer) = post(&server.1, "/api/v1/account", credentials);
    assert_eq!(status, 201, "{answer}");
    let mail = mails.recv_timeout(Duration::from_mins(1)).unwrap();
    assert!(mail.from.contains("<lab@example.org>"), "{mail:?}");
    assert!(mail.to.contains("<ada@example.org>"), "{mail:?}");
    // Quoted-printable: soft line breaks and escapes (RFC 2045, section 6.7).
    let text = mail.text.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = text.split_once("https://lab.example.org/account/verify#").unwrap();
    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(token.len(), 64, "{text}");

    assert_eq!(post(&server.1, "/api/v1/session", credentials).0, 401);
    let body = format!(r#"{{"token":"{token}"}}"#);
    assert_eq!(post(&server.1, "/api/v1/account/email/verify", &body).0, 204);
    let (status, answer) = post(&server.1, "/api/v1/session", credentials);
    assert_eq!(status, 200, "{answer}");
    drop(server);

    let log = std::fs::read_to_string(&log).unwrap();
    for secret in ["canary", &token, "ada@example.org"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
