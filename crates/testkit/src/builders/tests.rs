use super::*;

#[test]
fn a_user_is_active_and_named_after_the_address() {
    let ada = User::new("ada.king@x.example").json();
    assert_eq!(ada["name"], json!({ "givenName": "Ada", "familyName": "King", "fullName": "Ada King" }));
    assert_eq!(
        (&ada["suspended"], &ada["archived"], &ada["orgUnitPath"]),
        (&json!(false), &json!(false), &json!("/"))
    );
    assert_eq!(ada["id"].as_str().unwrap().len(), 21);
    assert_eq!(ada["emails"], json!([{ "address": "ada.king@x.example", "primary": true }]));
    assert_ne!(ada["id"], User::new("bob.king@x.example").json()["id"]);
}

#[test]
fn a_state_is_said_in_the_directory_apis_words() {
    let at = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
    let ada = || User::new("ada@x.example");
    assert_eq!(ada().suspended().json()["suspended"], true);
    assert_eq!(ada().suspended().json().get("suspensionTime"), None);
    assert_eq!(ada().suspended_at(at).json()["suspensionTime"], "2026-11-23T12:00:00Z");
    assert_eq!(ada().archived().json()["archived"], true);
    assert_eq!(ada().deleted_at(at).json()["deletionTime"], "2026-11-23T12:00:00Z");
    assert_eq!(ada().guest("a@y").json()["guestAccountInfo"]["primaryGuestEmail"], "a@y");
    assert_eq!(ada().in_ou("/Eng").with("languages", Value::Null).json()["orgUnitPath"], "/Eng");
}

#[test]
fn a_renamed_user_keeps_the_id() {
    let ada = User::new("ada@x.example");
    let renamed = ada.clone().renamed("augusta@x.example");
    assert_eq!(renamed.immutable_id(), ada.immutable_id());
    assert_eq!(
        (renamed.address(), &renamed.json()["emails"][0]["address"]),
        ("augusta@x.example", &json!("augusta@x.example"))
    );
    assert_eq!(ada.id("7").immutable_id(), "7");
}

#[test]
fn a_directory_is_what_import_reads() {
    let directory = Directory::new("x.example")
        .domain("y.example")
        .ou("/Eng")
        .ou("/Eng/Compilers")
        .user(User::new("ada@x.example").id("7"))
        .people(["bob@x.example"])
        .group("nested@x.example", &["bob@x.example"])
        .group("all@x.example", &["ada@x.example", "nested@x.example"])
        .json();
    assert_eq!(directory["domains"][0]["isPrimary"], true);
    assert_eq!(directory["domains"][1]["isPrimary"], false);
    assert_eq!(directory["organizationUnits"][0]["parentOrgUnitPath"], "/");
    assert_eq!(directory["organizationUnits"][1]["parentOrgUnitPath"], "/Eng");
    assert_eq!(directory["users"].as_array().unwrap().len(), 2);
    assert_eq!(directory["groups"][1]["name"], "All");
    let members = &directory["members"]["all@x.example"];
    assert_eq!((&members[0]["id"], &members[0]["type"]), (&json!("7"), &json!("USER")));
    assert_eq!((&members[1]["id"], &members[1]["type"]), (&directory["groups"][0]["id"], &json!("GROUP")));
}
