//! Domains, and the names that stand for them.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::list;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{Change, Domain, Which, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

/// Does what a method of domains does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    call.check_customer(call.key("customer")).await?;
    let domains = call.directory().domains().await?;
    let named = |call: &Call<'_>| {
        let name = call.key("domainName").to_lowercase();
        domains.iter().find(|domain| domain.name == name).cloned().ok_or_else(Refusal::no_domain)
    };
    match method {
        "list" => {
            let views = domains.iter().map(|domain| view(domain)).collect();
            Ok(list::body("admin#directory#domains", "domains", views, None))
        }
        "get" => Ok(Reply::Body(view(&*named(call)?))),
        "insert" => insert(call, &domains),
        "delete" => {
            let domain = named(call)?;
            delete(call, &domain).await
        }
        _ => super::missing(call),
    }
}

/// Does what a method of domain aliases does.
pub(super) async fn run_aliases(call: &mut Call<'_>, method: &str) -> Handled {
    call.check_customer(call.key("customer")).await?;
    let domains = call.directory().domains().await?;
    let all = domains.iter().flat_map(|domain| domain.aliases.iter().map(move |alias| (&domain.name, alias)));
    let mut views: Vec<Value> = all.map(|(domain, (alias, at))| alias_view(domain, alias, *at)).collect();
    match method {
        "list" => {
            if let Some(parent) = call.param("parentDomainName") {
                views.retain(|view| view.get("parentDomainName").and_then(Value::as_str) == Some(parent));
            }
            Ok(list::body("admin#directory#domainAliases", "domainAliases", views, None))
        }
        "get" => {
            let name = call.key("domainAliasName").to_lowercase();
            let is_it =
                |view: &Value| view.get("domainAliasName").and_then(Value::as_str) == Some(name.as_str());
            Ok(Reply::Body(views.into_iter().find(is_it).ok_or_else(Refusal::no_domain)?))
        }
        _ => super::missing(call),
    }
}

fn view(domain: &Domain) -> Value {
    let mut view = Map::new();
    view.insert("kind".to_owned(), json!("admin#directory#domain"));
    view.insert("domainName".to_owned(), json!(domain.name));
    view.insert("isPrimary".to_owned(), json!(domain.is_primary));
    view.insert("verified".to_owned(), json!(domain.is_verified));
    view.insert("creationTime".to_owned(), json!(wire::millis(domain.created_at)));
    let aliases: Vec<Value> =
        domain.aliases.iter().map(|(alias, at)| alias_view(&domain.name, alias, *at)).collect();
    if !aliases.is_empty() {
        view.insert("domainAliases".to_owned(), Value::Array(aliases));
    }
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    Value::Object(view)
}

fn alias_view(domain: &str, alias: &str, at: Timestamp) -> Value {
    let mut view = json!({
        "kind": "admin#directory#domainAlias",
        "domainAliasName": alias,
        "parentDomainName": domain,
        "verified": true,
        "creationTime": wire::millis(at),
    });
    let etag = wire::etag(&view);
    if let Some(view) = view.as_object_mut() {
        view.insert("etag".to_owned(), json!(etag));
    }
    view
}

/// A new domain counts as shown to be theirs at once: there is nothing to look it up in.
fn insert(call: &mut Call<'_>, domains: &[Arc<Domain>]) -> Handled {
    let name = text(&call.body, "domainName").trim().to_lowercase();
    if name.is_empty() {
        return Err(Refusal::required("domainName"));
    }
    if !crate::workspace::call::is_address(&format!("x@{name}")) {
        return Err(Refusal::invalid("domainName"));
    }
    let is_taken =
        |domain: &Arc<Domain>| domain.name == name || domain.aliases.iter().any(|(alias, _)| *alias == name);
    if domains.iter().any(is_taken) {
        return Err(Refusal::duplicate());
    }
    let domain =
        Domain { name, is_primary: false, is_verified: true, created_at: call.now, aliases: Vec::new() };
    let view = view(&domain);
    call.done.events.push(event("ADD_SECONDARY_DOMAIN", &domain.name));
    call.done.changes.push(Change::Domain(domain));
    Ok(Reply::Body(view))
}

async fn delete(call: &mut Call<'_>, domain: &Domain) -> Handled {
    let suffix = format!("@{}", domain.name);
    let mut after = None;
    let mut is_used = domain.is_primary;
    while let Some(last) = {
        let some = call.directory().users(Which::Living, after.as_ref(), list::STEP).await?;
        is_used |= some.iter().any(|user| user.email().ends_with(&suffix));
        some.last().map(|last| last.place())
    } {
        after = Some(last);
    }
    if is_used {
        return Err(Refusal::condition("The domain is in use."));
    }
    call.done.events.push(event("REMOVE_SECONDARY_DOMAIN", &domain.name));
    call.done.changes.push(Change::DomainGone(domain.name.clone()));
    Ok(Reply::Nothing)
}

fn event(name: &'static str, domain: &str) -> Event {
    Event { kind: "DOMAIN_SETTINGS", name, parameters: vec![("SECONDARY_DOMAIN_NAME", domain.to_owned())] }
}
