//! A program that is asked by one JSON object a line and answers with one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// For the start: imports of Python packages, a browser.
const START: Duration = Duration::from_mins(2);
/// For ending by itself once its input is closed.
const FAREWELL: Duration = Duration::from_secs(5);

/// Started when it is first asked; started anew after it was stopped for taking too long.
pub struct Worker {
    pub name: String,
    command: Box<dyn Fn() -> Command>,
    running: Option<Running>,
    /// As it says itself.
    pub version: Option<String>,
    /// Why it cannot be had.
    pub absent: Option<String>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Worker {
    pub fn new(name: String, command: impl Fn() -> Command + 'static) -> Self {
        Self { name, command: Box::new(command), running: None, version: None, absent: None }
    }

    /// The answer, or `{"error": …}`.
    pub fn ask(&mut self, request: &Value, limit: Duration) -> Value {
        if self.running.is_none() && self.absent.is_none() {
            self.start();
        }
        if let Some(reason) = &self.absent {
            return json!({ "error": reason });
        }
        let answer = self.running.as_mut().map_or(Err("not running".to_owned()), |running| {
            writeln!(running.input, "{request}").map_err(|error| error.to_string())?;
            running.answer(limit)
        });
        answer.unwrap_or_else(|error| {
            self.stop();
            json!({ "error": error })
        })
    }

    fn start(&mut self) {
        match Running::start(&mut (self.command)()) {
            Ok((running, version)) => {
                self.running = Some(running);
                self.version = Some(version);
            }
            Err(error) => self.absent = Some(error),
        }
    }

    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    fn start(command: &mut Command) -> Result<(Self, String), String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            // What is not an object is chatter of a library.
            for line in output.lines().map_while(Result::ok).filter(|line| line.starts_with('{')) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut running = Self { child, input, lines };
        let first = running.answer(START);
        if let Ok((true, version)) =
            first.as_ref().map(|first| (first["ready"] == true, first["version"].as_str()))
        {
            let version = version.unwrap_or_default().to_owned();
            Ok((running, version))
        } else {
            running.stop();
            Err(first.map_or_else(
                |error| error,
                |first| first["error"].as_str().unwrap_or("it did not start").to_owned(),
            ))
        }
    }

    fn answer(&mut self, limit: Duration) -> Result<Value, String> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => serde_json::from_str(&line).map_err(|error| error.to_string()),
            Err(RecvTimeoutError::Timeout) => Err(format!("over {} s", limit.as_secs())),
            Err(RecvTimeoutError::Disconnected) => Err("it ended".to_owned()),
        }
    }

    fn stop(self) {
        let Self { mut child, input, lines: _lines } = self;
        drop(input);
        let start = Instant::now();
        while start.elapsed() < FAREWELL {
            if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Already gone, or it ends now.
        drop(child.kill());
        drop(child.wait());
    }
}
