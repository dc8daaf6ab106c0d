//! POST, PUT and DELETE.

use serde_json::{Value, json};

use crate::suite::{Suite, has_type, id};

pub async fn check(suite: &mut Suite) {
    created(suite).await;
    read(suite).await;
    refused(suite).await;
    groups(suite).await;
    replaced(suite).await;
    deleted(suite).await;
}

/// A user with more in it.
fn with(name: &str, more: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","name":{{"givenName":"G","familyName":"F"}},"displayName":"G F"{more}}}"#
    )
}

async fn created(suite: &mut Suite) {
    let body = with(
        "created",
        r#","id":"mine","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}"#,
    );
    let answer = suite.send("POST", "/Users", &body).await;
    suite.rule("RFC 7644 §3.3", "what is created is answered with 201", answer.status == 201, &answer);
    suite.rule("RFC 7644 §3.3", "a 201 carries Location", answer.header("location").is_some(), &answer);
    let got = suite.get(&format!("/Users/{}", id(&answer))).await;
    suite.rule("RFC 7644 §3.3", "a 201 shows what was created", got.body == answer.body, &answer);
    let holds = id(&answer) != "mine" && !id(&answer).is_empty();
    suite.rule("RFC 7643 §3.1", "an id is the server's to give", holds, &answer);
    let meta = &answer.body["meta"];
    let holds =
        meta["resourceType"] == "User" && meta["created"].is_string() && meta["lastModified"].is_string();
    suite.rule("RFC 7643 §3.1", "meta says type, creation and last change", holds, meta);
    suite.rule("RFC 7643 §3.1", "meta says the location", meta["location"].is_string(), meta);
    let schemas = json!([
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    ]);
    suite.rule(
        "RFC 7643 §3",
        "schemas names the extensions in use",
        answer.body["schemas"] == schemas,
        &answer,
    );
}

async fn read(suite: &mut Suite) {
    for (rfc, rule, name, more) in [
        ("RFC 7643 §2.5", "null is as good as absent", "null", r#","title":null"#),
        ("RFC 7643 §2.5", "an empty list is as good as absent", "empty", r#","phoneNumbers":[]"#),
        ("RFC 7643 §2.1", "names of attributes are read in any case", "case", r#","NICKNAME":"N""#),
        (
            "RFC 7643 §2.4",
            "an attribute of several values takes several",
            "several",
            r#","emails":[{"value":"a@x","primary":true},{"value":"b@x"}]"#,
        ),
        (
            "RFC 7643 §2.4",
            "no value needs to be the primary one",
            "primary",
            r#","emails":[{"value":"c@x"}]"#,
        ),
        (
            "RFC 7643 §2.4",
            "a value may have a display name",
            "display",
            r#","emails":[{"value":"d@x","primary":true,"display":"D"}]"#,
        ),
        ("RFC 7643 §4.1.1", "a password is taken", "password", r#","password":"t1meMa$heen""#),
        ("RFC 7643 §4.1.2", "photos are taken", "photos", r#","photos":[{"value":"https://example.com/a"}]"#),
        (
            "RFC 7644 §3.3",
            "attributes that are read only are ignored",
            "readonly",
            r#","groups":[{"value":"x"}]"#,
        ),
        (
            "RFC 7643 §4.3",
            "the manager's display name is ignored",
            "manager",
            r#","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m","displayName":"M"}}"#,
        ),
    ] {
        let answer = suite.send("POST", "/Users", &with(name, more)).await;
        suite.rule(rfc, rule, answer.status == 201, &answer);
    }
    let case = suite.get("/Users?filter=userName+eq+%22case%22").await;
    let nick = &case.body["Resources"][0]["nickName"];
    suite.rule("RFC 7643 §2.1", "and shown in the schema's", nick == "N", &case.body);
}

async fn refused(suite: &mut Suite) {
    suite.user("taken").await;
    let answer = suite.send("POST", "/Users", &with("TAKEN", "")).await;
    suite.rule("RFC 7644 §3.3", "a duplicate is a 409", answer.status == 409, &answer);
    suite.rule("RFC 7644 §3.3", "it is of type uniqueness", has_type(&answer, "uniqueness"), &answer);
    let answer = suite.send("POST", "/Users", r#"{"displayName":"x"}"#).await;
    suite.rule("RFC 7643 §4.1.1", "a user without a name is a 400", answer.status == 400, &answer);
    suite.rule("RFC 7644 §3.12", "it is of type invalidValue", has_type(&answer, "invalidValue"), &answer);
    let without = r#"{"userName":"bare","name":{"givenName":"G","familyName":"F"},"displayName":"G F"}"#;
    let answer = suite.send("POST", "/Users", without).await;
    suite.rule("RFC 7643 §3", "a resource without schemas is refused", answer.status == 400, &answer);
    let answer = suite.send("POST", "/Users", &with("blank", r#","title":"""#)).await;
    suite.rule("RFC 7643 §2.3.1", "a text may be empty", answer.status == 201, &answer);
}

async fn groups(suite: &mut Suite) {
    let ada = suite.user("member").await;
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Members","members":[{{"value":"{ada}"}}]}}"#
    );
    let group = suite.send("POST", "/Groups", &body).await;
    suite.rule("RFC 7644 §3.3", "a group is created with its members", group.status == 201, &group);
    let got = suite.get(&format!("/Groups/{}", id(&group))).await;
    suite.rule(
        "RFC 7643 §4.2",
        "a group shows its members",
        got.body["members"][0]["value"] == json!(ada),
        &got,
    );
    let user = suite.get(&format!("/Users/{ada}")).await;
    suite.rule("RFC 7643 §4.1.2", "a user shows its groups", user.body["groups"].is_array(), &user);
    let nested =
        format!(r#"{{"displayName":"Outer","members":[{{"value":"{}","type":"Group"}}]}}"#, id(&group));
    let answer = suite.send("POST", "/Groups", &nested).await;
    suite.rule("RFC 7643 §4.2", "a group may be a member", answer.status == 201, &answer);
    let again = suite.send("POST", "/Groups", r#"{"displayName":"Members"}"#).await;
    suite.rule("RFC 7643 §8.7.1", "two groups may have one name", again.status == 201, &again);
}

async fn replaced(suite: &mut Suite) {
    let user = suite.send("POST", "/Users", &with("put", r#","title":"T""#)).await;
    let path = format!("/Users/{}", id(&user));
    let answer = suite.send("PUT", &path, &with("put", r#","nickName":"N""#)).await;
    suite.rule("RFC 7644 §3.5.1", "a replacement is answered with 200", answer.status == 200, &answer);
    let holds = answer.body["title"] == Value::Null && answer.body["nickName"] == "N";
    suite.rule("RFC 7644 §3.5.1", "what is left out of a replacement is gone", holds, &answer);
    suite.rule("RFC 7644 §3.5.1", "a replacement keeps the id", id(&answer) == id(&user), &answer);
    let nobody = suite.send("PUT", "/Users/nobody", &with("nobody", "")).await;
    suite.rule("RFC 7644 §3.5.1", "a replacement creates nobody", nobody.status == 404, &nobody);
    let group = suite.group("Put").await;
    let answer = suite.send("PUT", &format!("/Groups/{group}"), r#"{"displayName":"Put"}"#).await;
    suite.rule("RFC 7644 §3.2", "groups are replaced too", answer.status == 200, &answer);
}

async fn deleted(suite: &mut Suite) {
    let path = format!("/Users/{}", suite.user("deleted").await);
    let answer = suite.send("DELETE", &path, "").await;
    suite.rule("RFC 7644 §3.6", "what is deleted is answered with 204", answer.status == 204, &answer);
    for method in ["GET", "DELETE"] {
        let answer = suite.send(method, &path, "").await;
        suite.rule("RFC 7644 §3.6", "what was deleted is a 404", answer.status == 404, &answer);
    }
    let list = suite.get("/Users?filter=userName+eq+%22deleted%22").await;
    let holds = list.body["Resources"] == json!([]);
    suite.rule("RFC 7644 §3.6", "what was deleted is in no list", holds, &list);
    let again = suite.send("POST", "/Users", &with("deleted", "")).await;
    suite.rule("RFC 7644 §3.6", "what was deleted does not stand in the way", again.status == 201, &again);
}
