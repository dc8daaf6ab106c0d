//! The addresses of a user: the primary one, aliases, and those that the names of a domain give.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::workspace::directory::{Domain, User};

/// The list `emails` as it is shown: what was written, the primary address, the aliases.
pub(crate) fn shown(user: &User, non_editable: &[String]) -> Value {
    let primary = user.email();
    let mut emails = Vec::new();
    let written = user.fields.get("emails").and_then(Value::as_array).into_iter().flatten();
    let mut has_primary = false;
    for entry in written {
        let address = entry.get("address").and_then(Value::as_str).unwrap_or_default();
        let mut entry = entry.clone();
        if let Some(entry) = entry.as_object_mut() {
            if address.eq_ignore_ascii_case(primary) {
                has_primary = true;
                entry.insert("primary".to_owned(), json!(true));
            } else {
                entry.remove("primary");
            }
        }
        emails.push(entry);
    }
    if !has_primary {
        emails.push(json!({ "address": primary, "primary": true }));
    }
    for alias in user.aliases().chain(non_editable.iter().map(String::as_str)) {
        let is_there = |entry: &Value| {
            entry
                .get("address")
                .and_then(Value::as_str)
                .is_some_and(|known| known.eq_ignore_ascii_case(alias))
        };
        if !emails.iter().any(is_there) {
            emails.push(json!({ "address": alias }));
        }
    }
    Value::Array(emails)
}

/// The addresses that an address has through other names of its domain.
pub(crate) fn non_editable<'a>(
    addresses: impl Iterator<Item = &'a str>,
    domains: &[Arc<Domain>],
) -> Vec<String> {
    let mut found = Vec::new();
    for address in addresses {
        let Some((local, domain)) = address.rsplit_once('@') else { continue };
        let Some(known) = domains.iter().find(|known| known.name.eq_ignore_ascii_case(domain)) else {
            continue;
        };
        found.extend(known.aliases.iter().map(|(alias, _)| format!("{local}@{alias}")));
    }
    found
}

/// What the aliases are once the primary address has become another.
pub(crate) fn after_rename(user: &User, new: &str) -> Vec<String> {
    let mut aliases: Vec<String> =
        user.aliases().filter(|alias| !alias.eq_ignore_ascii_case(new)).map(str::to_owned).collect();
    if !user.email().is_empty() && !user.email().eq_ignore_ascii_case(new) {
        aliases.push(user.email().to_owned());
    }
    aliases
}
