//! What a server says about itself (RFC 7643 §5 to §7, RFC 9865 §4).
//!
//! All of it is advice. Servers describe themselves wrongly: AWS announces no
//! cursor paging, which it has, and no uniqueness, which it enforces. A
//! template's knowledge of its app goes before what is read here. Whatever is
//! missing takes the RFC's default.

use serde_json::{Map, Value};

use crate::json;

pub mod core_schemas;
pub mod schema;

/// The schema of [`ServiceProviderConfig`].
pub const SERVICE_PROVIDER_CONFIG_SCHEMA: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The schema of [`ResourceType`].
pub const RESOURCE_TYPE_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// A body is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the app answered with something that is not a {expected}")]
pub struct NotThis {
    /// What was asked for.
    pub expected: &'static str,
}

/// What the server can do. A feature that is not mentioned is not supported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the message of RFC 7643 §5 is a list of booleans")]
pub struct ServiceProviderConfig {
    /// PATCH.
    pub patch: bool,
    /// Filters.
    pub filter: bool,
    /// The most resources that a filtered list holds.
    pub filter_max_results: Option<u64>,
    /// Bulk requests.
    pub bulk: bool,
    /// Sorting.
    pub sort: bool,
    /// Entity tags.
    pub etag: bool,
    /// Changing passwords.
    pub change_password: bool,
    /// How lists are paged, where the server knows RFC 9865.
    pub pagination: Option<Pagination>,
}

/// How lists are paged (RFC 9865 §4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pagination {
    /// By cursor.
    pub cursor: bool,
    /// By index.
    pub index: bool,
    /// The mode of a request that names none: `cursor` or `index`.
    pub default_pagination_method: Option<String>,
    /// Resources on a page, where the request does not say.
    pub default_page_size: Option<u64>,
    /// The most resources on a page.
    pub max_page_size: Option<u64>,
    /// How long a cursor lives, in seconds.
    pub cursor_timeout: Option<u64>,
}

impl ServiceProviderConfig {
    /// Reads the answer of `/ServiceProviderConfig`.
    pub fn read(body: &Value) -> Result<Self, NotThis> {
        let expected = "ServiceProviderConfig";
        let body = body.as_object().ok_or(NotThis { expected })?;
        let features = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
        if !features.iter().any(|feature| json::object(body, feature).is_some()) {
            return Err(NotThis { expected });
        }
        let supported =
            |feature| json::object(body, feature).and_then(|feature| json::flag(feature, "supported"));
        Ok(Self {
            patch: supported("patch").unwrap_or(false),
            filter: supported("filter").unwrap_or(false),
            filter_max_results: json::object(body, "filter").and_then(|f| json::count(f, "maxResults")),
            bulk: supported("bulk").unwrap_or(false),
            sort: supported("sort").unwrap_or(false),
            etag: supported("etag").unwrap_or(false),
            change_password: supported("changePassword").unwrap_or(false),
            pagination: json::object(body, "pagination").map(Pagination::read),
        })
    }

    /// The body, as a server writes it; authentication schemes are the server's to add.
    pub fn to_json(&self) -> Value {
        let mut body = serde_json::json!({
            "schemas": [SERVICE_PROVIDER_CONFIG_SCHEMA],
            "patch": {"supported": self.patch},
            "bulk": {"supported": self.bulk, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": self.filter, "maxResults": self.filter_max_results.unwrap_or(0)},
            "changePassword": {"supported": self.change_password},
            "sort": {"supported": self.sort},
            "etag": {"supported": self.etag},
            "authenticationSchemes": [],
        });
        if let Some(pagination) = &self.pagination {
            body["pagination"] = pagination.to_json();
        }
        body
    }
}

impl Pagination {
    fn read(pagination: &Map<String, Value>) -> Self {
        Self {
            cursor: json::flag(pagination, "cursor").unwrap_or(false),
            index: json::flag(pagination, "index").unwrap_or(false),
            default_pagination_method: json::text(pagination, "defaultPaginationMethod").map(str::to_owned),
            default_page_size: json::count(pagination, "defaultPageSize"),
            max_page_size: json::count(pagination, "maxPageSize"),
            cursor_timeout: json::count(pagination, "cursorTimeout"),
        }
    }

    fn to_json(&self) -> Value {
        let mut pagination = serde_json::json!({"cursor": self.cursor, "index": self.index});
        if let Some(method) = &self.default_pagination_method {
            pagination["defaultPaginationMethod"] = method.as_str().into();
        }
        let counts = [
            ("defaultPageSize", self.default_page_size),
            ("maxPageSize", self.max_page_size),
            ("cursorTimeout", self.cursor_timeout),
        ];
        for (name, count) in counts {
            if let Some(count) = count {
                pagination[name] = count.into();
            }
        }
        pagination
    }
}

/// A kind of resource that the server has (RFC 7643 §6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceType {
    /// `User`, `Group`, or the server's own.
    pub name: String,
    /// The endpoint, relative to the base URL: `/Users`.
    pub endpoint: String,
    /// The URN of the core schema.
    pub schema: String,
    /// The URNs of extensions, each with whether a resource has to have it.
    pub schema_extensions: Vec<(String, bool)>,
}

impl ResourceType {
    /// Reads one resource type.
    pub fn read(body: &Value) -> Result<Self, NotThis> {
        let expected = "ResourceType";
        let body = body.as_object().ok_or(NotThis { expected })?;
        let text = |name| json::text(body, name).map(str::to_owned).ok_or(NotThis { expected });
        let extensions = json::objects(body, "schemaExtensions").filter_map(|extension| {
            let required = json::flag(extension, "required").unwrap_or(false);
            Some((json::text(extension, "schema")?.to_owned(), required))
        });
        Ok(Self {
            name: text("name")?,
            endpoint: text("endpoint")?,
            schema: text("schema")?,
            schema_extensions: extensions.collect(),
        })
    }

    /// The body, as a server writes it.
    pub fn to_json(&self) -> Value {
        let extensions = self.schema_extensions.iter();
        let extensions: Vec<Value> = extensions
            .map(|(schema, required)| serde_json::json!({"schema": schema, "required": required}))
            .collect();
        let mut body = serde_json::json!({
            "schemas": [RESOURCE_TYPE_SCHEMA],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "schema": self.schema,
        });
        if !extensions.is_empty() {
            body["schemaExtensions"] = extensions.into();
        }
        body
    }
}

#[cfg(test)]
mod tests;
