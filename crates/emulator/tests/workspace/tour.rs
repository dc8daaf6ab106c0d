//! Every method that is emulated, called once: request and answer are what the discovery documents say.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::documents;
use crate::world::{ADMIN, World};

/// Methods that the documents have and the emulator answers with 501, by how their names begin.
const LEFT_OUT: [&str; 20] = [
    "directory.asps.",
    "directory.chromeosdevices.",
    "directory.customer.devices.",
    "directory.customers.chrome.",
    "directory.domainAliases.delete",
    "directory.domainAliases.insert",
    "directory.mobiledevices.",
    "directory.privileges.",
    "directory.resources.",
    "directory.roleAssignments.",
    "directory.roles.",
    "directory.tokens.",
    "directory.twoStepVerification.",
    "directory.users.aliases.watch",
    "directory.users.createGuest",
    "directory.users.photos.",
    "directory.verificationCodes.",
    "reports.customerUsageReports.",
    "reports.entityUsageReports.",
    "reports.userUsageReport.",
];

#[test]
fn every_method_says_what_the_documents_say() {
    let world = World::new();
    tour_of_people(&world);
    tour_of_groups(&world);
    tour_of_the_rest(&world);
    let counters = world.workspace.counters();
    let called: BTreeSet<&str> = counters.methods.keys().map(String::as_str).collect();
    let mut missing = Vec::new();
    for name in emulated() {
        if !called.contains(name.as_str()) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "never called: {missing:?}");
    let refused: Vec<_> = counters.methods.iter().filter(|(_, count)| count.succeeded == 0).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn a_method_that_is_not_emulated_says_so() {
    let world = World::new();
    for target in ["~/customer/my_customer/roles", "~/customer/my_customer/devices/chromeos"] {
        let (status, reason, _) = world.get(target).refusal();
        assert_eq!((status, reason.as_str()), (501, "notImplemented"), "{target}");
    }
}

/// Every method that is not left out.
pub(crate) fn emulated() -> impl Iterator<Item = String> {
    let is_left_out = |name: &String| LEFT_OUT.iter().any(|begin| name.starts_with(begin));
    all_methods().into_iter().filter(move |name| !is_left_out(name))
}

fn all_methods() -> Vec<String> {
    fn collect(prefix: &str, resource: &Value, into: &mut Vec<String>) {
        for name in resource["methods"].as_object().into_iter().flatten().map(|(name, _)| name) {
            into.push(format!("{prefix}.{name}"));
        }
        for (name, below) in resource["resources"].as_object().into_iter().flatten() {
            collect(&format!("{prefix}.{name}"), below, into);
        }
    }
    let mut all = Vec::new();
    for document in documents::documents() {
        collect(document.prefix, &document.root, &mut all);
    }
    all
}

fn full_user() -> Value {
    json!({
        "primaryEmail": "full@example.com",
        "name": { "givenName": "Full", "familyName": "User", "displayName": "F. U." },
        "password": "correct horse",
        "emails": [{ "address": "f@else.example", "type": "home" }],
        "phones": [{ "value": "+1 555", "type": "work", "primary": true }],
        "addresses": [{ "type": "work", "locality": "Bern", "countryCode": "CH" }],
        "organizations": [{ "title": "T", "department": "D", "costCenter": "C", "primary": true }],
        "externalIds": [{ "value": "7", "type": "organization" }],
        "relations": [{ "value": ADMIN, "type": "manager" }],
        "locations": [{ "type": "desk", "area": "a", "buildingId": "b" }],
        "languages": [{ "languageCode": "en", "preference": "preferred" }],
        "ims": [{ "im": "x", "protocol": "jabber" }],
        "websites": [{ "value": "https://x.example", "type": "home" }],
        "keywords": [{ "value": "k", "type": "outlook" }],
        "gender": { "type": "other" },
        "notes": { "value": "n", "contentType": "text_plain" },
        "recoveryEmail": "r@else.example",
        "recoveryPhone": "+1555",
        "includeInGlobalAddressList": false,
        "customSchemas": { "Shop": { "level": "4" } },
    })
}

fn tour_of_people(world: &World) {
    let schema = json!({ "schemaName": "Shop", "displayName": "Shop", "fields": [
        { "fieldName": "level", "fieldType": "INT64", "numericIndexingSpec": { "minValue": 0.0, "maxValue": 9.0 } },
    ] });
    world.post("~/customer/my_customer/schemas", &schema).ok();
    let id = world.post("~/users", &full_user()).ok()["id"].as_str().unwrap().to_owned();
    let channel = json!({ "id": "c", "type": "web_hook", "address": "https://x.example/" });
    let opened = world.post("~/users/watch?customer=my_customer&event=update", &channel).ok();
    let full = world.get(&format!("~/users/{id}?projection=full&viewType=admin_view")).ok();
    for (name, value) in full_user().as_object().unwrap() {
        if !matches!(name.as_str(), "password" | "emails" | "name") {
            assert_eq!(&full[name], value, "{name}");
        }
    }
    let list =
        "~/users?customer=my_customer&projection=full&orderBy=familyName&sortOrder=DESCENDING&maxResults=500";
    assert_eq!(world.get(list).column("users", "id").len(), 2);
    world.put(&format!("~/users/{id}"), &json!({ "suspended": true })).ok();
    world.patch(&format!("~/users/{id}"), &json!({ "suspended": false, "archived": true })).ok();
    world.post(&format!("~/users/{id}/makeAdmin"), &json!({ "status": true })).ok();
    assert_eq!(world.get(&format!("~/users/{id}")).ok()["isAdmin"], true);
    world.post(&format!("~/users/{id}/signOut"), &Value::Null).ok();
    world.post(&format!("~/users/{id}/aliases"), &json!({ "alias": "al@example.com" })).ok();
    world.get(&format!("~/users/{id}/aliases")).ok();
    world.delete(&format!("~/users/{id}/aliases/al@example.com")).ok();
    world.delete(&format!("~/users/{id}")).ok();
    world.get("~/users?customer=my_customer&showDeleted=true").ok();
    world.post(&format!("~/users/{id}/undelete"), &json!({ "orgUnitPath": "/" })).ok();
    let stop = json!({ "id": "c", "resourceId": opened["resourceId"] });
    world.post("/admin/directory_v1/channels/stop", &stop).ok();
}

fn tour_of_groups(world: &World) {
    world.user("ada");
    let group = json!({ "email": "team@example.com", "name": "Team", "description": "d" });
    let id = world.post("~/groups", &group).ok()["id"].as_str().unwrap().to_owned();
    world.get("~/groups?customer=my_customer&maxResults=200&orderBy=email").ok();
    world.get(&format!("~/groups/{id}")).ok();
    world.put(&format!("~/groups/{id}"), &json!({ "email": "crew@example.com" })).ok();
    world.patch(&format!("~/groups/{id}"), &json!({ "name": "Crew" })).ok();
    world.post(&format!("~/groups/{id}/aliases"), &json!({ "alias": "gang@example.com" })).ok();
    world.get(&format!("~/groups/{id}/aliases")).ok();
    world.delete(&format!("~/groups/{id}/aliases/gang@example.com")).ok();
    let members = format!("~/groups/{id}/members");
    world
        .post(
            &members,
            &json!({ "email": "ada@example.com", "role": "MEMBER", "delivery_settings": "DAILY" }),
        )
        .ok();
    world.get(&format!("{members}?roles=MEMBER&maxResults=200&includeDerivedMembership=false")).ok();
    world.get(&format!("{members}/ada@example.com")).ok();
    world
        .put(&format!("{members}/ada@example.com"), &json!({ "email": "ada@example.com", "role": "OWNER" }))
        .ok();
    world.patch(&format!("{members}/ada@example.com"), &json!({ "role": "MANAGER" })).ok();
    world.get(&format!("~/groups/{id}/hasMember/ada@example.com")).ok();
    world.delete(&format!("{members}/ada@example.com")).ok();
    world.delete(&format!("~/groups/{id}")).ok();
}

fn tour_of_the_rest(world: &World) {
    let units = "~/customer/my_customer/orgunits";
    let unit =
        json!({ "name": "A", "parentOrgUnitPath": "/", "description": "d", "blockInheritance": false });
    world.post(units, &unit).ok();
    world.get(&format!("{units}?type=allIncludingParent")).ok();
    world.get(&format!("{units}/A")).ok();
    world.put(&format!("{units}/A"), &json!({ "name": "B" })).ok();
    world.patch(&format!("{units}/B"), &json!({ "description": "e" })).ok();
    world.delete(&format!("{units}/B")).ok();
    let domains = "~/customer/my_customer/domains";
    world.post(domains, &json!({ "domainName": "second.example" })).ok();
    world.get(domains).ok();
    world.get(&format!("{domains}/second.example")).ok();
    world.delete(&format!("{domains}/second.example")).ok();
    world.seed(&json!({ "domains": [
        { "domainName": "example.com", "isPrimary": true, "domainAliases": [{ "domainAliasName": "example.net" }] },
    ] }));
    world.get("~/customer/my_customer/domainaliases").ok();
    world.get("~/customer/my_customer/domainaliases/example.net").ok();
    let schemas = "~/customer/my_customer/schemas";
    world.get(schemas).ok();
    world.get(&format!("{schemas}/Shop")).ok();
    let fields = json!({ "schemaName": "Shop", "displayName": "S", "fields": [
        { "fieldName": "level", "fieldType": "INT64" },
    ] });
    world.put(&format!("{schemas}/Shop"), &fields).ok();
    world.patch(&format!("{schemas}/Shop"), &json!({ "displayName": "T" })).ok();
    world.delete(&format!("{schemas}/Shop")).ok();
    world.get("~/customers/my_customer").ok();
    world.put("~/customers/my_customer", &json!({ "language": "de" })).ok();
    let address = json!({ "postalAddress": { "countryCode": "CH" }, "phoneNumber": "+1" });
    world.patch("~/customers/my_customer", &address).ok();
    let feed = "/admin/reports/v1/activity/users/all/applications/admin";
    world.get(&format!("{feed}?maxResults=10&startTime=2026-01-01T00:00:00Z")).ok();
    let channel =
        json!({ "id": "r", "type": "web_hook", "address": "https://x.example/", "params": { "ttl": "60" } });
    let opened = world.post(&format!("{feed}/watch"), &channel).ok();
    let stop = json!({ "id": "r", "resourceId": opened["resourceId"] });
    world.post("/admin/reports_v1/channels/stop", &stop).ok();
}
