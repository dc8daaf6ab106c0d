//! A directory taken in at once.

use serde_json::json;
use usher_emulator::workspace::admin::Seeded;

use crate::world::{ADMIN, World, run};

#[test]
fn a_seed_is_taken_in_as_it_is_given() {
    let world = World::new();
    let seed = json!({
        "domains": [{ "domainName": "example.com", "isPrimary": true }, { "domainName": "b.example" }],
        "schemas": [{ "schemaName": "Shop", "fields": [{ "fieldName": "level", "fieldType": "INT64" }] }],
        "organizationUnits": [{ "orgUnitPath": "/A/B" }, { "orgUnitPath": "/A" }],
        "users": [
            { "id": "100000000000000000001", "primaryEmail": "ada@example.com", "orgUnitPath": "/A/B", "suspended": true,
              "name": { "givenName": "Ada", "familyName": "L" }, "suspensionTime": "2025-12-01T00:00:00.000Z",
              "customSchemas": { "Shop": { "level": "1" } }, "aliases": ["al@example.com"] },
            { "primaryEmail": "gone@b.example", "name": { "givenName": "G", "familyName": "O" },
              "deletionTime": "2025-12-30T00:00:00.000Z" },
        ],
        "groups": [{ "email": "all@example.com", "name": "All" }],
        "members": { "all@example.com": [
            { "email": "al@example.com", "role": "OWNER" }, { "email": "x@else.example" }, { "type": "CUSTOMER" },
        ] },
    });
    let seeded = run(world.workspace.seed(seed.to_string().as_bytes())).unwrap();
    let expected = Seeded { domains: 2, schemas: 1, organization_units: 2, users: 2, groups: 1, members: 3 };
    assert_eq!(seeded, expected);
    let ada = world.get("~/users/al@example.com?projection=full").ok();
    assert_eq!(ada["id"], "100000000000000000001");
    assert_eq!(
        (&ada["orgUnitPath"], &ada["suspensionTime"]),
        (&json!("/A/B"), &json!("2025-12-01T00:00:00.000Z"))
    );
    let deleted = world.get("~/users?customer=my_customer&showDeleted=true");
    assert_eq!(deleted.column("users", "primaryEmail"), ["gone@b.example"]);
    assert_eq!(world.get("~/groups/all@example.com/members").column("members", "type").len(), 3);
    assert!(world.events().is_empty());
    run(world.workspace.seed(br#"{"users": [{"primaryEmail": "ada@example.com", "suspended": false}]}"#))
        .unwrap();
    let ada = world.get("~/users/ada@example.com").ok();
    assert_eq!((&ada["id"], &ada["name"]["givenName"]), (&json!("100000000000000000001"), &json!("Ada")));
    assert!(ada.get("suspensionTime").is_none());
}

#[test]
fn a_wrong_seed_changes_nothing() {
    let world = World::new();
    for wrong in [
        r#"{"people": []}"#,
        r#"{"users": [{"primaryEmail": "a@example.com"}, {"primaryEmail": "no"}]}"#,
        r#"{"users": [{"primaryEmail": "a@example.com", "orgUnitPath": "/No"}]}"#,
        r#"{"members": {"no@example.com": []}}"#,
        r#"{"organizationUnits": [{"orgUnitPath": "/A/B"}]}"#,
    ] {
        assert!(run(world.workspace.seed(wrong.as_bytes())).is_err(), "{wrong}");
    }
    assert_eq!(world.get("~/users?customer=my_customer").column("users", "primaryEmail"), [ADMIN]);
}
