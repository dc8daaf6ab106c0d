//! Members of groups.

use serde_json::{Value, json};

use crate::world::{World, refused};

fn nested() -> World {
    let world = World::new();
    for name in ["ada", "ben", "cyd"] {
        world.user(name);
    }
    for name in ["top", "mid", "low"] {
        world.group(name);
    }
    let add =
        |group: &str, body: Value| world.post(&format!("~/groups/{group}@example.com/members"), &body).ok();
    add("top", json!({ "email": "ada@example.com", "role": "OWNER" }));
    add("top", json!({ "email": "mid@example.com" }));
    add("mid", json!({ "email": "ben@example.com", "role": "MANAGER" }));
    add("mid", json!({ "email": "low@example.com" }));
    add("low", json!({ "email": "cyd@example.com" }));
    add("low", json!({ "email": "guest@else.example" }));
    world
}

#[test]
fn members_have_a_kind_a_role_and_a_status() {
    let world = nested();
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    let of = |group: &str, email: &str| {
        let answer = world.get(&format!("~/groups/{group}@example.com/members/{email}")).ok();
        ["type", "role", "status"].map(|name| answer[name].as_str().unwrap().to_owned())
    };
    assert_eq!(of("top", "ada@example.com"), ["USER", "OWNER", "SUSPENDED"]);
    assert_eq!(of("top", "mid@example.com"), ["GROUP", "MEMBER", "ACTIVE"]);
    assert_eq!(of("low", "guest@else.example"), ["EXTERNAL", "MEMBER", "ACTIVE"]);
    let customer = world.get("~/customers/my_customer").ok()["id"].clone();
    let member = world.post("~/groups/low@example.com/members", &json!({ "id": customer })).ok();
    assert_eq!((&member["type"], member.get("email")), (&json!("CUSTOMER"), None));
    assert_eq!(world.get("~/groups/low@example.com").ok()["directMembersCount"], "3");
}

#[test]
fn members_are_listed_directly_by_role_and_derived() {
    let world = nested();
    let emails = |target: &str| {
        let mut emails = world.get(target).column("members", "email");
        emails.sort();
        emails
    };
    assert_eq!(emails("~/groups/top@example.com/members"), ["ada@example.com", "mid@example.com"]);
    assert_eq!(emails("~/groups/top@example.com/members?roles=OWNER,MANAGER"), ["ada@example.com"]);
    let derived = emails("~/groups/top@example.com/members?includeDerivedMembership=true");
    assert_eq!(derived.len(), 6);
    let page = world.get("~/groups/top@example.com/members?includeDerivedMembership=true&maxResults=4");
    let token = page.ok()["nextPageToken"].as_str().unwrap().to_owned();
    let rest = format!(
        "~/groups/top@example.com/members?includeDerivedMembership=true&maxResults=4&pageToken={token}"
    );
    assert_eq!(world.get(&rest).column("members", "email").len(), 2);
}

#[test]
fn large_groups_have_pages_of_two_hundred() {
    let world = World::new();
    let user = |n: usize| json!({ "primaryEmail": format!("u{n}@example.com"), "name": { "givenName": "a", "familyName": "b" } });
    let member = |n: usize| json!({ "email": format!("u{n}@example.com") });
    world.seed(&json!({
        "users": (0..401).map(user).collect::<Vec<_>>(),
        "groups": [{ "email": "all@example.com" }],
        "members": { "all@example.com": (0..401).map(member).collect::<Vec<_>>() },
    }));
    let (mut sizes, mut token) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("~/groups/all@example.com/members?maxResults=500{token}"));
        sizes.push(page.column("members", "id").len());
        match page.ok()["nextPageToken"].as_str() {
            Some(next) => token = format!("&pageToken={next}"),
            None => break,
        }
    }
    assert_eq!(sizes, [200, 200, 1]);
}

#[test]
fn cycles_are_refused() {
    let world = nested();
    let cyclic = refused(412, "conditionNotMet", "Cyclic memberships not allowed");
    for (group, member) in [("low", "top"), ("mid", "top"), ("low", "low")] {
        let body = json!({ "email": format!("{member}@example.com") });
        assert_eq!(world.post(&format!("~/groups/{group}@example.com/members"), &body).refusal(), cyclic);
    }
    world.post("~/groups/top@example.com/members", &json!({ "email": "low@example.com" })).ok();
}

#[test]
fn membership_is_asked_after_directly_and_by_way_of_groups() {
    let world = nested();
    let is_member = |group: &str, member: &str| {
        world.get(&format!("~/groups/{group}@example.com/hasMember/{member}")).ok()["isMember"]
            .as_bool()
            .unwrap()
    };
    assert!(is_member("top", "cyd@example.com") && is_member("low", "cyd@example.com"));
    assert!(!is_member("low", "ada@example.com"));
    let invalid = refused(400, "invalid", "Invalid Input: memberKey");
    assert_eq!(world.get("~/groups/low@example.com/hasMember/guest@else.example").refusal(), invalid);
    let missing = refused(404, "notFound", "Resource Not Found: memberKey");
    assert_eq!(world.get("~/groups/low@example.com/hasMember/no@example.com").refusal(), missing);
}

#[test]
fn members_are_changed_and_taken_out() {
    let world = nested();
    let target = "~/groups/top@example.com/members/ada@example.com";
    let body = json!({ "email": "ada@example.com" });
    let again = world.post("~/groups/top@example.com/members", &body).refusal();
    assert_eq!(again, refused(409, "duplicate", "Member already exists."));
    assert_eq!(world.put(target, &json!({ "role": "MEMBER" })).ok()["role"], "MEMBER");
    assert_eq!(
        world.patch(target, &json!({ "delivery_settings": "DIGEST" })).ok()["delivery_settings"],
        "DIGEST"
    );
    assert_eq!(world.patch(target, &json!({ "role": "KING" })).refusal().0, 400);
    assert_eq!(world.delete(target).status, 204);
    let missing = refused(404, "notFound", "Resource Not Found: memberKey");
    assert_eq!(world.delete(target).refusal(), missing);
    assert_eq!(
        world.post("~/groups/top@example.com/members", &json!({ "email": "no@example.com" })).refusal(),
        missing
    );
    assert_eq!(world.events()[..2], ["REMOVE_GROUP_MEMBER", "UPDATE_GROUP_MEMBER"]);
}
