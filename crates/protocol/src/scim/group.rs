//! Groups (RFC 7643 §4.2).
//!
//! An app may leave `members` out of its answers (AWS always does): an absent
//! or empty list says nothing about who is in the group.

use crate::json;
use crate::scim::resource::Resource;

/// A group, as the server sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group(pub Resource);

/// One value of `members`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The member's id.
    pub value: &'a str,
    /// `User` or `Group`.
    pub kind: Option<&'a str>,
}

impl Group {
    /// `id`.
    pub fn id(&self) -> Option<&str> {
        self.0.id()
    }

    /// `externalId`; an empty one counts as absent.
    pub fn external_id(&self) -> Option<&str> {
        self.0.external_id()
    }

    /// `displayName`.
    pub fn display_name(&self) -> Option<&str> {
        self.0.display_name()
    }

    /// `members`, as far as the server tells them.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        json::objects(self.0.attributes(), "members").filter_map(|member| {
            Some(Member { value: json::text(member, "value")?, kind: json::text(member, "type") })
        })
    }
}

impl From<Resource> for Group {
    fn from(resource: Resource) -> Self {
        Self(resource)
    }
}
