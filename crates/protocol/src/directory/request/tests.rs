use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const DISCOVERY: &str = include_str!("../discovery.json");

/// The method of the discovery document that a request is one of, with its parameters.
fn method(request: &Request) -> Option<(String, BTreeSet<String>)> {
    let document: Value = serde_json::from_str(DISCOVERY).unwrap();
    let path = request.path.join("/");
    document["methods"].as_array().unwrap().iter().find_map(|method| {
        let pattern = method["path"].as_str().unwrap();
        let same = method["httpMethod"] == request.method.as_str() && fits(pattern, &path);
        let names = method["parameters"].as_array().unwrap().iter();
        let names = names.filter_map(Value::as_str).map(str::to_owned).collect();
        same.then(|| (method["id"].as_str().unwrap().to_owned(), names))
    })
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(is))
                if wanted == is || (wanted.starts_with('{') && !wanted.starts_with("{+")) => {}
            (Some(_) | None, _) => return false,
        }
    }
}

#[test]
fn every_request_is_one_of_the_discovery_document() {
    let fields = UserFields::of(["name", "customSchemas"]);
    let channel = Channel {
        id: "c".to_owned(),
        address: "https://usher.example/hook".to_owned(),
        token: "t".to_owned(),
        ttl_seconds: 7_200,
    };
    let requests = [
        (users("C01", &fields, true, Some("p")), "directory.users.list"),
        (user("1", &fields), "directory.users.get"),
        (groups("C01", Some("p")), "directory.groups.list"),
        (members("g", Some("p")), "directory.members.list"),
        (has_member("g", "1"), "directory.members.hasMember"),
        (org_units("C01"), "directory.orgunits.list"),
        (domains("C01"), "directory.domains.list"),
        (schemas("C01"), "directory.schemas.list"),
        (customer("C01"), "directory.customers.get"),
        (watch_users("C01", UserEvent::Update, &channel), "directory.users.watch"),
        (stop_channel("c", "r"), "admin.channels.stop"),
    ];
    for (request, id) in requests {
        let (found, parameters) = method(&request).unwrap_or_else(|| panic!("{id}: no such method"));
        assert_eq!(found, id);
        for (name, _) in &request.query {
            assert!(name == "fields" || parameters.contains(name), "{id}: {name}");
        }
    }
}

#[test]
fn custom_schemas_alone_need_the_full_projection() {
    let projection = |fields: &[&str]| {
        let request = users("C01", &UserFields::of(fields.iter().copied()), false, None);
        request.query.iter().find(|(name, _)| name == "projection").unwrap().1.clone()
    };
    assert_eq!(projection(&["organizations", "name"]), "basic");
    assert_eq!(projection(&["customSchemas"]), "full");
}

#[test]
fn a_mask_names_what_is_mapped_and_no_more() {
    let request = users("my_customer", &UserFields::of(["name"]), false, None);
    assert_eq!(
        request.relative_url(),
        "admin/directory/v1/users?customer=my_customer&maxResults=500&projection=basic&fields=kind%2CnextPageToken%2Cusers\
         %28archivalTime%2Carchived%2CdeletionTime%2Cid%2CisGuestUser%2Cname%2CorgUnitPath%2CprimaryEmail%2Csuspended%2C\
         suspensionTime%29"
    );
    let narrow = UserFields::of(["name"]);
    let wide = UserFields::of(["name", "organizations"]);
    assert!(wide.contains_all(&narrow) && !narrow.contains_all(&wide));
}

#[test]
fn an_address_in_a_path_points_nowhere_else() {
    let request = members("all/of?us@example.com", None);
    assert!(
        request.relative_url().starts_with("admin/directory/v1/groups/all%2Fof%3Fus%40example.com/members?")
    );
}
