//! Which users are taken: required attributes, character classes, lengths, lists, reserved names.

use serde_json::{Value, json};
use usher_emulator::identity_center::settings::Tolerance;

use crate::world::{World, refused, unparsable};

/// The least that is taken, with one attribute as given; a path of two names goes one deeper.
fn with(path: &str, value: Value) -> String {
    let mut user =
        json!({"userName": "ada", "displayName": "A", "name": {"givenName": "G", "familyName": "F"}});
    match path.split_once('/') {
        Some((outer, inner)) => user[outer][inner] = value,
        None => user[path] = value,
    }
    user.to_string()
}

async fn is_taken(world: &World, body: &str) -> bool {
    let answer = world.post_user(body).await;
    if answer.status == 201 {
        assert_eq!(world.scim("DELETE", &format!("/Users/{}", answer.id()), "").await.status, 204);
        return true;
    }
    assert_eq!(answer.status, 400, "{}", answer.text());
    false
}

#[tokio::test]
async fn four_attributes_are_required() {
    let world = World::new();
    for missing in ["userName", "displayName", "name", "name/givenName", "name/familyName"] {
        let mut user: Value = serde_json::from_str(&with("title", json!("T"))).unwrap();
        let (object, name) = match missing.split_once('/') {
            Some((outer, inner)) => (&mut user[outer], inner),
            None => (&mut user, missing),
        };
        object.as_object_mut().unwrap().remove(name);
        assert_eq!(world.post_user(&user.to_string()).await.refusal(), unparsable(), "{missing}");
    }
}

#[tokio::test]
async fn an_empty_text_is_refused_in_the_captured_words() {
    let world = World::new();
    let words = r"2 validation errors detected: Value at 'name.givenName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u00A0\u3000]+; Value at 'name.givenName' failed to satisfy constraint: Member must have length greater than or equal to 1";
    let answer = world.post_user(&with("name/givenName", json!(""))).await;
    assert_eq!(answer.refusal(), refused(400, words));
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager";
    for value in [json!(""), json!({"value": ""})] {
        let (status, detail) = world.post_user(&with(manager, value)).await.refusal();
        let at = "Value at 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value' failed";
        assert!(status == 400 && detail.contains(at), "{detail}");
    }
}

#[tokio::test]
async fn white_space_of_the_plain_kind_is_free_text_and_in_no_user_name_or_external_id() {
    let world = World::new();
    for space in [" ", "\t", "\n", "\r", "\u{a0}", "\u{3000}"] {
        let text = json!(format!("a{space}b"));
        for free in ["displayName", "name/givenName", "title", "nickName", "locale"] {
            assert!(is_taken(&world, &with(free, text.clone())).await, "{free} with {space:?}");
        }
        for solid in ["userName", "externalId"] {
            let refused = world.post_user(&with(solid, text.clone())).await.refusal();
            assert_eq!(refused, unparsable(), "{solid} with {space:?}");
        }
    }
}

#[tokio::test]
async fn control_format_private_and_other_space_characters_are_nowhere_taken() {
    let world = World::new();
    for c in [
        '\u{0}', '\u{7}', '\u{b}', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}', '\u{ad}', '\u{200b}', '\u{200c}',
        '\u{200d}', '\u{200e}', '\u{2028}', '\u{2029}', '\u{2003}', '\u{202f}', '\u{2060}', '\u{feff}',
        '\u{e000}',
    ] {
        let text = json!(format!("a{c}b"));
        for path in ["userName", "externalId", "displayName", "name/familyName", "title"] {
            let refused = world.post_user(&with(path, text.clone())).await.refusal();
            assert_eq!(refused, unparsable(), "{path} with {c:?}");
        }
    }
}

#[tokio::test]
async fn letters_marks_symbols_numbers_and_punctuation_are_taken_everywhere() {
    let world = World::new();
    for text in ["Åsa", "田中", "e\u{301}", "½", "€", "<>;:%", "🎉", "o'neill+x@example.com", "ﬁ", "\u{5d0}"]
    {
        for path in ["userName", "externalId", "displayName", "name/familyName"] {
            assert!(is_taken(&world, &with(path, json!(text))).await, "{path}: {text}");
        }
    }
    assert_eq!(world.post_user(&with("displayName", json!("👩\u{200d}💻"))).await.refusal(), unparsable());
}

#[tokio::test]
async fn lengths_are_counted_in_characters_up_to_the_limit_of_each_attribute() {
    let world = World::new();
    for (path, most) in [
        ("userName", 128),
        ("externalId", 256),
        ("displayName", 1_024),
        ("name/givenName", 1_024),
        ("nickName", 1_024),
        ("timezone", 1_024),
    ] {
        assert!(is_taken(&world, &with(path, json!("é".repeat(most)))).await, "{path}");
        let (status, detail) = world.post_user(&with(path, json!("é".repeat(most + 1)))).await.refusal();
        let at = path.replace('/', ".");
        let words = format!(
            "1 validation error detected: Value at '{at}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        );
        assert_eq!((status, detail), (400, words));
    }
}

#[tokio::test]
async fn lists_hold_one_element() {
    let world = World::new();
    for list in ["emails", "phoneNumbers", "addresses", "roles"] {
        let two = json!([{"type": "work", "primary": true}, {"type": "home"}]);
        let words = format!("List attribute {list} exceeds allowed limit of 1");
        assert_eq!(world.post_user(&with(list, two)).await.refusal(), refused(400, &words));
        assert!(is_taken(&world, &with(list, json!([]))).await, "{list}");
        assert_eq!(world.post_user(&with(list, json!("x"))).await.refusal(), unparsable(), "{list}");
    }
    assert!(is_taken(&world, &with("addresses", json!([{"type": "work"}]))).await);
}

#[tokio::test]
async fn an_e_mail_address_has_a_value_and_is_the_primary_one() {
    let world = World::new();
    for (email, taken) in [
        (json!({"value": "a@b", "primary": true}), true),
        (json!({"value": "a@b", "primary": "true"}), true),
        (json!({"value": "a@b", "primary": false}), false),
        (json!({"value": "a@b", "type": "work"}), false),
        (json!({"type": "work", "primary": true}), false),
        (json!({"value": "a@b", "primary": true, "display": "A"}), false),
    ] {
        assert_eq!(is_taken(&world, &with("emails", json!([email]))).await, taken, "{email}");
    }
}

#[tokio::test]
async fn reserved_names_are_refused_unless_they_are_let_through() {
    let world = World::new();
    for name in ["Administrator", "administrator", "AWSAdministrators"] {
        assert_eq!(world.post_user(&with("userName", json!(name))).await.refusal(), unparsable(), "{name}");
    }
    world.set(|settings| settings.reserves_names = false);
    assert!(is_taken(&world, &with("userName", json!("Administrator"))).await);
}

#[tokio::test]
async fn what_aws_does_not_support_is_refused_or_by_a_setting_ignored() {
    let world = World::new();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager";
    let unsupported = [
        ("password", json!("x")),
        ("ims", json!([])),
        ("photos", json!([])),
        ("entitlements", json!([])),
        ("x509Certificates", json!([])),
        ("groups", json!([])),
        (enterprise, json!({"value": "m", "displayName": "M"})),
    ];
    for (path, value) in &unsupported {
        assert_eq!(world.post_user(&with(path, value.clone())).await.refusal(), unparsable(), "{path}");
    }
    assert_eq!(world.post_user(&with("wishes", json!("x"))).await.refusal(), unparsable());
    world.set(|settings| {
        settings.unsupported_attributes = Tolerance::Accept;
        settings.unknown_attributes = Tolerance::Accept;
    });
    for (path, value) in &unsupported {
        assert!(is_taken(&world, &with(path, value.clone())).await, "{path}");
    }
    let ignored = world.post_user(&with("wishes", json!("x"))).await.json();
    assert_eq!(ignored["wishes"], Value::Null);
}

#[tokio::test]
async fn null_is_as_good_as_absent_unless_it_is_refused() {
    let world = World::new();
    assert!(is_taken(&world, &with("title", Value::Null)).await);
    assert_eq!(world.post_user(&with("displayName", Value::Null)).await.refusal(), unparsable());
    world.set(|settings| settings.nulls = Tolerance::Refuse);
    assert_eq!(world.post_user(&with("title", Value::Null)).await.refusal(), unparsable());
}

#[tokio::test]
async fn a_body_is_a_json_object_with_values_of_the_right_kind() {
    let world = World::new();
    assert_eq!(world.post_user("{").await.refusal(), refused(400, "Invalid JSON from RequestBody"));
    assert_eq!(world.post_user("").await.refusal(), refused(400, "Invalid JSON from RequestBody"));
    for body in [
        "[]",
        "7",
        &with("userName", json!(7)),
        &with("active", json!("maybe")),
        &with("name", json!("Ada")),
        &with("title", json!(["T"])),
    ] {
        assert_eq!(world.post_user(body).await.refusal(), unparsable(), "{body}");
    }
}
