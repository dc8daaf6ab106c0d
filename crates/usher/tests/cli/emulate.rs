//! `usher emulate identity-center`: what it says, what it keeps, and how it ends.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use serde_json::{Value, json};

use crate::desk::{Desk, exists, run};

const READY: [&str; 7] =
    ["emulate", "identity-center", "--port", "0", "--ready", "--token-file", "token.txt"];

/// A running emulator. Dropping it ends the process.
pub(crate) struct Emulator {
    process: Child,
    out: BufReader<ChildStdout>,
    pub(crate) started: Value,
}

/// An answer's status and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Emulator {
    /// One that is ready to be provisioned into, with more arguments.
    fn ready(desk: &Desk, more: &[&str]) -> Self {
        Self::start(desk.command(&[&READY[..], more, &["--json"]].concat()))
    }

    pub(crate) fn start(mut command: Command) -> Self {
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = process.expect("the binary starts");
        let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("the emulator says text");
        let started = serde_json::from_str(&line).unwrap_or(Value::Null);
        let emulator = Self { process, out, started };
        if emulator.started.is_null() {
            let (code, said) = emulator.ended();
            panic!("it did not start: {code:?} {line} {said}");
        }
        emulator
    }

    pub(crate) fn said(&self, name: &str) -> &str {
        self.started[name].as_str().unwrap_or_else(|| panic!("{name} is not in {}", self.started))
    }

    fn authority(&self) -> &str {
        self.said("listen").strip_prefix("http://").expect("an address of HTTP")
    }

    /// A path below the SCIM endpoint.
    fn scim(&self, path: &str) -> String {
        self.said("endpoint").replace(self.said("listen"), "") + path
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Option<Answer> {
        ask(self.authority(), method, path, headers, body)
    }

    fn admin(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask(method, &format!("/admin{path}"), "", body).expect("an answer")
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill is there").success());
    }

    /// Waits for the end: the exit code, and what was said to standard error.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("the emulator says text");
        let mut said = String::new();
        let mut err = self.process.stderr.take().expect("it is piped");
        err.read_to_string(&mut said).expect("the emulator says text");
        (self.process.wait().expect("the emulator ends").code(), said)
    }

    pub(crate) fn end(self, signal: &str) {
        self.signal(signal);
        assert_eq!(self.ended(), (Some(0), String::new()), "{signal}");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// One request on a connection of its own; `None`: there was no whole answer.
pub(crate) fn ask(authority: &str, method: &str, path: &str, headers: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(authority).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn token(desk: &Desk) -> String {
    fs::read_to_string(desk.path("token.txt")).expect("a token")
}

fn person(name: &str) -> String {
    json!({"userName": name, "name": {"givenName": "G", "familyName": "F"}, "displayName": "G F"}).to_string()
}

#[test]
fn e2e_a_newcomer_is_told_where_everything_is() {
    let desk = Desk::new();
    let mut command = desk.command(&READY);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = process.expect("the binary starts");
    let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert_ne!(out.read_line(&mut said).expect("it says text"), 0, "{said}");
    }
    let emulator = Emulator { process, out, started: Value::Null };
    let listen = said.lines().next().and_then(|line| line.split("http://").nth(1)).expect("an address");
    let tenants = ask(listen, "GET", "/admin/tenants", "", "").expect("an answer").json();
    let tenant = tenants["tenants"][0]["id"].as_str().expect("a tenant");
    insta::assert_snapshot!(said.replace(listen, "ADDRESS").replace(tenant, "TENANT"), @r#"
    IAM Identity Center is emulated on http://ADDRESS

    SCIM endpoint  http://ADDRESS/TENANT/scim/v2
    access token   in token.txt
    AWS's pages    http://ADDRESS (in a browser)
    admin API      http://ADDRESS/admin (GET it to see what it does)
    state          in memory alone, and gone at the end (--state FILE keeps it)

    Try it, in another terminal:
      curl -H "Authorization: Bearer $(cat token.txt)" 'http://ADDRESS/TENANT/scim/v2/Users?cursor='
      curl http://ADDRESS/admin/tenants/TENANT/requests

    Provision into it:
      usher app add aws --template aws
      usher app authorize aws --endpoint http://ADDRESS/TENANT/scim/v2 --token-file token.txt

    Ctrl-C ends it.
    "#);
    assert!(!said.contains(&token(&desk)));
    emulator.end("-INT");
}

#[test]
fn e2e_without_a_tenant_it_says_how_one_is_made() {
    let desk = Desk::new();
    let emulator = Emulator::start(desk.command(&["emulate", "identity-center", "--port", "0", "--json"]));
    assert_eq!(emulator.started["endpoint"], Value::Null);
    let made = emulator.admin("POST", "/tenants", r#"{"ready": true}"#);
    assert_eq!(made.status, 201);
    let token = made.json()["token"]["value"].as_str().expect("a token").to_owned();
    let path = made.json()["endpoint"].as_str().expect("an endpoint").replace(emulator.said("listen"), "");
    let users = emulator.ask("GET", &format!("{path}/Users"), &bearer(&token), "").expect("an answer");
    assert_eq!(users.status, 200);
    emulator.end("-TERM");
}

#[test]
fn e2e_another_host_and_another_site_are_refused() {
    let desk = Desk::new();
    let emulator = Emulator::ready(&desk, &[]);
    let mut stream = TcpStream::connect(emulator.authority()).expect("it listens");
    let request = "GET /admin HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
    let answer = emulator.ask("POST", "/admin/tenants", "Origin: http://evil.example\r\n", "{}");
    assert_eq!(answer.expect("an answer").status, 403);
}

#[test]
fn e2e_a_file_that_is_larger_than_any_metadata_is_refused_in_a_sentence_on_a_page() {
    let desk = Desk::new();
    let emulator = Emulator::ready(&desk, &[]);
    let (headers, file) = ("Content-Type: multipart/form-data; boundary=b\r\n", "x".repeat(8 * 1_048_576));
    let page = emulator
        .ask("POST", "/console/instances", headers, &file)
        .expect("an answer, though it was sent whole");
    assert_eq!(page.status, 413);
    assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
    assert!(
        page.body.contains("The file is too large to be SAML metadata: AWS takes at most 75,000 characters")
    );
    let program = emulator.ask("POST", "/admin/tenants", "", &file).expect("an answer");
    assert_eq!(program.status, 413);
    assert!(program.json()["error"].as_str().expect("a sentence").contains("longer than 1048576 bytes"));
    assert_eq!(emulator.admin("GET", "", "").status, 200, "and it goes on");
}

#[test]
fn e2e_a_taken_port_is_named_and_nothing_is_made() {
    let desk = Desk::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let said = desk.fails(
        1,
        &["emulate", "identity-center", "--port", &port, "--state", "s", "--ready", "--token-file", "t"],
    );
    assert!(said.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{said}");
    assert!(said.ends_with("; choose another --port"), "{said}");
    assert!(!exists(&desk.path("s")) && !exists(&desk.path("t")));
}

#[test]
fn e2e_a_token_file_is_for_its_owner_and_never_overwritten() {
    let desk = Desk::new();
    let emulator = Emulator::ready(&desk, &[]);
    let mode = fs::metadata(desk.path("token.txt")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    emulator.end("-TERM");
    for text in ["mine", "", &token(&desk)] {
        desk.write("token.txt", text);
        let said = desk.fails(1, &[&READY[..], &["--state", "aws.jsonl"]].concat());
        assert!(said.starts_with("token.txt is there already and is not overwritten"), "{said}");
        assert_eq!(token(&desk), text);
    }
    let kept = fs::read_to_string(desk.path("aws.jsonl")).expect("the state");
    assert!(!kept.contains("tenant"), "nothing was made: {kept}");
}

#[test]
fn e2e_with_a_state_file_the_same_tenant_token_and_people_are_there_again() {
    let desk = Desk::new();
    let more = ["--state", "aws.jsonl"];
    let emulator = Emulator::ready(&desk, &more);
    let first = token(&desk);
    let made = emulator.ask("POST", &emulator.scim("/Users"), &bearer(&first), &person("ada")).unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let tenant = emulator.said("tenant").to_owned();
    let said = desk.fails(1, &["emulate", "identity-center", "--port", "0", "--state", "aws.jsonl"]);
    assert!(said.contains("aws.jsonl is in use by another emulator (pid "), "{said}");
    emulator.end("-TERM");

    let emulator = Emulator::ready(&desk, &more);
    assert_eq!((emulator.said("tenant"), token(&desk)), (&*tenant, first.clone()));
    let user = emulator.admin("GET", &format!("/tenants/{tenant}/users/ada"), "");
    assert_eq!(user.json()["id"], made.json()["id"]);
    emulator.end("-INT");

    fs::remove_file(desk.path("token.txt")).expect("the file");
    let emulator = Emulator::ready(&desk, &more);
    assert_eq!(emulator.said("tenant"), tenant);
    for token in [first, token(&desk)] {
        let users = emulator.ask("GET", &emulator.scim("/Users"), &bearer(&token), "").unwrap();
        assert_eq!(users.status, 200);
    }
    emulator.end("-TERM");

    fs::remove_file(desk.path("token.txt")).expect("the file");
    let said = desk.fails(1, &[&READY[..], &more].concat());
    assert!(said.starts_with(&format!("tenant {tenant} has two access tokens already")), "{said}");
    assert!(!exists(&desk.path("token.txt")));
}

#[test]
fn e2e_the_tenants_that_are_there_again_are_told_without_their_tokens() {
    let desk = Desk::new();
    let emulator = Emulator::ready(&desk, &["--state", "aws.jsonl"]);
    assert_eq!(emulator.started["tenants"], json!([]), "none was there before");
    emulator.ask("POST", &emulator.scim("/Users"), &bearer(&token(&desk)), &person("ada")).unwrap();
    let kept = emulator.said("tenant").to_owned();
    emulator.admin("POST", "/tenants", "{}");
    emulator.end("-TERM");

    let port_and_state = ["emulate", "identity-center", "--port", "0", "--state", "aws.jsonl"];
    let emulator = Emulator::start(desk.command(&[&port_and_state[..], &["--json"]].concat()));
    let tenants = emulator.started["tenants"].as_array().unwrap().clone();
    let (on, off): (Vec<_>, Vec<_>) = tenants.iter().partition(|tenant| tenant["provisioning"] == true);
    let endpoint = format!("{}/{kept}/scim/v2", emulator.said("listen"));
    let expected =
        json!({"tenant": kept, "endpoint": endpoint, "provisioning": true, "users": 1, "groups": 0});
    assert_eq!(on, [&expected]);
    assert_eq!((off.len(), &off[0]["endpoint"]), (1, &Value::Null));
    emulator.end("-TERM");

    let mut process =
        desk.command(&port_and_state).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let out = BufReader::new(process.stdout.take().expect("it is piped"));
    let said: Vec<_> =
        out.lines().map_while(Result::ok).take_while(|line| !line.contains("Ctrl-C")).collect();
    process.kill().and_then(|()| process.wait()).expect("it ends");
    let (said, off) = (said.join("\n"), off[0]["tenant"].as_str().unwrap());
    assert!(said.contains(&format!("{kept}: provisioning is on at http://")), "{said}");
    assert!(
        said.contains("; 1 user, 0 groups") && said.contains(&format!("{off}: provisioning is off")),
        "{said}"
    );
    assert!(said.contains(&format!("/admin/tenants/{kept}/tokens")), "how another token is had: {said}");
    assert!(!said.contains(&token(&desk)));
}

#[test]
fn e2e_limits_that_a_tenant_keeps_are_said() {
    let desk = Desk::new();
    Emulator::ready(&desk, &["--state", "aws.jsonl"]).end("-TERM");
    let emulator = Emulator::ready(&desk, &["--state", "aws.jsonl", "--unlimited"]);
    emulator.signal("-TERM");
    let (code, said) = emulator.ended();
    assert!(code == Some(0) && said.contains("keeps its limits"), "{said}");
}

/// Makes users one after the other until nobody answers, and tells of each that was answered.
fn make_users(authority: &str, path: &str, token: &str, prefix: &str, answered: &mpsc::Sender<String>) {
    for n in 0.. {
        let name = format!("{prefix}-{n}");
        let Some(answer) = ask(authority, "POST", path, &bearer(token), &person(&name)) else { return };
        assert_eq!(answer.status, 201, "{}", answer.body);
        if answered.send(name).is_err() {
            return;
        }
    }
}

#[test]
fn e2e_what_was_answered_is_there_after_kill_9() {
    let desk = Desk::new();
    let more = ["--state", "aws.jsonl", "--unlimited"];
    let mut all = BTreeSet::new();
    for kill in 0..5 {
        let mut emulator = Emulator::ready(&desk, &more);
        let (authority, path) = (emulator.authority().to_owned(), emulator.scim("/Users"));
        let token = token(&desk);
        let (sender, answered) = mpsc::channel();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (sender, authority, path, token) = (sender.clone(), &authority, &path, &token);
                let prefix = format!("u{kill}-{thread}");
                scope.spawn(move || make_users(authority, path, token, &prefix, &sender));
            }
            drop(sender);
            all.extend(answered.iter().take(40 + 17 * kill));
            emulator.process.kill().expect("it runs");
            // What was answered before the process was gone counts too.
            all.extend(answered.iter());
        });
    }
    let emulator = Emulator::ready(&desk, &more);
    let mut there = Vec::new();
    loop {
        let page = format!("/tenants/{}/users?limit=1000&skip={}", emulator.said("tenant"), there.len());
        let users = emulator.admin("GET", &page, "").json()["users"].as_array().expect("users").clone();
        if users.is_empty() {
            break;
        }
        there.extend(users.iter().map(|user| user["userName"].as_str().expect("a name").to_owned()));
    }
    let names: BTreeSet<String> = there.iter().cloned().collect();
    assert_eq!(names.len(), there.len(), "nobody is there twice");
    assert!(all.len() >= 300 && all.is_subset(&names), "{:?}", all.difference(&names));
}

#[test]
fn e2e_a_state_file_that_cannot_be_written_any_more_ends_it_with_a_sentence() {
    let desk = Desk::new();
    let usher = desk.command(&[&READY[..], &["--state", "aws.jsonl", "--unlimited", "--json"]].concat());
    let mut limited = Command::new("sh");
    // Blocks of 512 bytes.
    limited.arg("-c").arg("ulimit -f 16; exec \"$0\" \"$@\"").arg(usher.get_program()).args(usher.get_args());
    limited.current_dir(desk.path("")).stdin(Stdio::null());
    let emulator = Emulator::start(limited);
    let (sender, answered) = mpsc::channel();
    make_users(emulator.authority(), &emulator.scim("/Users"), &token(&desk), "u", &sender);
    drop(sender);
    let (code, said) = emulator.ended();
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with("usher: cannot write the state file ") && said.contains("aws.jsonl: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");

    let all: BTreeSet<String> = answered.iter().collect();
    let emulator = Emulator::ready(&desk, &["--state", "aws.jsonl"]);
    let page = format!("/tenants/{}/users?limit=1000", emulator.said("tenant"));
    let users = emulator.admin("GET", &page, "").json()["users"].clone();
    assert_eq!(users.as_array().map(Vec::len), Some(all.len()));
    emulator.signal("-TERM");
    assert!(emulator.ended().1.contains("was cut when it was written"), "the cut line is said");
}

#[test]
fn e2e_a_request_that_was_left_half_sent_does_not_keep_it() {
    let desk = Desk::new();
    let emulator = Emulator::ready(&desk, &[]);
    let mut idle = TcpStream::connect(emulator.authority()).expect("it listens");
    idle.write_all(b"GET /admin HTTP/1.1\r\nHost:").expect("it reads");
    emulator.signal("-TERM");
    emulator.end("-TERM");
}

#[test]
fn e2e_a_damaged_state_file_is_named_with_its_line() {
    let desk = Desk::new();
    desk.write("aws.jsonl", "{\"format\":\"usher-emulator identity-center\",\"version\":1}\n{}\n");
    let ended = run(desk.command(&["emulate", "identity-center", "--port", "0", "--state", "aws.jsonl"]));
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(
        ended.err.starts_with("usher: ") && ended.err.contains("aws.jsonl line 2 is damaged"),
        "{ended:?}"
    );
}
