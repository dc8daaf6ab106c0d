//! Users made, changed, deleted and restored.

use std::time::Duration;

use serde_json::{Value, json};
use usher_emulator::exchange::Request;

use crate::world::{ADMIN, SCOPES, World, refused, run};

#[test]
fn a_new_user_is_as_google_shows_one() {
    let world = World::new();
    let body = json!({
        "primaryEmail": "Ada@Example.com",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "password": "5f4dcc3b5aa765d61d8327deb882cf99",
        "hashFunction": "MD5",
        "phones": [{ "value": "+1", "type": "work" }],
    });
    let user = world.post("~/users?resolveConflictAccount=true", &body).ok();
    let id = user["id"].as_str().unwrap();
    assert_eq!(id.len(), 21);
    assert!(id.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(user["primaryEmail"], "ada@example.com");
    assert_eq!(user["name"]["fullName"], "Ada Lovelace");
    assert_eq!(user["orgUnitPath"], "/");
    assert_eq!(user["creationTime"], "2026-01-02T03:04:05.160Z");
    assert_eq!(user["lastLoginTime"], "1970-01-01T00:00:00.000Z");
    assert_eq!(user["emails"], json!([{ "address": "ada@example.com", "primary": true }]));
    for absent in
        ["password", "hashFunction", "aliases", "suspensionReason", "suspensionTime", "deletionTime"]
    {
        assert!(user.get(absent).is_none(), "{absent}");
    }
    for key in ["ada@example.com", "ADA%40example.com", id] {
        assert_eq!(world.get(&format!("~/users/{key}")).ok(), user);
    }
}

#[test]
fn what_cannot_be_a_user_is_refused_in_google_s_words() {
    let world = World::new();
    let with = |changes: Value| {
        let mut body = json!({
            "primaryEmail": "ada@example.com",
            "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "password": "correct horse",
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        world.post("~/users", &body).refusal()
    };
    assert_eq!(with(json!({ "primaryEmail": ADMIN })), refused(409, "duplicate", "Entity already exists."));
    assert_eq!(
        with(json!({ "primaryEmail": "x" })),
        refused(400, "invalid", "Invalid Input: primary_user_email")
    );
    assert_eq!(
        with(json!({ "primaryEmail": "a@else.example" })),
        refused(404, "notFound", "Domain not found.")
    );
    assert_eq!(with(json!({ "password": "short" })), refused(400, "invalid", "Invalid Password"));
    assert_eq!(
        with(json!({ "name": { "givenName": "Ada", "familyName": "x".repeat(61) } })),
        refused(400, "invalid", "Invalid Given/Family Name: FamilyName")
    );
    assert_eq!(
        with(json!({ "orgUnitPath": "/No" })),
        refused(400, "invalid", "Invalid Input: INVALID_OU_ID")
    );
    assert_eq!(with(json!({ "suspended": "perhaps" })).0, 400);
    let unknown = "Invalid JSON payload received. Unknown name \"nickname\": Cannot find field.";
    assert_eq!(with(json!({ "nickname": "A" })), refused(400, "badRequest", unknown));
}

#[test]
fn a_user_who_is_not_there_has_one_of_three_answers() {
    let world = World::new();
    let missing = refused(404, "notFound", "Resource Not Found: userKey");
    assert_eq!(world.get("~/users/nobody@example.com").refusal(), missing);
    assert_eq!(world.get("~/users/100000000000000000000").refusal(), missing);
    let elsewhere = refused(403, "forbidden", "Not Authorized to access this resource/api");
    assert_eq!(world.get("~/users/a@else.example").refusal(), elsewhere);
    let kind = refused(400, "badRequest", "Type not supported: userKey");
    assert_eq!(world.get("~/users/nobody").refusal(), kind);
}

#[test]
fn update_keeps_what_is_absent_clears_what_is_null_and_replaces_lists() {
    let world = World::new();
    world.user("ada");
    let lists = json!({
        "phones": [{ "value": "+1" }, { "value": "+2" }],
        "keywords": [{ "value": "k" }],
        "recoveryEmail": "x@else.example",
    });
    world.put("~/users/ada@example.com", &lists).ok();
    let user = world.put("~/users/ada@example.com", &json!({ "phones": [{ "value": "+3" }] })).ok();
    assert_eq!(user["phones"], json!([{ "value": "+3" }]));
    assert_eq!(user["keywords"], json!([{ "value": "k" }]));
    let user =
        world.patch("~/users/ada@example.com", &json!({ "keywords": null, "recoveryEmail": null })).ok();
    assert_eq!(user["keywords"], json!([{ "value": "k" }]), "PATCH clears no list");
    assert!(user.get("recoveryEmail").is_none());
    let user = world.put("~/users/ada@example.com", &json!({ "keywords": null, "phones": [] })).ok();
    assert!(user.get("keywords").is_none() && user.get("phones").is_none());
    let user = world.put("~/users/ada@example.com", &json!({ "name": { "familyName": "King" } })).ok();
    assert_eq!(user["name"], json!({ "givenName": "ada", "familyName": "King", "fullName": "ada King" }));
    let read_only =
        json!({ "isAdmin": true, "creationTime": "2000-01-01T00:00:00.000Z", "suspensionTime": "x" });
    let again = world.put("~/users/ada@example.com", &read_only).ok();
    assert_eq!(again, user);
}

#[test]
fn suspending_and_archiving_leave_their_times() {
    let world = World::new();
    world.user("ada");
    world.clock.advance(Duration::from_secs(5));
    let user = world.put("~/users/ada@example.com", &json!({ "suspended": true, "archived": true })).ok();
    assert_eq!(user["suspensionTime"], "2026-01-02T03:04:10.160Z");
    assert_eq!(user["archivalTime"], "2026-01-02T03:04:10.160Z");
    assert_eq!(user["suspensionReason"], "ADMIN");
    world.clock.advance(Duration::from_secs(5));
    let again = world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    assert_eq!(again["suspensionTime"], user["suspensionTime"], "suspended already");
    let user = world.patch("~/users/ada@example.com", &json!({ "suspended": false, "archived": false })).ok();
    for absent in ["suspensionTime", "suspensionReason", "archivalTime"] {
        assert!(user.get(absent).is_none(), "{absent}");
    }
    let names = ["UNARCHIVE_USER", "UNSUSPEND_USER", "ARCHIVE_USER", "SUSPEND_USER", "CREATE_USER"];
    let mut events = world.events();
    events.sort();
    let mut names = names.map(str::to_owned);
    names.sort();
    assert_eq!(events, names);
}

#[test]
fn a_rename_keeps_the_id_and_leaves_an_alias() {
    let world = World::new();
    let id = world.user("ada");
    let user = world.put("~/users/ada@example.com", &json!({ "primaryEmail": "countess@example.com" })).ok();
    assert_eq!(user["id"], id.as_str());
    assert_eq!(user["aliases"], json!(["ada@example.com"]));
    assert_eq!(world.get("~/users/ada@example.com").ok(), user);
    let back = world.put("~/users/ada@example.com", &json!({ "primaryEmail": "ada@example.com" })).ok();
    assert_eq!(back["aliases"], json!(["countess@example.com"]));
    let taken = json!({ "primaryEmail": ADMIN });
    assert_eq!(world.put("~/users/ada@example.com", &taken).refusal().0, 409);
    assert_eq!(world.events()[0], "RENAME_USER");
}

#[test]
fn a_deleted_user_is_there_for_twenty_days() {
    let world = World::new();
    let id = world.user("ada");
    let group = world.group("team");
    world.post(&format!("~/groups/{group}/members"), &json!({ "email": "ada@example.com" })).ok();
    assert_eq!(world.delete("~/users/ada@example.com").status, 204);
    assert_eq!(world.get(&format!("~/users/{id}")).status, 404);
    assert!(world.get(&format!("~/groups/{group}/members")).ok().get("members").is_none());
    let list = world.get("~/users?customer=my_customer&showDeleted=True");
    assert_eq!(list.column("users", "deletionTime"), ["2026-01-02T03:04:05.160Z"]);
    let by_address = world.post("~/users/ada@example.com/undelete", &json!({ "orgUnitPath": "/" }));
    assert_eq!(by_address.refusal(), refused(400, "badRequest", "Type not supported: userKey"));
    let other = world.user("ada");
    assert_ne!(other, id, "an id is never used again");
    let undelete = format!("~/users/{id}/undelete");
    assert_eq!(
        world.post(&undelete, &json!({ "orgUnitPath": "/" })).refusal().0,
        409,
        "the address is taken"
    );
    world.delete(&format!("~/users/{other}"));
    assert_eq!(world.post(&undelete, &json!({ "orgUnitPath": "/" })).status, 204);
    assert_eq!(world.get("~/users/ada@example.com").ok()["id"], id.as_str());
    let unknown = world.post("~/users/100000000000000000000/undelete", &json!({}));
    assert_eq!((unknown.status, unknown.refusal().1.as_str()), (412, "conditionNotMet"));
    let deleted = |world: &World| {
        let token = run(world.workspace.access_token(ADMIN, &SCOPES)).unwrap();
        let target =
            format!("/admin/directory/v1/users?customer=my_customer&showDeleted=true&access_token={token}");
        world.raw(Request::new("GET", &target)).column("users", "id")
    };
    world.clock.advance(Duration::from_hours(24 * 20) - Duration::from_micros(1));
    assert_eq!(deleted(&world), [other.as_str()]);
    world.clock.advance(Duration::from_micros(1));
    assert!(deleted(&world).is_empty());
}

#[test]
fn custom_fields_are_held_to_their_schema() {
    let world = World::new();
    world.user("ada");
    let schema = json!({
        "schemaName": "Shop", "displayName": "Shop",
        "fields": [
            { "fieldName": "level", "fieldType": "INT64" },
            { "fieldName": "tags", "fieldType": "STRING", "multiValued": true },
        ],
    });
    world.post("~/customer/my_customer/schemas", &schema).ok();
    let body = json!({ "customSchemas": { "Shop": { "level": 3, "tags": [{ "value": "a" }] } } });
    world.put("~/users/ada@example.com", &body).ok();
    let shop = json!({ "Shop": { "level": "3", "tags": [{ "type": "work", "value": "a" }] } });
    assert_eq!(world.get("~/users/ada@example.com?projection=full").ok()["customSchemas"], shop);
    assert!(world.get("~/users/ada@example.com").ok().get("customSchemas").is_none());
    let of = |mask: &str| {
        world.get(&format!("~/users/ada@example.com?projection=custom&customFieldMask={mask}")).ok()
    };
    assert_eq!(of("Shop,Other")["customSchemas"], shop);
    assert!(of("Other").get("customSchemas").is_none());
    for wrong in [json!({ "Shop": { "level": "x" } }), json!({ "Shop": { "no": 1 } }), json!({ "No": {} })] {
        let answer = world.put("~/users/ada@example.com", &json!({ "customSchemas": wrong }));
        assert_eq!(answer.refusal(), refused(400, "invalid", "Invalid Input: custom_schema"));
    }
    world.put("~/users/ada@example.com", &json!({ "customSchemas": { "Shop": { "level": null } } })).ok();
    assert_eq!(of("Shop")["customSchemas"]["Shop"], json!({ "tags": [{ "type": "work", "value": "a" }] }));
}

#[test]
fn a_user_who_is_being_made_is_not_changed_yet() {
    let world = World::new();
    world.set(|settings| settings.user_creation_seconds = 60);
    world.user("ada");
    let answer = world.put("~/users/ada@example.com", &json!({ "suspended": true }));
    assert_eq!(answer.refusal(), refused(412, "conditionNotMet", "User creation is not complete."));
    world.clock.advance(Duration::from_mins(1));
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
}
