//! The demo, as a newcomer meets it. What came of everybody is tested where it is made.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::desk::{Desk, Ended, exists};
use crate::emulate::ask;

/// Ends the process with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn e2e_one_command_shows_a_month_of_a_company_and_leaves_it_to_be_looked_at() {
    let desk = Desk::new();
    let ended = desk.usher(&["demo", "--no-serve", "--port", "0", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let nobody: Vec<_> = ended.err.lines().filter(|line| line.contains("Due by now:  ")).collect();
    assert!(nobody.is_empty(), "who was due is said: {nobody:?}");
    let told: Value = serde_json::from_str(&ended.out).expect("one line of JSON");
    assert_eq!((&told["people"], &told["days"]), (&250.into(), &30.into()));
    let n = |key: &str| told["accounts"][key].as_u64().unwrap();
    assert_eq!(n("on") + n("off") + n("none"), 250);
    assert_eq!(told["held"].as_array().map(Vec::len), Some(1), "{told}");
    let reasons = told["reasons"].as_array().unwrap();
    assert_eq!(reasons.iter().map(|reason| reason["people"].as_u64().unwrap()).sum::<u64>(), 250);
    assert!(reasons.iter().all(|reason| !reason["why"].as_str().unwrap().is_empty()), "{told}");
    for kind in ["create", "adopt", "update", "suspend", "unsuspend", "hard_delete"] {
        assert!(told["events"][kind].as_u64().unwrap() > 0, "{kind}: {told}");
    }

    let explained = desk.succeeds(&["explain", "aws", "bogdan.ilic@example.com"]);
    assert!(explained.contains("somebody switched the account off at the app"), "{explained}");
    let status = desk.json(&["status"]);
    assert_eq!(status["apps"][0]["accounts"]["active"].as_u64(), Some(n("on")), "{status}");

    // The emulated AWS starts again as it was, and Usher finds everybody there.
    let endpoint = told["endpoint"].as_str().unwrap();
    let port = endpoint.split(['/', ':']).find(|part| part.parse::<u16>().is_ok()).expect("a port");
    let state = ["--state", "usher-data/identity-center.jsonl", "--port", port, "--json"];
    let mut command = desk.command(&[&["emulate", "identity-center"], &state[..]].concat());
    let mut emulated = Running(command.stdout(Stdio::piped()).spawn().expect("the binary starts"));
    line(&mut emulated);
    let audited = desk.usher(&["audit", "aws", "--json"]);
    let audited: Value = serde_json::from_str(&audited.out).unwrap_or_else(|_| panic!("{audited:?}"));
    assert_eq!(audited["requests"]["writes"], 0, "{audited}");
    let found = &audited["audit"];
    assert_eq!((&found["believed"], &found["compared"]), (&true.into(), &(n("on") + n("off")).into()));
    assert_eq!((&found["changed"], &found["deleted"], &found["unknown"]), (&0.into(), &0.into(), &3.into()));
}

/// The first line that it prints.
fn line(process: &mut Running) -> String {
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().expect("it is piped")).read_line(&mut line).expect("text");
    line
}

#[test]
fn a_demo_begins_with_an_empty_data_directory_or_not_at_all() {
    let desk = Desk::with_people();
    let said = desk.fails(1, &["demo", "--no-serve", "--port", "0"]);
    assert!(said.contains("holds something already") && said.contains("--data-dir"), "{said}");
    assert_eq!(desk.json(&["directory", "list"])["directories"][0]["users"], 3, "nothing was changed");
}

#[test]
fn e2e_a_demo_that_was_broken_off_says_how_to_begin_again() {
    let desk = Desk::new();
    let data = desk.path("my data");
    let demo = ["demo", "--no-serve", "--port", "0", "--data-dir", "my data"];
    let mut begun = Running(desk.command(&demo).stderr(Stdio::piped()).spawn().expect("the binary starts"));
    let mut day = String::new();
    BufReader::new(begun.0.stderr.take().expect("it is piped")).read_line(&mut day).expect("text");
    drop(begun);
    let said = desk.fails(1, &demo);
    assert!(said.contains("a demo that was broken off") && said.contains("`rm -r 'my data'`"), "{said}");
    assert!(exists(&data), "it is left to whoever broke it off");
    std::fs::remove_dir_all(&data).unwrap();

    let Ended { code, out, err } = desk.usher(&demo);
    assert_eq!(code, 0, "{err}");
    let longest_why_is_last = out.lines().any(|line| line.starts_with("PEOPLE") && line.ends_with("WHY"));
    assert!(longest_why_is_last, "{out}");
    let said = desk.fails(1, &demo);
    assert!(
        said.contains("holds something already") && !said.contains("rm -r"),
        "a finished one is kept: {said}"
    );
}

#[test]
fn e2e_a_fresh_demo_wires_nothing_and_its_commands_do() {
    let desk = Desk::new();
    let mut command = desk.command(&["demo", "--fresh", "--no-serve", "--port", "0", "--json"]);
    let mut demo = Running(command.stdout(Stdio::piped()).spawn().expect("the binary starts"));
    let laid_out: Value = serde_json::from_str(&line(&mut demo)).expect("one line of JSON");
    let (endpoint, aws) = (laid_out["endpoint"].as_str().unwrap(), laid_out["aws"].as_str().unwrap());
    assert_eq!(desk.json(&["app", "list"])["apps"], serde_json::json!([]), "nothing is wired");
    let aws = aws.strip_prefix("http://").unwrap();
    let admin = |method: &str, path: &str, body: &str| {
        ask(aws, method, &format!("/admin{path}"), "", body).expect("an answer").json()
    };
    let tenant = admin("GET", "/tenants", "")["tenants"][0].clone();
    assert_eq!(
        (&tenant["source"]["kind"], &tenant["endpoint"]),
        (&"identity-center-directory".into(), &Value::Null)
    );
    let at = format!("/tenants/{}", tenant["id"].as_str().unwrap());
    let metadata = admin("GET", "/sample-metadata", "")["metadata"].clone();
    let confirmed = serde_json::json!({"metadata": metadata, "confirmation": "ACCEPT"}).to_string();
    let changed = ask(aws, "POST", &format!("/admin{at}/identity-source"), "", &confirmed).unwrap();
    assert_eq!(changed.status, 204);
    let enabled = admin("POST", &format!("{at}/provisioning/enable"), "");
    assert_eq!(enabled["endpoint"], endpoint);
    let token = "token.txt";
    std::fs::write(desk.path(token), enabled["token"]["value"].as_str().unwrap()).unwrap();
    desk.succeeds(&["app", "add", "aws", "--template", "aws"]);
    desk.succeeds(&["app", "authorize", "aws", "--endpoint", endpoint, "--token-file", token]);
    desk.succeeds(&["app", "access", "aws", "--ou", "/Engineering", "on"]);
    desk.succeeds(&["app", "deprovision", "aws", "--suspended", "7d"]);
    let planned = desk.usher(&["plan", "aws", "--json"]);
    assert_eq!(planned.code, 2, "{planned:?}");
    let planned: Value = serde_json::from_str(&planned.out).expect("one line of JSON");
    assert!(planned["operations"]["create"].as_u64().unwrap() > 10, "{planned}");
}
