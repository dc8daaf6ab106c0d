//! The request log and the faults.

use super::browser::{Browser, Filled};
use crate::world::{World, person};

async fn at<'a>(world: &'a World, page: &str) -> Browser<'a> {
    Browser::at(world, &format!("/console/instances/{}/{page}", world.tenant)).await
}

fn fields<'a>(fields: &'a [(&'a str, &'a str)]) -> Filled<'a> {
    Filled { fields, file: None }
}

#[tokio::test]
async fn requests_are_logged_with_their_bodies_and_without_secrets() {
    let world = World::new();
    world.user("ada@example.com").await;
    let with_password = person("bo@example.com").replacen('{', r#"{"password":"s3cret-word","#, 1);
    assert_eq!(world.post_user(&with_password).await.status, 400);
    let mut browser = at(&world, "requests").await;
    assert_eq!(browser.texts("tbody .status"), ["400", "201"], "newest first");
    browser.press("Find", fields(&[("q", "ADA@"), ("failed", "")])).await;
    browser.click("1").await;
    assert_eq!(browser.heading(), "Request 1 201");
    let bodies = browser.texts("pre");
    assert!(bodies[0].contains("ada@example.com") && bodies[1].contains("\"id\""), "{bodies:?}");
    browser.visit(&format!("/console/instances/{}/requests/2", world.tenant)).await;
    assert!(browser.text.contains("bo@example.com"));
    for secret in ["s3cret-word", world.token.as_str()] {
        assert!(!browser.text.contains(secret), "{}", browser.text);
    }
}

#[tokio::test]
async fn the_log_is_read_backwards_and_forgotten() {
    let world = World::new();
    for n in 0..60 {
        world.user(&format!("person-{n}@example.com")).await;
    }
    let mut browser = at(&world, "requests").await;
    assert_eq!(browser.texts("tbody th")[0], "60");
    browser.click("Older requests").await;
    assert_eq!(browser.texts("tbody th"), (1..=10).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    browser.press("Clear the log", Filled::default()).await;
    assert!(browser.text.contains("There were no requests yet."));
    browser.visit(&format!("/console/instances/{}/requests/60", world.tenant)).await;
    assert_eq!(browser.status, 404);
}

#[tokio::test]
async fn a_fault_that_is_switched_on_happens_and_one_that_is_switched_off_does_not() {
    let world = World::new();
    let mut browser = at(&world, "faults").await;
    let rule = [("fault", "server-error"), ("operation", "ListUsers"), ("when", "always")];
    browser.press("Switch on", fields(&rule)).await;
    assert_eq!(browser.texts("tbody th"), ["500: not carried out"]);
    assert_eq!(world.scim("GET", "/Users", "").await.status, 500);
    assert_eq!(world.post_user(&person("ada@example.com")).await.status, 201, "another operation");
    browser.visit(&format!("/console/instances/{}/faults", world.tenant)).await;
    assert_eq!(browser.texts("tbody .figure"), ["1", "1"]);
    browser.press("Switch off: 500: not carried out", Filled::default()).await;
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200);
    assert!(browser.text.contains("Nothing goes wrong."));
}

#[tokio::test]
async fn every_fault_can_be_switched_on_from_its_form() {
    let world = World::new();
    let mut browser = at(&world, "faults").await;
    let edit = r#"{"kind": "disable-user", "user": "ada@example.com"}"#;
    let faults: [&[(&str, &str)]; 13] = [
        &[("fault", "lost-answer"), ("when", "next"), ("next", "2")],
        &[("fault", "lost-request"), ("when", "every"), ("every", "10")],
        &[("fault", "too-many-requests"), ("when", "at"), ("at", "4")],
        &[("fault", "too-many-requests"), ("retry-after", "3")],
        &[("fault", "too-many-requests-until"), ("until", "3")],
        &[("fault", "server-error"), ("when", "chance"), ("per-mille", "30"), ("seed", "7")],
        &[("fault", "slow"), ("millis", "300")],
        &[("fault", "stale-read")],
        &[("fault", "stale-read"), ("stale", "5")],
        &[("fault", "short-page"), ("most", "0")],
        &[("fault", "bad-request-with-effect")],
        &[("fault", "no-effect")],
        &[("fault", "edit"), ("edit", edit)],
    ];
    for (n, rule) in faults.into_iter().enumerate() {
        browser.press("Switch on", fields(rule)).await;
        assert_eq!((browser.alert().as_str(), browser.texts("tbody th").len()), ("", n + 1));
    }
    let offered = browser.texts("input[name=fault]").len();
    let switched_on: std::collections::BTreeSet<_> =
        world.center.faults(&world.tenant).unwrap().iter().map(|fault| fault.rule.fault.name()).collect();
    assert_eq!(switched_on.len(), offered, "the form offers every fault: {switched_on:?}");
    browser.press("Switch all off", Filled::default()).await;
    assert_eq!(world.center.faults(&world.tenant).unwrap(), []);
}

#[tokio::test]
async fn a_form_that_lacks_something_says_what_and_switches_nothing_on() {
    let world = World::new();
    let mut browser = at(&world, "faults").await;
    let wrong: [(&[(&str, &str)], &str); 6] = [
        (&[], "Choose what happens"),
        (&[("fault", "slow")], "Fill in “Milliseconds”"),
        (&[("fault", "slow"), ("millis", "-1")], "“Milliseconds” is not a whole number"),
        (&[("fault", "no-effect"), ("when", "next")], "Fill in “The next so many”"),
        (&[("fault", "no-effect"), ("when", "chance"), ("per-mille", "1001")], "more than 1,000"),
        (&[("fault", "edit"), ("edit", "{}")], "The edit by another hand"),
    ];
    for (rule, why) in wrong {
        browser.press("Switch on", fields(rule)).await;
        assert_eq!(browser.status, 400);
        assert!(browser.alert().contains(why), "{}", browser.alert());
    }
    assert_eq!(world.center.faults(&world.tenant).unwrap(), []);
}
