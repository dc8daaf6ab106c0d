use super::*;
use crate::scim::behaviour::Behaviour;
use crate::scim::rule::Rule;

const FAILS: Behaviour = Behaviour::Fails { status: 500, is_done: false };

/// The statuses of so many reads under a rule.
async fn reads_under(rule: impl Into<Rule>, n: usize) -> Vec<u16> {
    let app = ScimServer::start().await;
    app.behave(rule);
    let mut statuses = Vec::new();
    for _ in 0..n {
        statuses.push(get(&app, "/Users").await.status);
    }
    statuses
}

#[tokio::test]
async fn a_behaviour_shows_at_once_first_or_from_a_request_on() {
    assert_eq!(reads_under(FAILS, 2).await, [500, 500]);
    assert_eq!(reads_under(FAILS.at(2), 3).await, [200, 500, 200]);
    assert_eq!(reads_under(FAILS.first(2), 3).await, [500, 500, 200]);
    assert_eq!(reads_under(Behaviour::Unauthorized.from_nth(2), 3).await, [200, 401, 401]);
}

#[tokio::test]
async fn only_the_requests_that_are_meant_are_counted() {
    let app = ScimServer::start().await;
    app.behave(FAILS.on("POST").at(2));
    create(&app, "ada@x").await;
    assert_eq!(get(&app, "/Users").await.status, 200);
    assert_eq!(create(&app, "bob@x").await.status, 500);
    app.behave(FAILS.about("carla@x"));
    assert_eq!(create(&app, "carla@x").await.status, 500);
    assert_eq!(create(&app, "dora@x").await.status, 201);
    assert_eq!(app.counts().into_iter().collect::<Vec<_>>(), [("GET".to_owned(), 1), ("POST".to_owned(), 4)]);
    assert_eq!((app.count("POST"), app.count("PATCH"), app.writes().len()), (4, 0, 4));
}

#[tokio::test]
async fn groups_or_users_alone_may_be_meant() {
    let app = app_with_group(1, 1).await;
    let rule = app.behave(FAILS.on_groups().from_nth(2));
    assert_eq!(get(&app, "/Users?filter=groups.value%20eq%20%22g%22").await.status, 200);
    assert_eq!(get(&app, "/Groups/g").await.status, 200);
    assert_eq!(get(&app, "/Groups?filter=members.value%20eq%20%22u1%22").await.status, 500);
    assert_eq!(get(&app, "/Groups/g").await.status, 500);
    app.forget(rule);
    app.behave(FAILS.on_users().on("PATCH"));
    let rename = patch(&json!({ "displayName": "Engineers" }));
    assert_eq!(ask(&app, "PATCH", "/Groups/g", Some(&rename)).await.status, 200);
    assert_eq!(ask(&app, "PATCH", "/Users/u1", Some(&rename)).await.status, 500);
}

#[tokio::test]
async fn of_two_failures_the_one_set_first_shows_and_a_rule_can_be_taken_away() {
    let app = ScimServer::start().await;
    let first = app.behave(Behaviour::Forbidden);
    app.behave(FAILS);
    assert_eq!(get(&app, "/Users").await.status, 403);
    app.forget(first);
    assert_eq!(get(&app, "/Users").await.status, 500);
    app.behave_well();
    assert_eq!(get(&app, "/Users").await.status, 200);
}

#[tokio::test]
async fn the_log_tells_what_came_in_the_order_it_came() {
    let app = ScimServer::start().await;
    create(&app, "ada@x").await;
    get(&app, "/Users?count=1").await;
    app.asked(2).await;
    let log = app.log();
    assert_eq!((log[0].method.as_str(), log[0].target.as_str()), ("POST", "/scim/v2/Users"));
    assert_eq!((&log[0].body, log[0].sent), (&user("ada@x"), Some(201)));
    assert_eq!((log[1].target.as_str(), &log[1].body), ("/scim/v2/Users?count=1", &Value::Null));
    app.clear_log();
    get(&app, "/Users").await;
    assert_eq!(app.log()[0].number, 3);
}

#[test]
#[should_panic(expected = "the rule would never show")]
fn a_method_that_does_not_exist_is_no_condition() {
    let _ = FAILS.on("patch");
}
