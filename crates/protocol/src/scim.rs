//! SCIM 2.0: RFC 7643, RFC 7644 and RFC 9865.
//!
//! Resources are kept as the JSON objects that servers send
//! ([`resource::Resource`]); apps differ too much, and extend too freely, for
//! fixed structures. What is known of the core attributes without asking the
//! server stands in [`characteristics`].

use std::fmt;

pub mod attribute;
pub mod characteristics;
pub mod discovery;
pub mod error;
pub mod failure;
pub mod filter;
pub mod group;
pub mod list;
pub mod lookup;
pub mod pager;
pub mod patch;
pub mod path;
pub mod request;
pub mod resource;
pub mod user;

/// Schema of users (RFC 7643 §4.1).
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema of groups (RFC 7643 §4.2).
pub const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Schema of the enterprise extension of users (RFC 7643 §4.3).
pub const ENTERPRISE_USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema of a list (RFC 7644 §3.4.2).
pub const LIST_RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Schema of a patch (RFC 7644 §3.5.2).
pub const PATCH_OP_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Schema of an error (RFC 7644 §3.12).
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The two kinds of resources that Usher provisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A user: at `Users`.
    User,
    /// A group: at `Groups`.
    Group,
}

impl ResourceKind {
    /// The endpoint's path segment (RFC 7644 §3.2).
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// The core schema.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::User => USER_SCHEMA,
            Self::Group => GROUP_SCHEMA,
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
        })
    }
}
