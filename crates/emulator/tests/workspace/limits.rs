//! Quotas.

use std::time::Duration;

use serde_json::json;
use usher_emulator::workspace::settings::Settings;

use crate::world::{World, refused};

#[test]
fn a_user_has_so_many_queries_a_minute() {
    let world = World::with(Settings { queries_per_minute: Some(3), ..Settings::default() });
    let ask = |by: &str| world.get(&format!("~/users?customer=my_customer&maxResults=1{by}")).status;
    assert_eq!([ask(""), ask(""), ask(""), ask("")], [200, 200, 200, 403]);
    let refusal = world.get("~/users?customer=my_customer").refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (403, "userRateLimitExceeded"));
    assert_eq!(ask("&quotaUser=other"), 200);
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(ask(""), 200);
}

#[test]
fn ten_users_are_made_in_a_second_and_one_unit() {
    let world = World::with(Settings::default());
    for n in 0..10 {
        world.user(&format!("u{n}"));
    }
    let body = json!({
        "primaryEmail": "x@example.com", "name": { "givenName": "a", "familyName": "b" }, "password": "correct horse",
    });
    let quota = refused(403, "quotaExceeded", "Quota exceeded for the current request");
    assert_eq!(world.post("~/users", &body).refusal(), quota);
    let unit = |name: &str| {
        world
            .post("~/customer/my_customer/orgunits", &json!({ "name": name, "parentOrgUnitPath": "/" }))
            .status
    };
    assert_eq!([unit("A"), unit("B")], [200, 403]);
    world.clock.advance(Duration::from_secs(1));
    world.post("~/users", &body).ok();
    assert_eq!(unit("B"), 200);
}
