//! Groups and their aliases.

use serde_json::json;

use crate::world::{World, refused};

#[test]
fn a_group_is_made_renamed_and_deleted() {
    let world = World::new();
    let id = world.group("team");
    let group = world.get("~/groups/team@example.com").ok();
    assert_eq!(group["id"], id.as_str());
    assert_eq!((&group["name"], &group["directMembersCount"]), (&json!("team"), &json!("0")));
    assert_eq!(world.post("~/groups", &json!({ "email": "team@example.com" })).refusal().0, 409);
    let renamed =
        world.put("~/groups/team@example.com", &json!({ "email": "crew@example.com", "name": "Crew" })).ok();
    assert_eq!((&renamed["id"], &renamed["aliases"]), (&json!(id), &json!(["team@example.com"])));
    let kept = world.patch(&format!("~/groups/{id}"), &json!({ "description": "d" })).ok();
    assert_eq!((&kept["name"], &kept["description"]), (&json!("Crew"), &json!("d")));
    assert_eq!(world.delete("~/groups/team@example.com").status, 204);
    assert_eq!(
        world.get("~/groups/crew@example.com").refusal(),
        refused(404, "notFound", "Resource Not Found: groupKey")
    );
    assert_eq!(world.events()[0], "DELETE_GROUP");
}

#[test]
fn groups_are_listed_by_customer_domain_member_and_query() {
    let world = World::new();
    for n in 0..201 {
        world.group(&format!("g{n:03}"));
    }
    world.user("ada");
    world.post("~/groups/g007@example.com/members", &json!({ "email": "ada@example.com" })).ok();
    world.patch("~/groups/g008@example.com", &json!({ "name": "AWS Admins" })).ok();
    let first = world.get("~/groups?customer=my_customer");
    assert_eq!(first.column("groups", "email").len(), 200);
    let token = first.ok()["nextPageToken"].as_str().unwrap().to_owned();
    let second = world.get(&format!("~/groups?customer=my_customer&pageToken={token}"));
    assert_eq!(second.column("groups", "email"), ["g200@example.com"]);
    let emails = |query: &str| world.get(&format!("~/groups?{query}")).column("groups", "email");
    assert_eq!(emails("userKey=ada@example.com"), ["g007@example.com"]);
    assert_eq!(emails("userKey=ada@example.com&domain=example.com"), ["g007@example.com"]);
    assert_eq!(emails("customer=my_customer&query=memberKey%3Dada@example.com"), ["g007@example.com"]);
    assert_eq!(emails("customer=my_customer&query=name:AWS*"), ["g008@example.com"]);
    assert_eq!(emails("customer=my_customer&query=email:g00*").len(), 10);
    assert_eq!(
        emails("domain=example.com&orderBy=email&sortOrder=DESCENDING&maxResults=1"),
        ["g200@example.com"]
    );
    assert_eq!(world.get("~/groups").refusal().0, 400);
    assert_eq!(world.get("~/groups?customer=my_customer&userKey=ada@example.com").refusal().0, 400);
}

#[test]
fn aliases_lead_to_their_owner_and_are_nobody_else_s() {
    let world = World::new();
    world.user("ada");
    world.group("team");
    world.post("~/users/ada@example.com/aliases", &json!({ "alias": "countess@example.com" })).ok();
    world.post("~/groups/team@example.com/aliases", &json!({ "alias": "crew@example.com" })).ok();
    let taken = json!({ "alias": "crew@example.com" });
    assert_eq!(world.post("~/users/ada@example.com/aliases", &taken).refusal().0, 409);
    let list = world.get("~/users/countess@example.com/aliases").ok();
    assert_eq!(list["aliases"][0]["alias"], "countess@example.com");
    assert_eq!(world.get("~/groups/crew@example.com").ok()["email"], "team@example.com");
    assert_eq!(world.delete("~/users/ada@example.com/aliases/countess@example.com").status, 204);
    assert_eq!(world.delete("~/users/ada@example.com/aliases/countess@example.com").refusal().0, 404);
    assert!(world.get("~/users/ada@example.com/aliases").ok().get("aliases").is_none());
}
