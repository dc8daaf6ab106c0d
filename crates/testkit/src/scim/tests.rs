//! Each behaviour shows, and without one the app is honest.

use serde_json::{Value, json};

use super::ScimServer;
use crate::http::Answer;

mod answers;
mod honest;
mod lists;
mod losses;
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

/// The ids of a page.
fn ids(page: &Value) -> Vec<&str> {
    page["Resources"].as_array().unwrap().iter().map(|resource| resource["id"].as_str().unwrap()).collect()
}
