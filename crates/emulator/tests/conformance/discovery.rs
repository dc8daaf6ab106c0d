//! What the endpoint says of itself.

use serde_json::{Value, json};

use crate::suite::{Suite, id, n_resources};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub async fn check(suite: &mut Suite) {
    config(suite).await;
    types(suite).await;
    schemas(suite).await;
}

async fn config(suite: &mut Suite) {
    let answer = suite.get("/ServiceProviderConfig").await;
    suite.rule("RFC 7644 §4", "there is a configuration", answer.status == 200, &answer);
    let required = ["patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes"];
    let missing: Vec<_> = required.iter().filter(|name| answer.body[**name].is_null()).collect();
    suite.rule("RFC 7643 §5", "it has every required attribute", missing.is_empty(), &missing);
    let page = suite.get("/Users?cursor").await;
    let says_cursor = answer.body["pagination"]["cursor"] == Value::Bool(true);
    let rule = "it says that lists go by cursor where they do";
    suite.rule("RFC 9865 §4", rule, says_cursor || page.status != 200, &answer.body);
    let mut made = Vec::new();
    for number in 0..51 {
        made.push(suite.user(&format!("config-{number}")).await);
    }
    let filter = suite.get("/Users?cursor").await;
    let most = answer.body["filter"]["maxResults"].as_u64().unwrap();
    let n = n_resources(&filter).unwrap();
    suite.rule("RFC 7643 §5", "a list holds at most maxResults", u64::try_from(n).unwrap() <= most, n);
    for id in made {
        suite.send("DELETE", &format!("/Users/{id}"), "").await;
    }
}

async fn types(suite: &mut Suite) {
    let answer = suite.get("/ResourceTypes").await;
    let types = answer.body["Resources"].as_array().unwrap();
    let endpoints: Vec<_> = types.iter().map(|kind| kind["endpoint"].clone()).collect();
    let holds = answer.status == 200 && endpoints == [json!("/Users"), json!("/Groups")];
    suite.rule("RFC 7644 §4", "there are types of resources with their endpoints", holds, &endpoints);
    let one = suite.get("/ResourceTypes/User").await;
    suite.rule("RFC 7644 §4", "a type of resources is found by its name", one.status == 200, &one);
    let is_required = types[0]["schemaExtensions"][0]["required"] == Value::Bool(true);
    let id = suite.user("types").await;
    let user = suite.get(&format!("/Users/{id}")).await;
    let has = !user.body[ENTERPRISE].is_null();
    let rule = "an extension that is required is part of every resource";
    suite.rule("RFC 7643 §6", rule, !is_required || has, &user.body);
}

async fn schemas(suite: &mut Suite) {
    let answer = suite.get("/Schemas").await;
    let ids: Vec<_> =
        answer.body["Resources"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    let holds = [USER, GROUP, ENTERPRISE].iter().all(|urn| ids.contains(&json!(urn)));
    suite.rule("RFC 7644 §4", "there are the schemas of all types and extensions", holds, &ids);
    let one = suite.get(&format!("/Schemas/{USER}")).await;
    suite.rule("RFC 7644 §4", "a schema is found by its URN", one.status == 200 && id(&one) == USER, &one);
    let attribute = |name: &str| {
        let attributes = one.body["attributes"].as_array().unwrap();
        attributes.iter().find(|attribute| attribute["name"] == name).cloned().unwrap_or_default()
    };
    let user_name = attribute("userName");
    let holds = user_name["required"] == true
        && user_name["uniqueness"] == "server"
        && user_name["caseExact"] == false;
    suite.rule("RFC 7643 §8.7.1", "userName is required, unique, in any case", holds, &user_name);
    let body = r#"{"userName":"schemas","name":{"givenName":"G","familyName":"F"}}"#;
    let without = suite.send("POST", "/Users", body).await;
    let is_required = attribute("displayName")["required"] == Value::Bool(true);
    let rule = "what a schema does not require is not required";
    suite.rule("RFC 7643 §7", rule, is_required || without.status == 201, &without);
}
