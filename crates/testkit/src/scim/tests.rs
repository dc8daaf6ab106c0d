//! Each behaviour shows, and without one the app is honest.

use serde_json::{Value, json};

use super::ScimServer;
use crate::http::Answer;

mod answers;
mod groups;
mod honest;
mod lists;
mod losses;
mod members;
mod refusals;
mod rules;
mod writes;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn user(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name, "active": true })
}

fn patch(value: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": value }],
    })
}

/// The answer to a request; there has to be one.
async fn ask(app: &ScimServer, method: &str, target: &str, body: Option<&Value>) -> Answer {
    app.client().send(method, target, body).await.unwrap()
}

async fn get(app: &ScimServer, target: &str) -> Answer {
    ask(app, "GET", target, None).await
}

async fn create(app: &ScimServer, name: &str) -> Answer {
    ask(app, "POST", "/Users", Some(&user(name))).await
}

/// An app with so many users, u1, u2, …
async fn app_with_users(n: usize) -> ScimServer {
    let app = ScimServer::start().await;
    for number in 1..=n {
        app.insert_user(json!({ "id": format!("u{number}"), "userName": format!("user{number}@x") }));
    }
    app
}

/// An app with a group, g, of the first so many of its users.
async fn app_with_group(n_members: usize, n_users: usize) -> ScimServer {
    let app = app_with_users(n_users).await;
    let members: Vec<Value> = (1..=n_members).map(|number| member(&format!("u{number}"))).collect();
    app.insert_group(json!({ "schemas": [GROUP], "id": "g", "displayName": "Eng", "members": members }));
    app
}

fn member(id: &str) -> Value {
    json!({ "value": id })
}

/// The status of a PATCH of the group, with these operations.
async fn patch_group(app: &ScimServer, operations: &Value) -> u16 {
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    ask(app, "PATCH", "/Groups/g", Some(&patch)).await.status
}

/// Who is in a group, as it is stored.
fn members(app: &ScimServer, group: &str) -> Vec<String> {
    let group = app.by_id(group).unwrap();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// The ids of a page.
fn ids(page: &Value) -> Vec<&str> {
    page["Resources"].as_array().unwrap().iter().map(|resource| resource["id"].as_str().unwrap()).collect()
}
