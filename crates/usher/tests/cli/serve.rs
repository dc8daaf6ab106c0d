//! The server: how it says that it is well, and how it ends; and that it has its data directory for itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::desk::{Desk, exists};

/// A running server. Dropping it ends the process.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
    /// What it said before it listened.
    pub(crate) noted: String,
    said: BufReader<ChildStderr>,
}

impl Server {
    fn start(desk: &Desk) -> Self {
        Self::with(desk, "")
    }

    /// One with more in its configuration.
    pub(crate) fn with(desk: &Desk, more: &str) -> Self {
        desk.write("usher.toml", &format!("listen = \"127.0.0.1:0\"\n{more}"));
        let mut command = desk.command(&["serve", "--config", "usher.toml"]);
        let mut process = command.stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut said = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut noted = String::new();
        let address = loop {
            let mut line = String::new();
            let n_bytes = said.read_line(&mut line).expect("the server says text");
            assert_ne!(n_bytes, 0, "the server ended before it listened: {noted}");
            if let Some(address) = line.strip_prefix("usher serves on http://") {
                break address.trim().to_owned();
            }
            noted.push_str(&line);
        };
        Self { process, address, noted, said }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// Sends a signal and waits for the end; what it said until then, and its exit code.
    pub(crate) fn end(mut self, signal: &str) -> (String, Option<i32>) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().expect("kill is there");
        assert!(sent.success());
        let mut said = String::new();
        self.said.read_to_string(&mut said).expect("the server says text");
        (said, self.process.wait().expect("the server ends").code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn a_server_says_that_it_is_alive_and_ready_and_ends_when_it_is_told_to() {
    for signal in ["-TERM", "-INT"] {
        let desk = Desk::with_people();
        let server = Server::start(&desk);
        assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
        assert_eq!(server.get("/readyz"), "HTTP/1.1 200 OK");
        assert_eq!(server.get("/"), "HTTP/1.1 303 See Other", "the console asks who it is");
        assert_eq!(server.get("/nothing"), "HTTP/1.1 404 Not Found");
        let (said, code) = server.end(signal);
        assert_eq!(code, Some(0), "{signal}: {said}");
        desk.succeeds(&["status"]);
    }
}

#[test]
fn one_process_at_a_time_writes_to_a_data_directory() {
    let desk = Desk::with_people();
    let server = Server::start(&desk);
    let pid = server.process.id().to_string();
    let said = desk.fails(1, &["import", "people.json"]);
    assert!(said.contains("in use by another usher process") && said.contains(&pid), "{said}");
    let said = desk.fails(1, &["serve", "--config", "usher.toml"]);
    assert!(said.contains("in use by another usher process"), "{said}");
}

#[test]
fn commands_that_only_read_answer_while_a_server_runs() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    let server = Server::start(&desk);
    for command in [
        &["status"][..],
        &["app", "list"],
        &["app", "show", "wiki"],
        &["directory", "list"],
        &["explain", "wiki", "ada@example.com"],
    ] {
        let ended = desk.usher(command);
        assert!(!ended.err.contains("in use"), "{command:?}: {ended:?}");
    }
    assert_eq!(desk.json(&["status"])["apps"][0]["app"], "wiki");
    assert_eq!(server.get("/readyz"), "HTTP/1.1 200 OK");
}

#[test]
fn a_data_directory_that_is_not_there_is_not_made_by_looking_at_it() {
    let desk = Desk::new();
    for command in [&["status"][..], &["app", "list"], &["directory", "list"]] {
        let said = desk.fails(1, &[command, &["--data-dir", "mistyped"]].concat());
        assert!(said.starts_with("there is no usher database in mistyped: "), "{said}");
    }
    assert!(!exists(&desk.path("mistyped")));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let desk = Desk::with_people();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    desk.write("taken.toml", &format!("listen = \"{address}\""));
    let said = desk.fails(1, &["serve", "--config", "taken.toml"]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}
