//! PATCH.

use serde_json::{Value, json};

use crate::suite::{Suite, has_type};

pub async fn check(suite: &mut Suite) {
    single(suite).await;
    lists(suite).await;
    refused(suite).await;
    members(suite).await;
}

async fn single(suite: &mut Suite) {
    let path = format!("/Users/{}", suite.user("patch").await);
    let answer = suite.patch(&path, r#"[{"op":"add","path":"title","value":"A"}]"#).await;
    let holds = answer.status == 200 && answer.body["title"] == "A";
    suite.rule("RFC 7644 §3.5.2", "a patch is answered with 200 and the resource", holds, &answer);
    let answer = suite.patch(&path, r#"[{"op":"add","path":"title","value":"B"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.1", "add replaces a single value", answer.body["title"] == "B", &answer);
    let answer = suite.patch(&path, r#"[{"op":"add","path":"name.middleName","value":"M"}]"#).await;
    let holds = answer.body["name"] == json!({"givenName": "G", "familyName": "F", "middleName": "M"});
    suite.rule("RFC 7644 §3.5.2.1", "add reaches a part", holds, &answer);
    let answer = suite.patch(&path, r#"[{"op":"remove","path":"name.middleName"}]"#).await;
    let holds = answer.body["name"] == json!({"givenName": "G", "familyName": "F"});
    suite.rule("RFC 7644 §3.5.2.2", "remove reaches a part", holds, &answer);
    let answer = suite.patch(&path, r#"[{"op":"remove","path":"title"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.2", "remove leaves nothing", answer.body["title"] == Value::Null, &answer);
    let answer = suite.patch(&path, r#"[{"op":"replace","path":"title","value":"C"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.3", "replace adds what is not there", answer.body["title"] == "C", &answer);
    let answer = suite.patch(&path, r#"[{"op":"replace","value":{"title":"D"}}]"#).await;
    suite.rule(
        "RFC 7644 §3.5.2.3",
        "without a path a value is an object",
        answer.body["title"] == "D",
        &answer,
    );
    let answer = suite.patch(&path, r#"[{"op":"replace","value":{"title":"E","nickName":"N"}}]"#).await;
    let rule = "without a path a value has as many attributes as it likes";
    suite.rule("RFC 7644 §3.5.2.3", rule, answer.body["title"] == "E", &answer);
    let urn = r#"[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"F"}]"#;
    let answer = suite.patch(&path, urn).await;
    suite.rule("RFC 7644 §3.10", "a path may begin with the schema", answer.body["title"] == "F", &answer);
}

async fn lists(suite: &mut Suite) {
    let path = format!("/Users/{}", suite.user("patch-lists").await);
    let answer = suite
        .patch(&path, r#"[{"op":"add","path":"emails","value":[{"value":"home@x","type":"home"}]}]"#)
        .await;
    let holds = answer.body["emails"].as_array().is_some_and(|emails| emails.len() == 2);
    suite.rule("RFC 7644 §3.5.2.1", "add appends to a list", holds, &answer);
    let work = r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"new@x"}]"#;
    let answer = suite.patch(&path, work).await;
    let holds = answer.body["emails"][0]["value"] == "new@x";
    suite.rule("RFC 7644 §3.5.2.3", "replace reaches a part of an element by its filter", holds, &answer);
    let none = r#"[{"op":"replace","path":"phoneNumbers[type eq \"fax\"].value","value":"1"}]"#;
    let answer = suite.patch(&path, none).await;
    let rule = "replace of an element that no filter finds is a 400";
    suite.rule("RFC 7644 §3.5.2.3", rule, answer.status == 400, &answer);
    let remove = r#"[{"op":"remove","path":"emails[type eq \"work\"]"}]"#;
    let answer = suite.patch(&path, remove).await;
    suite.rule(
        "RFC 7644 §3.5.2.2",
        "remove takes out by a filter",
        answer.body["emails"] == Value::Null,
        &answer,
    );
}

async fn refused(suite: &mut Suite) {
    let path = format!("/Users/{}", suite.user("patch-refused").await);
    let before = suite.get(&path).await.body;
    let answer = suite.patch(&path, r#"[{"op":"remove"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.2", "remove without a path is a 400", answer.status == 400, &answer);
    suite.rule("RFC 7644 §3.5.2.2", "it is of type noTarget", has_type(&answer, "noTarget"), &answer);
    let answer = suite.patch(&path, r#"[{"op":"replace","path":"id","value":"x"}]"#).await;
    suite.rule("RFC 7644 §3.5.2", "what is read only is not patched", answer.status == 400, &answer);
    suite.rule("RFC 7644 §3.5.2", "it is of type mutability", has_type(&answer, "mutability"), &answer);
    let answer = suite.patch(&path, r#"[{"op":"remove","path":"userName"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.2", "what is required is not removed", answer.status == 400, &answer);
    let half =
        r#"[{"op":"replace","path":"title","value":"T"},{"op":"replace","path":"nothing","value":"x"}]"#;
    let answer = suite.patch(&path, half).await;
    let is_whole = answer.status == 400 && suite.get(&path).await.body == before;
    suite.rule("RFC 7644 §3.5.2", "a patch is done as a whole or not at all", is_whole, &answer);
    let answer =
        suite.send("PATCH", &path, r#"{"Operations":[{"op":"replace","path":"title","value":"T"}]}"#).await;
    suite.rule("RFC 7644 §3.5.2", "a patch without its schema is refused", answer.status == 400, &answer);
    let nobody = suite.patch("/Users/nobody", r#"[{"op":"replace","path":"title","value":"T"}]"#).await;
    suite.rule("RFC 7644 §3.5.2", "a patch of nobody is a 404", nobody.status == 404, &nobody);
}

async fn members(suite: &mut Suite) {
    let (ada, bob) = (suite.user("patch-ada").await, suite.user("patch-bob").await);
    let group = suite.group("Patched").await;
    let path = format!("/Groups/{group}");
    let list = format!("/Users?filter=groups.value%20eq%20%22{group}%22");
    let add =
        format!(r#"[{{"op":"add","path":"members","value":[{{"value":"{ada}"}},{{"value":"{bob}"}}]}}]"#);
    let answer = suite.patch(&path, &add).await;
    suite.rule(
        "RFC 7644 §3.5.2",
        "a patch may be answered with 204 and nothing",
        answer.status == 204 && answer.body == Value::Null,
        &answer,
    );
    let again = suite.patch(&path, &add).await;
    let n = suite.get(&list).await.body["totalResults"].clone();
    suite.rule(
        "RFC 7644 §3.5.2.1",
        "a member that is added twice is one",
        again.status == 204 && n == 2,
        &again,
    );
    let one = format!(r#"[{{"op":"remove","path":"members[value eq \"{ada}\"]"}}]"#);
    let answer = suite.patch(&path, &one).await;
    suite.rule("RFC 7644 §3.5.2.2", "one member is removed by its path", answer.status == 204, &answer);
    let replace = format!(r#"[{{"op":"replace","path":"members","value":[{{"value":"{ada}"}}]}}]"#);
    let answer = suite.patch(&path, &replace).await;
    suite.rule("RFC 7644 §3.5.2.3", "members are replaced", answer.status == 204, &answer);
    let answer = suite.patch(&path, r#"[{"op":"remove","path":"members"}]"#).await;
    suite.rule("RFC 7644 §3.5.2.2", "all members are removed at once", answer.status == 204, &answer);
}
