use super::*;

fn found(http: &str, path: &str) -> (String, BTreeMap<String, String>) {
    match catalog().find(http, path) {
        Found::Method(endpoint, values) => (endpoint.id.clone(), values),
        Found::Elsewise => ("elsewise".to_owned(), BTreeMap::new()),
        Found::Nowhere => ("nowhere".to_owned(), BTreeMap::new()),
    }
}

#[test]
fn paths_lead_to_the_methods_of_the_documents() {
    assert_eq!(found("GET", "admin/directory/v1/users").0, "directory.users.list");
    let (id, values) = found("PUT", "admin/directory/v1/users/a%40x.example+b");
    assert_eq!((id.as_str(), values["userKey"].as_str()), ("directory.users.update", "a@x.example+b"));
    assert_eq!(found("POST", "admin/directory/v1/users/watch").0, "directory.users.watch");
    assert_eq!(found("POST", "admin/directory_v1/channels/stop").0, "directory.channels.stop");
    assert_eq!(found("POST", "admin/reports_v1/channels/stop").0, "reports.channels.stop");
    let (id, values) = found("GET", "admin/directory/v1/customer/my_customer/orgunits/corp/sales%20x");
    assert_eq!((id.as_str(), values["orgUnitPath"].as_str()), ("directory.orgunits.get", "corp/sales x"));
    assert_eq!(found("PUT", "admin/directory/v1/users").0, "elsewise");
    assert_eq!(found("GET", "admin/directory/v1/nothing").0, "nowhere");
    assert_eq!(found("GET", "admin/directory/v1/users/").0, "nowhere");
}

#[test]
fn scopes_and_read_only_attributes_are_the_documents() {
    let Found::Method(list, _) = catalog().find("GET", "admin/directory/v1/groups") else { panic!() };
    assert_eq!(
        list.scopes,
        [
            "https://www.googleapis.com/auth/admin.directory.group",
            "https://www.googleapis.com/auth/admin.directory.group.readonly"
        ]
    );
    assert!(catalog().is_read_only("User", "isAdmin"));
    assert!(!catalog().is_read_only("User", "suspended"));
}
