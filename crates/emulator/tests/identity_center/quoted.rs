//! What AWS is known to say, byte for byte where the reference quotes it (aws-scim.md §2.1, §2.3), and its shapes of
//! lists (§3) and groups (§5).

use serde_json::json;

use crate::world::{World, refused, unparsable};

const ADA: &str = r#"{"userName":"ada@example.com","name":{"givenName":"Ada","familyName":"Byron"},"displayName":"Ada Byron",
 "externalId":"1","emails":[{"value":"ada@example.com","type":"work","primary":true}]}"#;

#[tokio::test]
async fn an_error_has_both_schemas_a_text_as_status_and_a_time_without_trailing_zeros() {
    let world = World::new();
    world.post_user(ADA).await;
    let answer = world.post_user(ADA).await;
    let text = answer.text();
    let id = answer.response.header("x-amzn-RequestId").expect("an id").to_owned();
    let expected = r#"{"schema":["urn:ietf:params:scim:api:messages:2.0:Error"],"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Refused to create a new, duplicate resource.","status":"409","exceptionRequestId":"ID","timeStamp":"2026-01-02 03:04:05.16"}"#;
    assert_eq!(text.replace(&id, "ID"), expected);
    assert_eq!((answer.status, answer.response.header("Content-Type")), (409, Some("application/json")));
}

#[tokio::test]
async fn a_name_an_address_or_an_external_id_that_is_taken_is_a_conflict() {
    let world = World::new();
    world.post_user(ADA).await;
    for (taken, free) in [
        (r#""userName":"ada@example.com""#, r#""userName":"eve@example.com""#),
        (r#""value":"ada@example.com""#, r#""value":"eve@example.com""#),
        (r#""externalId":"1""#, r#""externalId":"2""#),
    ] {
        // Everything but one of the three is free.
        let body = ADA
            .replace(r#""userName":"ada@example.com""#, r#""userName":"eve@example.com""#)
            .replace(r#""value":"ada@example.com""#, r#""value":"eve@example.com""#)
            .replace(r#""externalId":"1""#, r#""externalId":"2""#)
            .replace(free, taken);
        let answer = world.post_user(&body).await;
        assert_eq!(answer.refusal(), refused(409, "Refused to create a new, duplicate resource."), "{taken}");
    }
}

#[tokio::test]
async fn texts_that_are_quoted_are_said_word_for_word() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    let patch = |operations: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
        )
    };
    for (operations, detail) in [
        (
            r#"[{"op":"replace","value":{"displayName":"A","title":"B"}}]"#,
            r#"Current PATCH support allows omitting "path" attribute only for Add and Replace operations modifying a single attribute."#,
        ),
        (r#"[{"op":"remove"}]"#, "Missing path in PATCH request"),
        (
            r#"[{"op":"replace","path":"emails","value":[{"value":"a@example.com","primary":true},{"value":"b@example.com"}]}]"#,
            "List attribute emails exceeds allowed limit of 1",
        ),
        (
            r#"[{"op":"replace","path":"name.givenName","value":""}]"#,
            r"2 validation errors detected: Value at 'name.givenName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u00A0\u3000]+; Value at 'name.givenName' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
    ] {
        let answer = world.scim("PATCH", &format!("/Users/{id}"), &patch(operations)).await;
        assert_eq!(answer.refusal(), refused(400, detail), "{operations}");
    }
    let answer = world.scim("POST", "/Users", "{").await;
    assert_eq!(answer.refusal(), refused(400, "Invalid JSON from RequestBody"));
    let answer = world.scim("GET", "/Users?filter=active%20eq%20true", "").await;
    assert_eq!(answer.refusal(), refused(400, "Invalid Filter format"));
    let nameless = r#"{"userName":"eve@example.com","displayName":"Eve","name":{"givenName":"Eve"}}"#;
    assert_eq!(world.post_user(nameless).await.refusal(), unparsable());
}

#[tokio::test]
async fn members_are_added_and_removed_by_list_and_never_replaced_nor_shown() {
    let world = World::new();
    let ada = world.user("ada@example.com").await;
    let group =
        world.scim("POST", "/Groups", r#"{"displayName":"Developers","externalId":"03x8tuzt"}"#).await;
    assert_eq!((group.status, group.json().get("members")), (201, None));
    let path = format!("/Groups/{}", group.id());
    let add = format!(r#"{{"Operations":[{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}]}}"#);
    let answer = world.scim("PATCH", &path, &add).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    for replace in [
        format!(r#"{{"op":"replace","path":"members","value":[{{"value":"{ada}"}}]}}"#),
        r#"{"op":"replace","path":"members","value":[]}"#.to_owned(),
        r#"{"op":"remove","path":"members"}"#.to_owned(),
    ] {
        let answer = world.scim("PATCH", &path, &format!(r#"{{"Operations":[{replace}]}}"#)).await;
        assert_eq!(
            answer.refusal(),
            refused(400, "Replacing group memberships is not supported."),
            "{replace}"
        );
    }
    let found =
        world.scim("GET", &format!("/Groups?filter=members.value%20eq%20%22{ada}%22"), "").await.json();
    assert_eq!((&found["totalResults"], &found["Resources"][0]["members"]), (&json!(1), &json!([])));
    let nobody = "/Groups?filter=members.value%20eq%20%22d468e4d8-c051-703d-dd84-28caf445f15e%22";
    assert_eq!(world.scim("GET", nobody, "").await.status, 404);
    let many: Vec<_> = (0..101).map(|_| format!(r#"{{"value":"{ada}"}}"#)).collect();
    let many = format!(r#"{{"displayName":"Many","members":[{}]}}"#, many.join(","));
    assert_eq!(world.scim("POST", "/Groups", &many).await.refusal(), unparsable());
}

#[tokio::test]
async fn a_list_without_a_cursor_is_cut_and_does_not_say_so_and_one_with_a_cursor_goes_on() {
    let world = World::new();
    for n in 0..101 {
        world.user(&format!("p{n}@example.com")).await;
    }
    let cut = world.scim("GET", "/Users", "").await.json();
    assert_eq!(
        (&cut["totalResults"], &cut["itemsPerPage"], &cut["startIndex"]),
        (&json!(100), &json!(100), &json!(1))
    );
    assert_eq!(cut.get("nextCursor"), None);
    let first = world.scim("GET", "/Users?cursor", "").await.json();
    assert_eq!((first.get("totalResults"), first.get("startIndex")), (None, None));
    assert_eq!(first["itemsPerPage"], 100);
    let cursor = first["nextCursor"].as_str().expect("more").replace('=', "%3D").replace('+', "%2B");
    let cursor = cursor.replace('/', "%2F");
    let last = world.scim("GET", &format!("/Users?cursor={cursor}"), "").await.json();
    assert_eq!((&last["itemsPerPage"], last.get("nextCursor")), (&json!(1), None));
    let changed = format!("/Users?cursor={cursor}&filter=userName%20eq%20%22p1@example.com%22");
    assert_eq!(world.scim("GET", &changed, "").await.status, 400, "the filter may not change between pages");
}

#[tokio::test]
async fn what_is_no_operation_of_aws_is_refused() {
    let world = World::new();
    for (method, path) in [
        ("PUT", "/Groups/x"),
        ("POST", "/Bulk"),
        ("GET", "/Me"),
        ("POST", "/Users/.search"),
        ("POST", "/.search"),
    ] {
        let answer = world.scim(method, path, "{}").await;
        assert!(matches!(answer.status, 400 | 404), "{method} {path}: {}", answer.text());
    }
}
