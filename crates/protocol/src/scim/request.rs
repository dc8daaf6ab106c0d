//! Every SCIM request that Usher sends, as a value.

use crate::http::{Method, Request};
use crate::scim::ResourceKind;
use crate::scim::filter::Filter;
use crate::scim::patch::PatchRequest;
use crate::scim::resource::{Resource, ResourceId};

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The page that begins with this resource, counted from 1 (RFC 7644 §3.4.2.4).
    Index(u64),
    /// The page of this cursor; the empty one is the first (RFC 9865 §2).
    Cursor(String),
}

/// One page of users or groups.
pub fn list(kind: ResourceKind, page: &Page, count: u32, filter: Option<&Filter>) -> Request {
    let request = Request::new(Method::Get, [kind.endpoint()]);
    let request = match page {
        Page::Index(start) => request.with_query("startIndex", start.to_string()),
        Page::Cursor(cursor) => request.with_query("cursor", cursor),
    };
    let request = request.with_query("count", count.to_string());
    match filter {
        Some(filter) => request.with_query("filter", filter.to_string()),
        None => request,
    }
}

/// Reads one resource.
pub fn get(kind: ResourceKind, id: &ResourceId) -> Request {
    Request::new(Method::Get, [kind.endpoint(), id.as_str()])
}

/// Creates a resource.
pub fn create(kind: ResourceKind, resource: Resource) -> Request {
    Request::new(Method::Post, [kind.endpoint()]).with_body(resource.into())
}

/// Replaces a resource. Attributes that are absent may be cleared.
pub fn replace(kind: ResourceKind, id: &ResourceId, resource: Resource) -> Request {
    Request::new(Method::Put, [kind.endpoint(), id.as_str()]).with_body(resource.into())
}

/// Changes a part of a resource.
pub fn patch(kind: ResourceKind, id: &ResourceId, patch: &PatchRequest) -> Request {
    Request::new(Method::Patch, [kind.endpoint(), id.as_str()]).with_body(patch.to_json())
}

/// Deletes a resource.
pub fn delete(kind: ResourceKind, id: &ResourceId) -> Request {
    Request::new(Method::Delete, [kind.endpoint(), id.as_str()])
}

/// What the server can do (RFC 7644 §4).
pub fn service_provider_config() -> Request {
    Request::new(Method::Get, ["ServiceProviderConfig"])
}

/// The server's schemas (RFC 7644 §4).
pub fn schemas() -> Request {
    Request::new(Method::Get, ["Schemas"])
}

/// The server's resource types (RFC 7644 §4).
pub fn resource_types() -> Request {
    Request::new(Method::Get, ["ResourceTypes"])
}

/// The first page of a lookup: resources that meet a filter of which few are expected.
pub fn find(kind: ResourceKind, filter: &Filter, page: &Page) -> Request {
    /// Two tell "one" from "more than one"; the rest are for whoever explains it.
    const COUNT: u32 = 10;
    list(kind, page, COUNT, Some(filter))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::patch::{PatchOperation, PatchRequest};
    use crate::scim::path::PatchPath;

    fn id(text: &str) -> ResourceId {
        ResourceId::parse(text).unwrap()
    }

    #[test]
    fn lists_ask_in_the_mode_they_were_given() {
        let filter = Filter::eq("userName", "a\"b@example.com");
        let indexed = list(ResourceKind::User, &Page::Index(101), 100, Some(&filter));
        assert_eq!(
            indexed.relative_url(),
            "Users?startIndex=101&count=100&filter=userName%20eq%20%22a%5C%22b%40example.com%22"
        );
        let first = list(ResourceKind::Group, &Page::Cursor(String::new()), 50, None);
        assert_eq!(first.relative_url(), "Groups?cursor=&count=50");
    }

    #[test]
    fn writes_address_one_resource() {
        let body = Resource::new(json!({"userName": "ada"}).as_object().unwrap().clone());
        assert_eq!(create(ResourceKind::User, body.clone()).relative_url(), "Users");
        assert_eq!(replace(ResourceKind::User, &id("a@b"), body).relative_url(), "Users/a%40b");
        assert_eq!(delete(ResourceKind::Group, &id("x/y")).relative_url(), "Groups/x%2Fy");
        let path = PatchPath::parse("active").unwrap();
        let request = PatchRequest { operations: vec![PatchOperation::replace(path, json!(false))] };
        assert_eq!(
            patch(ResourceKind::User, &id("1"), &request).body,
            Some(json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": false}],
            }))
        );
    }
}
