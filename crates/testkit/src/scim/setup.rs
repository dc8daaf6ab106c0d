//! What an honest app can do; its `ServiceProviderConfig` says the same.

use serde_json::{Value, json};

/// What the app can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The bearer token that it takes.
    pub token: String,
    /// How lists are paged.
    pub paging: Paging,
    /// How many resources a page holds at most, and where nothing is asked for.
    pub page_size: usize,
    /// Whether PATCH is known. Without it, PATCH answers 501.
    pub has_patch: bool,
    /// Whether filters are known. Without it, a filter answers 400 `invalidFilter`.
    pub has_filter: bool,
}

/// How lists are paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By `startIndex` (RFC 7644 §3.4.2.4); `cursor` is not known and ignored.
    Index,
    /// By `cursor` (RFC 9865), also where none is given.
    Cursor,
    /// By `cursor` where it is given, else by `startIndex`.
    Both,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            token: "the-token".to_owned(),
            paging: Paging::Both,
            page_size: 100,
            has_patch: true,
            has_filter: true,
        }
    }
}

impl Setup {
    /// RFC 7643 §5 and RFC 9865 §4.
    pub(super) fn service_provider_config(&self) -> Value {
        let supported = |supported: bool| json!({ "supported": supported });
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": supported(self.has_patch),
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": self.has_filter, "maxResults": self.page_size },
            "changePassword": supported(false),
            "sort": supported(false),
            "etag": supported(false),
            "pagination": {
                "cursor": self.paging != Paging::Index,
                "index": self.paging != Paging::Cursor,
                "defaultPaginationMethod": if self.paging == Paging::Cursor { "cursor" } else { "index" },
                "defaultPageSize": self.page_size,
                "maxPageSize": self.page_size,
            },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token in the Authorization header",
            }],
        })
    }
}
