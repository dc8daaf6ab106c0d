//! Every request of the Directory API that Usher sends, as a value; none of them changes anything but a push channel.
//!
//! Paths and parameters are those of the discovery document `admin.directory_v1`; what each answer has to hold is asked
//! for with a `fields` mask, so that Google sends no more. A mask always names `kind`, without which an empty list could
//! not be told from something else ([`super::list`]).

use std::collections::BTreeSet;

use serde_json::json;

use super::channel::{Channel, UserEvent};
use crate::http::{Method, Request};

/// The most users on a page.
pub const USERS_PER_PAGE: u32 = 500;
/// The most groups on a page.
pub const GROUPS_PER_PAGE: u32 = 200;
/// The most members on a page.
pub const MEMBERS_PER_PAGE: u32 = 200;
/// The customer of whoever asks. A service account with a role of its own is nobody's: it has to name the customer.
pub const MY_CUSTOMER: &str = "my_customer";

/// What is needed of each user beside the attributes that are mapped: who it is, and in what state.
const ALWAYS_OF_USERS: [&str; 9] = [
    "archivalTime",
    "archived",
    "deletionTime",
    "id",
    "isGuestUser",
    "orgUnitPath",
    "primaryEmail",
    "suspended",
    "suspensionTime",
];
const CUSTOM_SCHEMAS: &str = "customSchemas";

/// All fields of a user, as [`UserFields`] names them.
const EVERYTHING: &str = "*";

/// Which fields of users are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFields(BTreeSet<String>);

impl UserFields {
    /// These fields, at the top of a user, and those that Usher needs of everybody.
    pub fn of<'a>(mapped: impl IntoIterator<Item = &'a str>) -> Self {
        Self(ALWAYS_OF_USERS.into_iter().chain(mapped).map(str::to_owned).collect())
    }

    /// All that there are, custom schemas included.
    pub fn everything() -> Self {
        Self(BTreeSet::from([EVERYTHING.to_owned()]))
    }

    /// These and `others`.
    pub fn add(&mut self, others: &Self) {
        if others.is_everything() {
            *self = Self::everything();
        } else if !self.is_everything() {
            self.0.extend(others.0.iter().cloned());
        }
    }

    /// As [`Self::from_text`] reads them.
    pub fn to_text(&self) -> String {
        self.joined()
    }

    /// Fields as [`Self::to_text`] wrote them.
    pub fn from_text(text: &str) -> Self {
        Self(text.split(',').map(str::to_owned).collect())
    }

    fn is_everything(&self) -> bool {
        self.0.contains(EVERYTHING)
    }

    /// Their names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether all of `others` are among them.
    pub fn contains_all(&self, others: &Self) -> bool {
        self.is_everything() || others.0.is_subset(&self.0)
    }

    /// `basic` holds every field but those of custom schemas.
    fn projection(&self) -> &'static str {
        if self.is_everything() || self.0.contains(CUSTOM_SCHEMAS) { "full" } else { "basic" }
    }

    fn joined(&self) -> String {
        self.iter().collect::<Vec<_>>().join(",")
    }
}

/// A page of the users, or of the deleted ones: `users.list`.
pub fn users(customer: &str, fields: &UserFields, are_deleted: bool, page_token: Option<&str>) -> Request {
    let request = Request::new(Method::Get, ["admin", "directory", "v1", "users"])
        .with_query("customer", customer)
        .with_query("maxResults", USERS_PER_PAGE.to_string())
        .with_query("projection", fields.projection())
        .with_query("fields", format!("kind,nextPageToken,users({})", fields.joined()));
    let request = if are_deleted { request.with_query("showDeleted", "true") } else { request };
    paged(request, page_token)
}

/// One user, by id or address: `users.get`.
pub fn user(key: &str, fields: &UserFields) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "users", key])
        .with_query("projection", fields.projection())
        .with_query("fields", fields.joined())
}

/// A page of the groups: `groups.list`.
pub fn groups(customer: &str, page_token: Option<&str>) -> Request {
    let request = Request::new(Method::Get, ["admin", "directory", "v1", "groups"])
        .with_query("customer", customer)
        .with_query("maxResults", GROUPS_PER_PAGE.to_string())
        .with_query("fields", "kind,nextPageToken,groups(id,email,name,directMembersCount)");
    paged(request, page_token)
}

/// A page of a group's direct members: `members.list`. Never `includeDerivedMembership`, which has left members out
/// (reference §1.14).
pub fn members(group: &str, page_token: Option<&str>) -> Request {
    let request = Request::new(Method::Get, ["admin", "directory", "v1", "groups", group, "members"])
        .with_query("maxResults", MEMBERS_PER_PAGE.to_string())
        .with_query("fields", "kind,nextPageToken,members(id,email,role,type,status)");
    paged(request, page_token)
}

/// Whether somebody is a member, directly or through another group: `members.hasMember`.
pub fn has_member(group: &str, member: &str) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "groups", group, "hasMember", member])
}

/// All organizational units: `orgunits.list`. They come on one page; the root is not among them.
pub fn org_units(customer: &str) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "customer", customer, "orgunits"])
        .with_query("type", "all")
        .with_query(
            "fields",
            "kind,organizationUnits(orgUnitId,orgUnitPath,name,parentOrgUnitId,parentOrgUnitPath)",
        )
}

/// All domains: `domains.list`.
pub fn domains(customer: &str) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "customer", customer, "domains"]).with_query(
        "fields",
        "kind,domains(domainName,isPrimary,verified,domainAliases(domainAliasName,parentDomainName,verified))",
    )
}

/// All custom schemas: `schemas.list`.
pub fn schemas(customer: &str) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "customer", customer, "schemas"]).with_query(
        "fields",
        "kind,schemas(schemaId,schemaName,displayName,fields(fieldName,fieldType,multiValued))",
    )
}

/// The customer itself: `customers.get`.
pub fn customer(key: &str) -> Request {
    Request::new(Method::Get, ["admin", "directory", "v1", "customers", key])
        .with_query("fields", "kind,id,customerDomain")
}

/// Asks to be told of one kind of change of users: `users.watch`.
pub fn watch_users(customer: &str, event: UserEvent, channel: &Channel) -> Request {
    let body = json!({
        "id": channel.id,
        "type": "web_hook",
        "address": channel.address,
        "token": channel.token,
        "params": {"ttl": channel.ttl_seconds.to_string()},
    });
    Request::new(Method::Post, ["admin", "directory", "v1", "users", "watch"])
        .with_query("customer", customer)
        .with_query("event", event.as_str())
        .with_body(body)
}

/// Asks to be told no more: `channels.stop`. Its path has an underscore.
pub fn stop_channel(id: &str, resource_id: &str) -> Request {
    Request::new(Method::Post, ["admin", "directory_v1", "channels", "stop"])
        .with_body(json!({"id": id, "resourceId": resource_id}))
}

fn paged(request: Request, page_token: Option<&str>) -> Request {
    match page_token {
        Some(token) => request.with_query("pageToken", token),
        None => request,
    }
}

#[cfg(test)]
mod tests;
