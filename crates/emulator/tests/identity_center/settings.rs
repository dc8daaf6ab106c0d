//! Each switch for what is unknown of AWS does what it says.

use usher_emulator::identity_center::settings::{
    BadRequestOr404, EmptyOr404, IdFormat, PutStatus, Settings, Tolerance, UnauthorizedBody,
};

use crate::world::{World, person, unparsable};

#[tokio::test]
async fn a_put_answers_200_where_it_is_said() {
    let world = World::new();
    let id = world.user("ada").await;
    for (status, code) in [(PutStatus::Created, 201), (PutStatus::Ok, 200)] {
        world.set(|settings| settings.put_user = status);
        assert_eq!(world.scim("PUT", &format!("/Users/{id}"), &person("ada")).await.status, code);
    }
}

#[tokio::test]
async fn names_and_addresses_are_folded_or_not() {
    let world = World::new();
    world.user("ada@example.com").await;
    assert_eq!(world.post_user(&person("ADA@example.com")).await.status, 409);
    world.set(|settings| settings.folds_case = false);
    assert_eq!(world.post_user(&person("ADA@example.com")).await.status, 201);
    assert_eq!(world.post_user(&person("ADA@example.com")).await.status, 409);
    let found = world.scim("GET", r#"/Users?filter=userName+eq+"Ada@example.com""#, "").await.json();
    assert_eq!(found["totalResults"], 0);
}

#[tokio::test]
async fn operations_that_do_not_exist_are_a_404_where_it_is_said() {
    let world = World::new();
    world.set(|settings| settings.unsupported_operation = BadRequestOr404::NotFound);
    for (method, path) in [("PUT", "/Groups/1"), ("POST", "/Bulk"), ("GET", "/Me"), ("POST", "/.search")] {
        assert_eq!(world.scim(method, path, "{}").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn whoever_comes_without_active_is_off_where_it_is_said() {
    let world = World::new();
    world.set(|settings| settings.active_default = false);
    let body = r#"{"userName":"u","name":{"givenName":"G","familyName":"F"},"displayName":"D"}"#;
    assert_eq!(world.post_user(body).await.json()["active"], false);
}

#[tokio::test]
async fn nulls_and_foreign_attributes_are_ignored_or_refused() {
    let body = |name: &str, attribute: &str| {
        format!(
            r#"{{"userName":"{name}","name":{{"givenName":"G","familyName":"F"}},"displayName":"D",{attribute}}}"#
        )
    };
    let world = World::new();
    assert_eq!(world.post_user(&body("a", r#""title":null"#)).await.status, 201);
    world.set(|settings| {
        settings.nulls = Tolerance::Refuse;
        settings.unsupported_attributes = Tolerance::Accept;
        settings.unknown_attributes = Tolerance::Accept;
    });
    assert_eq!(world.post_user(&body("b", r#""title":null"#)).await.refusal(), unparsable());
    let ignored = world.post_user(&body("b", r#""photos":[{"value":"x"}],"shoeSize":44"#)).await;
    assert_eq!(
        (ignored.status, ignored.json().get("photos"), ignored.json().get("shoeSize")),
        (201, None, None)
    );
}

#[tokio::test]
async fn paths_targets_and_counts_pass_or_not_as_it_is_said() {
    let world = World::new();
    let path = format!("/Users/{}", world.user("ada").await);
    let roles = r#"{"Operations":[{"op":"add","path":"roles","value":[{"value":"admin","primary":true}]}]}"#;
    let element = r#"{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@example.com"}]}"#;
    world.set(|settings| {
        settings.patched_roles = Tolerance::Accept;
        settings.list_path = Tolerance::Refuse;
        settings.oversized_count = Tolerance::Accept;
    });
    assert_eq!(world.scim("PATCH", &path, roles).await.json()["roles"][0]["value"], "admin");
    assert_eq!(world.scim("PATCH", &path, element).await.refusal(), unparsable());
    assert_eq!(world.scim("GET", "/Users?count=5000", "").await.status, 200);
}

#[tokio::test]
async fn what_is_shown_found_and_reserved_is_as_it_is_said() {
    let world = World::new();
    world.set(|settings| {
        settings.shows_profile_url = true;
        settings.reserves_names = false;
        settings.unknown_group_filter = EmptyOr404::NotFound;
        settings.id_format = IdFormat::Prefixed;
    });
    let body = r#"{"userName":"Administrator","name":{"givenName":"G","familyName":"F"},"displayName":"D","profileUrl":"https://example.com"}"#;
    let made = world.post_user(body).await;
    assert_eq!((made.status, made.json()["profileUrl"].as_str()), (201, Some("https://example.com")));
    let id = made.id();
    let (store, uuid) = id.split_once('-').unwrap();
    assert!(store.len() == 10 && store.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
    assert_eq!((uuid.len(), id.len()), (36, 47));
    assert_eq!(world.scim("GET", r#"/Users?filter=groups.value+eq+"none""#, "").await.status, 404);
}

#[tokio::test]
async fn errors_carry_what_it_is_said_that_they_carry() {
    let world = World::new();
    world.set(|settings| settings.error_type_header = true);
    let missing = world.scim("GET", "/Users/nobody", "").await;
    assert_eq!(missing.response.header("x-amzn-ErrorType"), Some("ResourceNotFoundException"));
    for (body, text) in
        [(UnauthorizedBody::Message, r#"{"message":"Unauthorized"}"#), (UnauthorizedBody::Empty, "")]
    {
        world.set(|settings| settings.unauthorized_body = body);
        let answer = world.http("GET /{tenant}/scim/v2/Users").await;
        assert_eq!((answer.status, answer.text()), (401, text));
    }
}

#[test]
fn settings_are_written_in_words_and_a_wrong_word_is_refused() {
    let settings: Settings = serde_json::from_str(
        r#"{"put_user":"ok","member_replace":"quirks2024","allowed_sources":["192.0.2.0/24"]}"#,
    )
    .unwrap();
    assert_eq!((settings.put_user, settings.writes_per_second), (PutStatus::Ok, Some(25)));
    for wrong in [r#"{"put_user":"perhaps"}"#, r#"{"putuser":"ok"}"#, r#"{"allowed_sources":["everywhere"]}"#]
    {
        assert!(serde_json::from_str::<Settings>(wrong).is_err(), "{wrong}");
    }
}
