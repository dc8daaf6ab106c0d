//! A company that nobody has provisioned yet: as many people as are asked for, each entitled to an account, and the
//! bodies that a bare load generator sends in our stead.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Error, ensure};
use serde_json::{Value, json};
use usher_engine::import::to_person;
use usher_engine::setting::Setting;
use usher_engine::wire::new_account;
use usher_model::entitlement::{Standing, standing};
use usher_store::directory;

use crate::app::{configure, import_rest};
use crate::document::{self, Document};
use crate::world::store;

/// Makes the company of the first people of a document whom the app can take, and writes the bodies, one a line.
pub(crate) async fn set_up(
    people: &Path,
    n_people: usize,
    data_dir: &Path,
    bodies: &Path,
) -> anyhow::Result<Value> {
    let Document { users, rest } = document::read(people)?;
    let store = store(data_dir).await?;
    import_rest(&store, data_dir, &rest).await?;
    let (setting, _lease) = configure(&store, "aws").await?;
    let mut hired = Vec::new();
    let mut lines = Vec::new();
    for user in users.values() {
        let person = to_person(serde_json::from_str(user.get())?).map_err(Error::msg)?;
        if hired.len() < n_people
            && let Some(body) = body(&setting, &person)
        {
            lines.extend_from_slice(body.to_string().as_bytes());
            lines.push(b'\n');
            hired.push(person);
        }
    }
    ensure!(hired.len() == n_people, "only {} of the people can have an account", hired.len());
    let mut tx = store.begin("bench::hire").await?;
    directory::record_people(&mut tx, &setting.app.directory, &hired).await?;
    tx.commit().await?;
    store.close().await;
    let written = std::fs::File::create(bodies).and_then(|mut file| file.write_all(&lines));
    written.with_context(|| format!("failed to write {}", bodies.display()))?;
    Ok(json!({ "users": n_people }))
}

/// What a create of theirs carries; none if they are to have no account.
fn body(setting: &Setting, person: &directory::Person) -> Option<Value> {
    let is_entitled = standing(&person.user, &BTreeSet::new(), &setting.entitling()) == Standing::Entitled;
    let want = setting.mapping.evaluate(&person.resource, person.user.primary_email.as_str());
    let is_plain = person.resource.get("name").is_some_and(has_plain_names);
    let want = want.ok().filter(|_| is_entitled && is_plain)?;
    Some(Value::Object(new_account(&want.attributes).attributes().clone()))
}

/// Whether names are of letters. What becomes of the others is not what is measured here.
fn has_plain_names(name: &Value) -> bool {
    let names = name.as_object().into_iter().flat_map(|name| name.values()).filter_map(Value::as_str);
    names.flat_map(str::chars).all(|c| c.is_alphanumeric() || " '-.".contains(c))
}
