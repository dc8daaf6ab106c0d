//! The organisation itself.

use serde_json::{Map, Value, json};

use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{Change, Customer, text};
use crate::workspace::wire;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    call.check_customer(call.key("customerKey")).await?;
    let before = call.directory().customer().await?;
    match method {
        "get" => Ok(Reply::Body(view(call, &before).await?)),
        "update" | "patch" => {
            let customer = edited(Customer::clone(&before), &call.body);
            let view = view(call, &customer).await?;
            if customer != *before {
                call.done.changes.push(Change::Customer(customer));
            }
            Ok(Reply::Body(view))
        }
        _ => super::missing(call),
    }
}

fn edited(mut customer: Customer, body: &Map<String, Value>) -> Customer {
    let some = |name: &str| Some(text(body, name)).filter(|value| !value.is_empty()).map(str::to_owned);
    if body.contains_key("alternateEmail") {
        customer.alternate_email = some("alternateEmail");
    }
    if body.contains_key("phoneNumber") {
        customer.phone_number = some("phoneNumber");
    }
    if let Some(language) = some("language") {
        customer.language = language;
    }
    if let Some(address) = body.get("postalAddress").and_then(Value::as_object) {
        customer.postal_address.extend(address.clone());
    }
    customer
}

async fn view(call: &Call<'_>, customer: &Customer) -> Result<Value, crate::workspace::refusal::Refusal> {
    let domains = call.directory().domains().await?;
    let primary = domains.iter().find(|domain| domain.is_primary);
    let mut view = Map::new();
    view.insert("kind".to_owned(), json!("admin#directory#customer"));
    view.insert("id".to_owned(), json!(customer.id));
    view.insert("customerDomain".to_owned(), json!(primary.map_or("", |domain| domain.name.as_str())));
    view.insert("customerCreationTime".to_owned(), json!(wire::instant(customer.created_at)));
    view.insert("language".to_owned(), json!(customer.language));
    let texts = [("alternateEmail", &customer.alternate_email), ("phoneNumber", &customer.phone_number)];
    for (name, value) in texts {
        if let Some(value) = value {
            view.insert(name.to_owned(), json!(value));
        }
    }
    if !customer.postal_address.is_empty() {
        view.insert("postalAddress".to_owned(), json!(customer.postal_address));
    }
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    Ok(Value::Object(view))
}
