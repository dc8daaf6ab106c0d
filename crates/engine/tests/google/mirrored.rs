//! The mirror of a Workspace: what a listing makes of it, what it never does, and how news come to an app.

use serde_json::{Value, json};
use usher_model::operation::Kind;
use usher_model::scope::Depth;

use crate::office::Office;
use crate::scene::user;

mod doubted;
mod groups;
mod heard;
mod listing;
mod pushed;

/// So many people, and a group of the first half of them that is in another group.
fn seed(n_people: usize) -> Value {
    let users: Vec<_> = (0..n_people).map(|n| user(&format!("u{n}"))).collect();
    let half: Vec<_> = (0..n_people / 2).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
    json!({
        "users": users,
        "groups": [{ "email": "all@example.com" }, { "email": "half@example.com" }],
        "members": { "half@example.com": half, "all@example.com": [{ "email": "half@example.com" }] },
    })
}

async fn settled(n_people: usize) -> Office {
    let office = Office::of(&seed(n_people)).await;
    office.list().await;
    office.connect().await;
    let created = office.run().await.operations[&Kind::Create];
    assert_eq!(created, n_people as u64 + 1, "the administrator, too");
    office
}

/// So many people, half of whom are in the scope's group.
async fn scoped(n_people: usize) -> Office {
    let office = Office::of(&seed(n_people)).await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    office.connect().await;
    office.list().await;
    assert_eq!(office.run().await.operations, [(Kind::Create, n_people as u64 / 2)].into());
    office
}
