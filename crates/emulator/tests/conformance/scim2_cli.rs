//! `scim2 … test` of `PyPI` against the emulator: what it finds wrong is what AWS's subset must refuse, each with its
//! reason. Anything else is a defect.
//!
//! It runs twice. AWS says of its schemas what is not so: the enterprise extension is not required, the display name is,
//! and members are users that exist and are never shown. A client that believes it makes no user, so the second run is
//! told the truth.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::server::Server;
use crate::suite::Suite;

/// The Python environment that holds `scim2-cli`.
const VENV: &str = "USHER_TEST_VENV";

/// Its command with the same chance every time: chance decides, for one, whether an e-mail address is the primary one.
const LAUNCH: &str = "import random; random.seed(0); from scim2_cli import cli; cli()";

/// Where an error of AWS's is read strictly: it has more attributes than RFC 7644 knows.
const MORE_IN_ERRORS: &str = "Server response payload validation error";
const EXTENSION: &str = "The resource type 'User' requires the extension";
const UNPARSABLE: &str = "Request is unparsable, syntactically incorrect, or violates schema.";

const METHODS: &str = "an unsupported operation is a 400; a setting";
const STRICT: &str = "the error is right, and its body has AWS's own attributes";
const REQUIRED: &str = "AWS says that the extension is required";
const ATTRIBUTES: &str = "attributes and excludedAttributes are not looked at";

/// A check that fails: its name, how what it says of it begins, what the emulator said; how often it does in the run that
/// believes the schemas and in the one that is told the truth; and why.
type Reviewed = (&'static str, &'static str, &'static str, usize, usize, &'static str);

const REVIEWED: &[Reviewed] = &[
    ("access_invalid_resource_type", MORE_IN_ERRORS, UNPARSABLE, 1, 1, "a type is not read by its name"),
    ("access_invalid_schema", MORE_IN_ERRORS, "Schema not found.", 1, 1, STRICT),
    (
        "check_add_attribute",
        "Failed to add attribute 'roles'",
        "",
        0,
        1,
        "roles are not among what PATCH reaches",
    ),
    (
        "check_add_attribute",
        "Failed to add attribute 'urn:ietf",
        "",
        0,
        1,
        "it sends schemas within the extension",
    ),
    ("check_add_attribute", EXTENSION, "", 2, 0, REQUIRED),
    ("check_remove_attribute", "Failed to remove attribute 'active'", "", 0, 1, "active is not removed"),
    (
        "check_remove_attribute",
        "Failed to remove attribute 'roles'",
        "",
        0,
        1,
        "roles are not among what PATCH reaches",
    ),
    ("check_remove_attribute", EXTENSION, "", 2, 0, REQUIRED),
    (
        "check_replace_attribute",
        "Failed to replace attribute 'roles'",
        "",
        0,
        1,
        "roles are not among what PATCH reaches",
    ),
    (
        "check_replace_attribute",
        "Failed to replace attribute 'urn:ietf",
        "",
        0,
        1,
        "it sends schemas within the extension",
    ),
    ("check_replace_attribute", EXTENSION, "", 2, 0, REQUIRED),
    ("object_creation", EXTENSION, "", 1, 0, REQUIRED),
    ("object_deletion", EXTENSION, "", 1, 0, REQUIRED),
    ("object_deletion", MORE_IN_ERRORS, "Group not found.", 1, 1, STRICT),
    ("object_deletion", MORE_IN_ERRORS, "User not found.", 0, 1, STRICT),
    ("object_list_with_attributes", "GET /Resource: excluded attribute", "", 0, 1, ATTRIBUTES),
    ("object_list_with_attributes", EXTENSION, "", 2, 0, REQUIRED),
    ("object_query", EXTENSION, "", 1, 0, REQUIRED),
    ("object_query_with_attributes", "GET /Resource/{id}: excluded attribute", "", 0, 1, ATTRIBUTES),
    ("object_query_with_attributes", EXTENSION, "", 2, 0, REQUIRED),
    ("object_query_without_id", EXTENSION, "", 1, 0, REQUIRED),
    (
        "object_replacement",
        "Unexpected response status code: 201",
        "",
        0,
        1,
        "a PUT is answered with 201; a setting",
    ),
    ("object_replacement", EXTENSION, "", 2, 0, REQUIRED),
    ("object_replacement", MORE_IN_ERRORS, UNPARSABLE, 0, 1, "groups are not replaced"),
    ("query_resource_type_by_id", MORE_IN_ERRORS, UNPARSABLE, 2, 2, "a type is not read by its name"),
    ("random_url", MORE_IN_ERRORS, "Endpoint not found.", 1, 1, STRICT),
    ("resource_types_endpoint_methods", "", "", 4, 4, METHODS),
    ("schemas_endpoint_methods", "", "", 4, 4, METHODS),
    ("search_with_attributes", EXTENSION, "", 2, 0, REQUIRED),
    ("search_with_attributes", MORE_IN_ERRORS, UNPARSABLE, 0, 2, "a list is not asked for by POST"),
    ("service_provider_config_endpoint_methods", "", "", 4, 4, METHODS),
];

/// A check that failed.
#[derive(Debug)]
struct Failure {
    check: String,
    reason: String,
    detail: String,
}

/// What it found.
#[derive(Debug, Default)]
struct Report {
    /// How often each check succeeded.
    successes: BTreeMap<String, usize>,
    failures: Vec<Failure>,
}

async fn run(server: &Server, arguments: &[&str]) -> Report {
    let venv =
        std::env::var_os(VENV).expect("set USHER_TEST_VENV, or run `cargo xtask test`, which makes one");
    let output = Command::new(Path::new(&venv).join("bin/python"))
        .args(["-c", LAUNCH, "--url", &server.endpoint])
        .args(arguments)
        .args(["test", "--verbose"])
        .env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", server.token))
        .env("PYTHONHASHSEED", "0")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("Performing"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    report(&text)
}

/// A line for each check, `STATUS name`; what it says of it, indented by two; and, in the last line, what it was about.
fn report(text: &str) -> Report {
    let mut report = Report::default();
    let mut lines = text.lines().skip(1).peekable();
    while let Some(line) = lines.next() {
        let (status, name) = line.split_once(' ').unwrap();
        let mut said = Vec::new();
        while let Some(line) =
            lines.next_if(|line| !line.starts_with("SUCCESS ") && !line.starts_with("ERROR "))
        {
            said.push(line.trim());
        }
        if status == "SUCCESS" {
            *report.successes.entry(name.to_owned()).or_default() += 1;
            continue;
        }
        let reason = said.first().copied().unwrap_or_default().to_owned();
        let detail = said.iter().find_map(|line| line.split_once("'detail': '")?.1.split_once('\''));
        let detail = detail.map(|(detail, _)| detail.to_owned()).unwrap_or_default();
        report.failures.push(Failure { check: name.to_owned(), reason, detail });
    }
    report
}

/// What differs from the list.
fn unreviewed(report: &Report, expected: impl Fn(&Reviewed) -> usize) -> Vec<String> {
    let mut met = vec![0; REVIEWED.len()];
    let mut wrong = Vec::new();
    for failure in &report.failures {
        let is_meant = |(check, reason, detail, ..): &Reviewed| {
            failure.check == *check && failure.reason.starts_with(reason) && failure.detail == *detail
        };
        match REVIEWED.iter().position(|reviewed| expected(reviewed) > 0 && is_meant(reviewed)) {
            Some(at) => met[at] += 1,
            None => wrong.push(format!("{failure:?} is not on the list")),
        }
    }
    for (reviewed, met) in REVIEWED.iter().zip(met) {
        let expected = expected(reviewed);
        if met != expected {
            wrong.push(format!("{reviewed:?} was met {met} times, not {expected} times"));
        }
    }
    wrong
}

#[tokio::test]
async fn e2e_scim2_cli_finds_wrong_what_aws_refuses_and_nothing_else() {
    let server = Server::start().await;
    let believing = run(&server, &[]).await;
    let told = told(&server).await;
    server.stop().await;
    let wrong = unreviewed(&believing, |(_, _, _, n, _, _)| *n);
    assert!(wrong.is_empty(), "believing the schemas:\n{}", wrong.join("\n"));
    let wrong = unreviewed(&told, |(_, _, _, _, n, _)| *n);
    assert!(wrong.is_empty(), "told the truth:\n{}", wrong.join("\n"));
    for (check, at_least) in [
        ("object_creation", 2),
        ("object_query", 2),
        ("object_query_without_id", 2),
        ("check_add_attribute", 15),
        ("check_remove_attribute", 15),
        ("check_replace_attribute", 15),
    ] {
        let n = told.successes.get(check).copied().unwrap_or_default();
        assert!(n >= at_least, "{check} succeeded {n} times: {:?}", told.successes);
    }
}

/// A run with schemas and types as they really are.
async fn told(server: &Server) -> Report {
    let suite = Suite::new(server);
    let directory = tempfile::tempdir().unwrap();
    let mut types = suite.get("/ResourceTypes").await.body["Resources"].take();
    types[0]["schemaExtensions"][0]["required"] = Value::Bool(false);
    let mut schemas = suite.get("/Schemas").await.body["Resources"].take();
    attribute(&mut schemas[0], "displayName")["required"] = Value::Bool(true);
    attribute(&mut schemas[1], "members")["mutability"] = Value::from("readOnly");
    let file = |name: &str, value: &Value| {
        let path = directory.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (types, schemas) = (file("types.json", &types), file("schemas.json", &schemas));
    run(server, &["--resource-types", &types, "--schemas", &schemas]).await
}

fn attribute<'a>(schema: &'a mut Value, name: &str) -> &'a mut Value {
    let attributes = schema["attributes"].as_array_mut().unwrap();
    attributes.iter_mut().find(|attribute| attribute["name"] == name).unwrap()
}
