//! Google's messages over HTTP: to the public address, and from there to a server.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::emulate::{Answer, Emulator, ask};
use crate::serve::Server;
use crate::served::asks;

/// How often a command is asked again at most, until a server that runs beside it has done its work.
const MOST_LOOKS: usize = 2_000;

/// What stands between the world and a server, as a proxy does: the address that Google knows.
struct Gate {
    listener: TcpListener,
}

/// One request as it came.
struct Message {
    stream: TcpStream,
    text: String,
}

impl Gate {
    fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").expect("an address") }
    }

    fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// Waits for the next message.
    fn next(&self) -> Message {
        let (mut stream, _) = self.listener.accept().expect("somebody comes");
        let (mut text, mut byte) = (String::new(), [0]);
        let length = loop {
            stream.read_exact(&mut byte).expect("a request");
            text.push(char::from(byte[0]));
            if let Some(head) = text.strip_suffix("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().to_owned())
                });
                break length.map_or(0, |n| n.parse().expect("a number"));
            }
        };
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a body");
        text.push_str(&String::from_utf8(body).expect("text"));
        Message { stream, text }
    }
}

impl Message {
    fn header(&self, name: &str) -> &str {
        let lines = self.text.lines().skip(1).take_while(|line| !line.is_empty());
        let mut named = lines.filter_map(|line| line.split_once(": "));
        named.find(|(at, _)| at.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Brings it to a server, with this token, and gives its answer back.
    fn passed_on(mut self, authority: &str, token: &str) -> u16 {
        let (head, body) = self.text.split_once("\r\n\r\n").expect("a head");
        let path = head.split(' ').nth(1).expect("a path");
        let channel = self.header("X-Goog-Channel-ID");
        let state = self.header("X-Goog-Resource-State");
        let headers = format!(
            "X-Goog-Channel-ID: {channel}\r\nX-Goog-Channel-Token: {token}\r\nX-Goog-Resource-State: {state}\r\n"
        );
        let Answer { status, .. } = ask(authority, "POST", path, &headers, body).expect("an answer");
        let answer = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        self.stream.write_all(answer.as_bytes()).expect("it is read");
        status
    }
}

fn put(emulator: &Emulator, method: &str, path: &str, body: &Value) {
    let answer = emulator.ask(method, path, "", &body.to_string()).expect("an answer");
    assert!(answer.status < 300, "{path}: {answer:?}");
}

#[test]
fn e2e_a_message_of_google_brings_a_change_where_nothing_else_would() {
    let desk = Desk::new();
    let ready = ["emulate", "workspace", "--port", "0", "--ready", "--key-file", "key.json", "--json"];
    let google = Emulator::start(desk.command(&ready));
    let root = google.said("listen").to_owned();
    let how = ["--admin", "admin@example.com", "--key-file", "key.json", "--api-root", &root];
    desk.json(&[&["directory", "add", "google", "--google"], &how[..]].concat());
    let account = format!("/emulator/service-accounts/{}/role", google.said("service_account"));
    put(&google, "PUT", &account, &json!({"role": "administrator"}));
    // The log is closed, and the next listing is a quarter of an hour away.
    let fault = json!({"kind": "error", "status": 403, "reason": "forbidden"});
    let closed = json!({"methods": ["reports.activities.list"], "fault": fault, "when": {"kind": "always"}});
    put(&google, "POST", "/emulator/faults", &closed);

    let gate = Gate::new();
    let server = Server::with(&desk, &format!("public_url = \"{}\"\n", gate.url()));
    for _ in 0..4 {
        let opened = gate.next();
        assert_eq!(opened.header("X-Goog-Resource-State"), "sync");
        let token = opened.header("X-Goog-Channel-Token").to_owned();
        assert_eq!(opened.passed_on(&server.address, &token), 204);
    }
    let authority = root.strip_prefix("http://").expect("an address");
    let key = desk.path("key.json");
    let suspended = json!({"suspended": true});
    let everybody = format!("users?customer={}", google.said("customer"));
    let somebody = asks(authority, &key, "GET", &everybody, &Value::Null).json();
    let somebody = somebody["users"].as_array().expect("users").iter().find(|user| user["isAdmin"] != true);
    let path = format!("users/{}", somebody.expect("an employee")["id"].as_str().expect("an id"));
    assert_eq!(asks(authority, &key, "PATCH", &path, &suspended).status, 200);
    let message = gate.next();
    assert_eq!(message.header("X-Goog-Resource-State"), "update");
    let token = message.header("X-Goog-Channel-Token").to_owned();
    let looks = || {
        let listed = desk.json(&["directory", "list"]);
        let of = listed["directories"].as_array().expect("a list").iter().find(|one| one["kind"] == "google");
        of.expect("it is listed")["suspended"].clone()
    };
    let before = looks();
    assert_eq!(message.passed_on(&server.address, &token), 204);
    assert!((0..MOST_LOOKS).any(|_| looks() != before), "the message did nothing");
    server.end("-TERM");
    google.end("-INT");
}

#[test]
fn e2e_whoever_sends_a_message_without_a_channel_is_told_nothing() {
    let desk = Desk::with_people();
    let server = Server::with(&desk, "public_url = \"https://usher.example.com\"\n");
    let by = "X-Goog-Channel-ID: guess\r\nX-Goog-Channel-Token: guess\r\nX-Goog-Resource-State: update\r\n";
    for headers in ["", by] {
        let body = r#"{"primaryEmail": "ada@example.com"}"#;
        let answer = ask(&server.address, "POST", "/google/notifications", headers, body);
        assert_eq!(answer.expect("an answer").status, 404);
    }
    server.end("-TERM");
}
