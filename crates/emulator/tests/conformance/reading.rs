//! GET of one resource, and filters.

use serde_json::{Value, json};

use crate::suite::{Suite, has_type, id, n_resources};

pub async fn check(suite: &mut Suite) {
    parts(suite).await;
    filters(suite).await;
}

async fn parts(suite: &mut Suite) {
    let id = suite.user("parts").await;
    let answer = suite.get(&format!("/Users/{id}")).await;
    suite.rule("RFC 7644 §3.4.1", "a resource is read by its id", answer.status == 200, &answer);
    let some = suite.get(&format!("/Users/{id}?attributes=userName")).await;
    let holds = some.body["userName"] == "parts" && some.body["displayName"] == Value::Null;
    suite.rule("RFC 7644 §3.9", "attributes shows those alone", holds, &some);
    let others = suite.get(&format!("/Users/{id}?excludedAttributes=displayName")).await;
    let holds = others.body["displayName"] == Value::Null;
    suite.rule("RFC 7644 §3.9", "excludedAttributes hides those", holds, &others);
}

async fn filters(suite: &mut Suite) {
    let id_ = suite.user("filters").await;
    for (rule, filter) in [
        ("eq finds by name", "userName eq \"filters\"".to_owned()),
        ("eq finds in any case where case does not count", "userName eq \"FILTERS\"".to_owned()),
        ("names of attributes are read in any case", "USERNAME eq \"filters\"".to_owned()),
        ("operators are read in any case", "userName EQ \"filters\"".to_owned()),
        ("eq finds by id", format!("id eq \"{id_}\"")),
        ("eq finds by a part of a list", "emails.value eq \"filters@example.com\"".to_owned()),
        (
            "eq finds by a path with a filter",
            "emails[type eq \"work\" and value eq \"filters@example.com\"]".to_owned(),
        ),
        ("sw finds by a beginning", "userName sw \"filter\"".to_owned()),
        ("ew finds by an end", "userName ew \"ilters\"".to_owned()),
        ("co finds by a piece", "userName co \"ilter\"".to_owned()),
        ("pr finds what is there", "userName pr".to_owned()),
        ("and joins", "userName eq \"filters\" and displayName eq \"G F\"".to_owned()),
        ("or joins", "userName eq \"filters\" or userName eq \"x\"".to_owned()),
        ("not turns round", "userName eq \"filters\" and not (displayName eq \"x\")".to_owned()),
        ("active is found by its truth", "active eq true".to_owned()),
    ] {
        let encoded = filter.replace(' ', "%20").replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        let answer = suite.get(&format!("/Users?filter={encoded}")).await;
        let found = answer.body["Resources"].as_array().into_iter().flatten();
        let holds = found.into_iter().any(|user| user["id"] == json!(id_));
        suite.rule("RFC 7644 §3.4.2.2", rule, holds, &answer);
    }
    let nobody = suite.get("/Users?filter=userName%20eq%20%22nobody%22").await;
    let holds = nobody.status == 200 && n_resources(&nobody) == Some(0);
    suite.rule("RFC 7644 §3.4.2", "a filter that nothing matches gives an empty list", holds, &nobody);
    let wrong = suite.get("/Users?filter=userName").await;
    suite.rule("RFC 7644 §3.4.2.2", "a filter that is none is a 400", wrong.status == 400, &wrong);
    suite.rule("RFC 7644 §3.12", "it is of type invalidFilter", has_type(&wrong, "invalidFilter"), &wrong);
    let ada = suite.user("filter-member").await;
    let group = suite.group("Filtered").await;
    let add = format!(r#"[{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}]"#);
    suite.patch(&format!("/Groups/{group}"), &add).await;
    let found = suite.get(&format!("/Groups?filter=members.value%20eq%20%22{ada}%22")).await;
    let holds = found.status == 200 && found.body["Resources"][0]["id"] == json!(group);
    suite.rule("RFC 7644 §3.4.2.2", "groups are found by a member", holds, &found);
    let unknown = suite.get("/Groups?filter=members.value%20eq%20%22nobody%22").await;
    let rule = "a member that nobody is gives an empty list";
    suite.rule("RFC 7644 §3.4.2", rule, n_resources(&unknown) == Some(0), &unknown);
    assert_eq!(id(&suite.get(&format!("/Groups/{group}")).await), group);
}
