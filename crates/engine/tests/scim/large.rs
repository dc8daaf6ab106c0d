//! The main job at its size: 10,000 people and 1,000 groups into a server that others wrote.

use std::process::Command;

use serde_json::Value;
use usher_engine::import::Import;
use usher_model::operation::Kind;
use usher_testkit::proxy::Proxy;
use usher_testkit::scim2_server::Scim2Server;

use crate::world::{World, count, did};

/// Writes a made-up directory and returns the facts about it.
fn directory(users: usize, file: &std::path::Path) -> Value {
    let made = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "directory",
            "--groups",
            "1000",
            "--seed",
            "7",
            "--print-facts",
        ])
        .args(["--users", &users.to_string(), "--out"])
        .arg(file)
        .output()
        .unwrap();
    let facts = String::from_utf8(made.stderr).unwrap();
    assert!(made.status.success(), "{facts}");
    serde_json::from_str(facts.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn e2e_ten_thousand_people_go_in_with_one_post_each_and_a_second_run_writes_nothing() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("directory.json");
    let facts = directory(10_000, &file);
    let server = Scim2Server::start();
    let proxy = Proxy::start(&server.endpoint("t")).await;
    let world = World::new().await;
    world.import_file(&file, Import::default()).await;
    world.connect(&proxy.endpoint(), server.token()).await;
    let before = proxy.requests().len();

    let first = world.sync().await;
    let entitled = facts["active_primary_not_guest"].as_u64().unwrap();
    let created = count(&first, Kind::Create);
    assert_eq!(created + first.n_failures, entitled, "{first:?}");
    assert_eq!(u64::try_from(proxy.count("POST")).unwrap(), created);
    assert_eq!(proxy.count("PATCH") + proxy.count("PUT") + proxy.count("DELETE"), 0);
    let reads = proxy.count("GET") - before;
    assert!(
        reads <= 3,
        "an app that listed empty is asked nothing about single people, and was asked {reads} times"
    );
    assert_eq!(u64::try_from(server.users("t").await.len()).unwrap(), created);

    let n_requests = proxy.requests().len();
    let second = world.sync().await;
    assert_eq!((did(&second).as_str(), proxy.requests().len() - n_requests), ("nothing", 0));
}
