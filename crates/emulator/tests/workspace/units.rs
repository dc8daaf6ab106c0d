//! Organizational units, domains, schemas.

use serde_json::json;

use crate::world::{World, refused};

fn with_units() -> World {
    let world = World::new();
    let unit = |name: &str, parent: &str| {
        let body = json!({ "name": name, "parentOrgUnitPath": parent });
        world.post("~/customer/my_customer/orgunits", &body).ok()
    };
    unit("Corp", "/");
    unit("Sales", "/Corp");
    unit("North Sea", "/Corp/Sales");
    unit("Labs", "/");
    world.user("ada");
    world.put("~/users/ada@example.com", &json!({ "orgUnitPath": "/Corp/Sales/North Sea" })).ok();
    world
}

#[test]
fn units_are_listed_as_they_are_asked_for() {
    let world = with_units();
    let paths = |query: &str| {
        world
            .get(&format!("~/customer/my_customer/orgunits?{query}"))
            .column("organizationUnits", "orgUnitPath")
    };
    assert_eq!(paths("type=all"), ["/Corp", "/Corp/Sales", "/Corp/Sales/North Sea", "/Labs"]);
    assert_eq!(paths("type=allIncludingParent").len(), 5);
    assert_eq!(paths(""), ["/Corp", "/Labs"]);
    assert_eq!(paths("type=children&orgUnitPath=/Corp"), ["/Corp/Sales"]);
    assert_eq!(paths("type=all&orgUnitPath=Corp"), ["/Corp/Sales", "/Corp/Sales/North Sea"]);
    assert!(paths("orgUnitPath=/Labs").is_empty());
    let missing = refused(404, "notFound", "Org unit not found");
    assert_eq!(world.get("~/customer/my_customer/orgunits?orgUnitPath=/No").refusal(), missing);
}

#[test]
fn a_unit_that_is_moved_or_renamed_takes_everybody_along() {
    let world = with_units();
    let body = json!({ "name": "Trade", "parentOrgUnitPath": "/Labs" });
    let unit = world.put("~/customer/my_customer/orgunits/Corp/Sales", &body).ok();
    assert_eq!((&unit["orgUnitPath"], &unit["parentOrgUnitPath"]), (&json!("/Labs/Trade"), &json!("/Labs")));
    assert_eq!(world.get("~/users/ada@example.com").ok()["orgUnitPath"], "/Labs/Trade/North Sea");
    let id = unit["orgUnitId"].as_str().unwrap();
    assert_eq!(world.get(&format!("~/customer/my_customer/orgunits/{id}")).ok()["name"], "Trade");
    assert_eq!(world.get("~/customer/my_customer/orgunits/Labs/Trade/North%20Sea").ok()["name"], "North Sea");
    assert_eq!(world.get("~/customer/my_customer/orgunits/Labs%2FTrade").ok()["name"], "Trade");
    let below = json!({ "parentOrgUnitPath": "/Labs/Trade" });
    assert_eq!(world.put("~/customer/my_customer/orgunits/Labs", &below).refusal().0, 400);
    assert_eq!(world.events()[..2], ["EDIT_ORG_UNIT_NAME", "MOVE_ORG_UNIT"]);
}

#[test]
fn a_unit_is_deleted_once_it_is_empty() {
    let world = with_units();
    let delete = |path: &str| world.delete(&format!("~/customer/my_customer/orgunits/{path}"));
    assert_eq!(delete("Corp").refusal().1, "conditionNotMet");
    assert_eq!(delete("Corp/Sales/North%20Sea").refusal().0, 412);
    assert_eq!(delete("Labs").status, 204);
    assert_eq!(delete("Labs").refusal(), refused(404, "notFound", "Org unit not found"));
    let twice = json!({ "name": "corp", "parentOrgUnitPath": "/" });
    let twice = world.post("~/customer/my_customer/orgunits", &twice).refusal();
    assert_eq!(twice, refused(400, "invalid", "Invalid Ou Id"));
    let orphan =
        world.post("~/customer/my_customer/orgunits", &json!({ "name": "x", "parentOrgUnitPath": "/no" }));
    assert_eq!(orphan.refusal(), refused(400, "invalid", "Invalid Parent Orgunit Id"));
}

#[test]
fn names_that_stand_for_a_domain_give_addresses_that_nobody_edits() {
    let world = World::new();
    world.seed(&json!({ "domains": [
        { "domainName": "example.com", "isPrimary": true, "domainAliases": [{ "domainAliasName": "example.net" }] },
        { "domainName": "second.example" },
    ] }));
    world.user("ada");
    let user = world.get("~/users/ada@example.net").ok();
    assert_eq!(user["nonEditableAliases"], json!(["ada@example.net"]));
    let domains = world.get("~/customer/my_customer/domains");
    assert_eq!(domains.column("domains", "domainName"), ["example.com", "second.example"]);
    assert_eq!(domains.ok()["domains"][0]["isPrimary"], true);
    assert_eq!(
        world.get("~/customer/my_customer/domainaliases").column("domainAliases", "domainAliasName"),
        ["example.net"]
    );
    assert_eq!(world.get("~/customer/my_customer/domains/no.example").refusal().0, 404);
}

#[test]
fn a_schema_keeps_the_ids_of_its_fields() {
    let world = World::new();
    let body = json!({ "schemaName": "Shop", "displayName": "Shop", "fields": [
        { "fieldName": "level", "fieldType": "INT64" },
    ] });
    let made = world.post("~/customer/my_customer/schemas", &body).ok();
    assert_eq!(world.post("~/customer/my_customer/schemas", &body).refusal().0, 409);
    let more = json!({ "fields": [
        { "fieldName": "level", "fieldType": "INT64" }, { "fieldName": "since", "fieldType": "DATE" },
    ] });
    let changed = world.patch("~/customer/my_customer/schemas/Shop", &more).ok();
    assert_eq!(changed["fields"][0]["fieldId"], made["fields"][0]["fieldId"]);
    let id = made["schemaId"].as_str().unwrap();
    assert_eq!(world.get(&format!("~/customer/my_customer/schemas/{id}")).ok(), changed);
    let wrong = json!({ "fields": [{ "fieldName": "x", "fieldType": "COLOUR" }] });
    assert_eq!(world.patch("~/customer/my_customer/schemas/Shop", &wrong).refusal().0, 400);
    assert_eq!(world.delete("~/customer/my_customer/schemas/Shop").status, 204);
    assert!(world.get("~/customer/my_customer/schemas").ok().get("schemas").is_none());
}
