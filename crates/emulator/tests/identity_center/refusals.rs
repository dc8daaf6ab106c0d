//! Every sentence of AWS that is known, at its trigger; and every character class and length.

use crate::world::{World, authorized, person, refused, unparsable};

fn named(name: &str) -> String {
    format!(r#"{{"userName":"u","name":{{"givenName":{name},"familyName":"F"}},"displayName":"D"}}"#)
}

#[tokio::test]
async fn an_error_is_the_captured_one_byte_for_byte() {
    let world = World::new();
    world.user("ada@example.com").await;
    let answer = world.post_user(&person("ada@example.com")).await;
    let request_id = answer.response.header("x-amzn-RequestId").unwrap();
    let expected = format!(
        r#"{{"schema":["urn:ietf:params:scim:api:messages:2.0:Error"],"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Refused to create a new, duplicate resource.","status":"409","exceptionRequestId":"{request_id}","timeStamp":"2026-01-02 03:04:05.16"}}"#
    );
    assert_eq!((answer.status, answer.text()), (409, expected.as_str()));
    assert_eq!(answer.response.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.response.header("x-amzn-ErrorType"), None);
}

#[tokio::test]
async fn an_empty_text_is_two_violations() {
    let world = World::new();
    let pattern = r"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u00A0\u3000]+";
    let violated = |at: &str| {
        format!(
            "2 validation errors detected: Value at '{at}' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: {pattern}; Value at '{at}' failed to satisfy constraint: Member must have length greater \
             than or equal to 1"
        )
    };
    assert_eq!(world.post_user(&named(r#""""#)).await.refusal(), refused(400, &violated("name.givenName")));
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value";
    for empty in [r#""""#, r#"{"value":""}"#] {
        let body = format!(
            r#"{{"userName":"u","name":{{"givenName":"G","familyName":"F"}},"displayName":"D",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"manager":{empty}}}}}"#
        );
        assert_eq!(world.post_user(&body).await.refusal(), refused(400, &violated(manager)), "{empty}");
    }
}

#[tokio::test]
async fn a_list_holds_one_element_and_is_named_where_it_holds_two() {
    let world = World::new();
    let two = r#"[{"value":"a@example.com","primary":true},{"value":"b@example.com"}]"#;
    let body = format!(
        r#"{{"userName":"u","name":{{"givenName":"G","familyName":"F"}},"displayName":"D","emails":{two}}}"#
    );
    let refusal = refused(400, "List attribute emails exceeds allowed limit of 1");
    assert_eq!(world.post_user(&body).await.refusal(), refusal);
    let id = world.user("u@example.com").await;
    let patch = format!(r#"{{"Operations":[{{"op":"replace","path":"emails","value":{two}}}]}}"#);
    assert_eq!(world.scim("PATCH", &format!("/Users/{id}"), &patch).await.refusal(), refusal);
}

#[tokio::test]
async fn what_is_no_json_and_what_is_json_of_another_shape_have_their_sentences() {
    let world = World::new();
    for (method, path) in [("POST", "/Users"), ("POST", "/Groups")] {
        for text in ["", "{", "{\"userName\":", "ada"] {
            let refusal = world.scim(method, path, text).await.refusal();
            assert_eq!(refusal, refused(400, "Invalid JSON from RequestBody"), "{path} {text}");
        }
        for text in ["[]", "null", "1", r#""ada""#] {
            assert_eq!(world.scim(method, path, text).await.refusal(), unparsable(), "{path} {text}");
        }
    }
}

#[tokio::test]
async fn a_text_is_no_longer_than_its_limit_counted_in_characters() {
    let world = World::new();
    let user = |user_name: &str, given: &str, external_id: &str| {
        format!(
            r#"{{"userName":"{user_name}","externalId":"{external_id}","name":{{"givenName":"{given}","familyName":"F"}},"displayName":"D"}}"#
        )
    };
    let most = user(&"ü".repeat(128), &"ü".repeat(1_024), &"ü".repeat(256));
    assert_eq!(world.post_user(&most).await.status, 201);
    for (body, at, limit) in [
        (user(&"a".repeat(129), "G", "1"), "userName", 128),
        (user("a", &"a".repeat(1_025), "1"), "name.givenName", 1_024),
        (user("a", "G", &"a".repeat(257)), "externalId", 256),
    ] {
        let detail = format!(
            "1 validation error detected: Value at '{at}' failed to satisfy constraint: Member must have length less than \
             or equal to {limit}"
        );
        assert_eq!(world.post_user(&body).await.refusal(), refused(400, &detail));
    }
}

#[tokio::test]
async fn control_format_and_odd_white_space_characters_are_refused_in_general_words() {
    let world = World::new();
    for escape in [
        r"\u0000", r"\u0007", r"\u007f", r"\u200b", r"\u200d", r"\ufeff", r"\u00ad", r"\u2028", r"\u2003",
        r"\u202f",
    ] {
        assert_eq!(
            world.post_user(&named(&format!(r#""G{escape}""#))).await.refusal(),
            unparsable(),
            "{escape}"
        );
    }
    let joined = named("\"👩\u{200d}💻\"");
    assert_eq!(world.post_user(&joined).await.refusal(), unparsable());
    assert_eq!(world.post_user(&named(r#""<>;:% \t\n\r\u00a0\u3000 🎉 é""#)).await.status, 201);
}

#[tokio::test]
async fn user_name_and_external_id_hold_no_white_space_at_all() {
    let world = World::new();
    for white in [" ", r"\t", r"\n", r"\u00a0", r"\u3000"] {
        for (user_name, external_id) in
            [(format!("a{white}b"), "1".to_owned()), ("a".to_owned(), format!("1{white}2"))]
        {
            let body = format!(
                r#"{{"userName":"{user_name}","externalId":"{external_id}","name":{{"givenName":"G","familyName":"F"}},"displayName":"D"}}"#
            );
            assert_eq!(world.post_user(&body).await.refusal(), unparsable(), "{body}");
        }
    }
}

#[tokio::test]
async fn an_address_is_the_primary_one_or_none() {
    let world = World::new();
    for emails in [
        r#"[{"value":"a@example.com"}]"#,
        r#"[{"value":"a@example.com","primary":false}]"#,
        r#"[{"type":"work","primary":true}]"#,
        r#"{"value":"a@example.com","primary":true}"#,
        r#""a@example.com""#,
    ] {
        let body = format!(
            r#"{{"userName":"u","name":{{"givenName":"G","familyName":"F"}},"displayName":"D","emails":{emails}}}"#
        );
        assert_eq!(world.post_user(&body).await.refusal(), unparsable(), "{emails}");
    }
}

#[tokio::test]
async fn reserved_names_and_unsupported_attributes_are_refused() {
    let world = World::new();
    for name in ["Administrator", "AWSAdministrators", "administrator"] {
        assert_eq!(world.post_user(&person(name)).await.refusal(), unparsable(), "{name}");
        let group = format!(r#"{{"displayName":"{name}"}}"#);
        assert_eq!(world.scim("POST", "/Groups", &group).await.refusal(), unparsable(), "{name}");
    }
    for attribute in [
        r#""password":"x""#,
        r#""ims":[{"value":"x"}]"#,
        r#""photos":[{"value":"x"}]"#,
        r#""entitlements":[{"value":"x"}]"#,
        r#""x509Certificates":[{"value":"x"}]"#,
        r#""groups":[{"value":"x"}]"#,
        r#""phoneNumbers":[{"value":"1","display":"x"}]"#,
        r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"1","displayName":"x"}}"#,
        r#""shoeSize":"44""#,
        r#""active":"maybe""#,
        r#""active":1"#,
        r#""title":7"#,
    ] {
        let body = format!(
            r#"{{"userName":"u","name":{{"givenName":"G","familyName":"F"}},"displayName":"D",{attribute}}}"#
        );
        assert_eq!(world.post_user(&body).await.refusal(), unparsable(), "{attribute}");
    }
}

#[tokio::test]
async fn what_aws_does_not_offer_is_a_400_and_what_is_nowhere_a_404() {
    let world = World::new();
    let group = world.scim("POST", "/Groups", r#"{"displayName":"G"}"#).await.id();
    for (method, path) in [
        ("PUT", format!("/Groups/{group}")),
        ("POST", "/Bulk".to_owned()),
        ("GET", "/Me".to_owned()),
        ("POST", "/.search".to_owned()),
        ("POST", "/Users/.search".to_owned()),
        ("GET", "/Users/.search".to_owned()),
        ("DELETE", "/Users".to_owned()),
        ("POST", "/ServiceProviderConfig".to_owned()),
    ] {
        assert_eq!(world.scim(method, &path, "{}").await.refusal(), unparsable(), "{method} {path}");
    }
    for path in ["", "/", "//Users", "/Devices", "/users", "/Users/a/b", "Groups/1"] {
        assert_eq!(world.scim("GET", path, "").await.status, 404, "{path}");
    }
    // Joined without a slash, as a client once did.
    let joined = authorized("GET", "Groups/1", "");
    assert!(joined.contains("/scim/v2Groups/1"));
    assert_eq!(world.http(&joined).await.status, 404);
}
