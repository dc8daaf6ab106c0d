//! What an app is made from: its attributes, their default mapping, its limits and its ways.
//!
//! The catalogue is code, not data: [`Template::all`] lists it, an app remembers the key. A template says what an app
//! *accepts*; what is sent for each person is the app's mapping, which begins as the template's default.
//!
//! Not here: how a quirk is acted on (`usher-engine`), what an app answers (`usher-protocol`).

pub mod attribute;
pub mod aws;
pub mod scim;
pub mod token;

use std::sync::LazyLock;

use self::attribute::TemplateAttribute;
use self::token::Tokens;
use crate::attribute::path::AttributePath;

/// The schema that carries what an employer knows (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One kind of app.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name that commands and the store use: `aws`, `scim`.
    pub key: &'static str,
    /// The name that people read.
    pub name: &'static str,
    /// What may be mapped, in the order in which a mapping is shown.
    pub attributes: Vec<TemplateAttribute>,
    /// The mapping an app begins with, as assignments.
    pub(crate) default_mapping: &'static [&'static str],
    /// How the app deviates from what a SCIM client would first try.
    pub quirks: Quirks,
    /// How fast it may be called.
    pub limits: Limits,
    /// What people have to know of its access tokens.
    pub tokens: Tokens,
    /// Whether suspended accounts may be deleted at all, should an admin ask for it.
    pub hard_delete: bool,
}

/// How an app deviates from what a SCIM client would first try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirks {
    /// How an account is changed.
    pub update: Update,
    /// How listings are paged.
    pub paging: Paging,
    /// How many resources a page is asked for.
    pub page_size: u16,
    /// By which attributes one account may be looked up with a filter.
    pub lookups: &'static [Lookup],
    /// What a changed list entry is written as.
    pub list_patch: ListPatch,
    /// Whether a PATCH operation must name its path, instead of carrying several attributes in its value.
    pub one_path_per_operation: bool,
    /// Lists of which the app takes an entry only if it is marked primary.
    pub primary_lists: &'static [&'static str],
    /// How the members of a group are read.
    pub members: MembersRead,
    /// How a member is taken out of a group.
    pub member_removal: MemberRemoval,
}

/// How an account is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// As the app's `ServiceProviderConfig` says: with a PUT where it knows no PATCH.
    Detect,
    /// With a PATCH of what differs.
    Patch,
    /// With a read, a merge and a PUT of the whole.
    Put,
}

/// How listings are paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// As the app's `ServiceProviderConfig` says, else by index.
    Detect,
    /// By `startIndex` and `count` (RFC 7644 §3.4.2.4).
    Index,
    /// By `cursor` (RFC 9865), and in no other way: a listing that was not paged so is not believed.
    Cursor,
}

/// An attribute by which an account may be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// `externalId eq "…"`.
    ExternalId,
    /// `userName eq "…"`.
    UserName,
}

/// What a changed list entry is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPatch {
    /// As one entry, `emails[type eq "work"].value`; the other entries stay.
    Entry,
    /// As the list with our entries alone, `emails`.
    WholeList,
}

/// How the members of a group are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembersRead {
    /// From the group, which shows them; one that shows none at all (no `members`) does not say who is in it.
    InGroup,
    /// From the users that the filter `groups.value eq "…"` finds: the app never shows members.
    ByFilter,
}

/// How a member is taken out of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberRemoval {
    /// By its path, `members[value eq "…"]` (RFC 7644 §3.5.2.2); where that is refused, by a list of values.
    PathFirst,
    /// By a list of values at the path `members`, as AWS documents it.
    ValueList,
}

/// How fast an app may be called. Never exceeded, and learnt downwards from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Writes a second, for each kind of write; none where the app publishes no limit.
    pub writes_per_second: Option<u32>,
    /// Reads a second, for each kind of read; none where the app publishes no limit.
    pub reads_per_second: Option<u32>,
    /// Requests under way at once.
    pub concurrency: u16,
}

static ALL: LazyLock<[Template; 2]> = LazyLock::new(|| [aws::template(), scim::template()]);

impl Template {
    /// The catalogue.
    pub fn all() -> &'static [Self] {
        &*ALL
    }

    /// The template with this key.
    pub fn by_key(key: &str) -> Option<&'static Self> {
        Self::all().iter().find(|template| template.key == key)
    }

    /// The attribute with this path.
    pub fn attribute(&self, path: &AttributePath) -> Option<&TemplateAttribute> {
        self.attributes.iter().find(|attribute| attribute.path == *path)
    }

    /// The attributes that an account cannot be made without.
    pub fn mandatory(&self) -> impl Iterator<Item = &TemplateAttribute> {
        self.attributes.iter().filter(|attribute| attribute.mandatory)
    }

    /// The `primary` that an entry of this attribute's list has to have; none where the app does not ask for it.
    pub fn primary_of(&self, path: &AttributePath) -> Option<AttributePath> {
        let asks = self.quirks.primary_lists.iter().any(|list| path.attribute().eq_ignore_ascii_case(list));
        let is_primary = |attribute: &&TemplateAttribute| {
            attribute.path.sub() == Some("primary") && attribute.path.same_entry(path)
        };
        let primary = self.attributes.iter().filter(|_| asks).find(is_primary)?;
        Some(primary.path.clone())
    }
}

/// Google's default mapping is not published; these are the attributes that every app has a use for. Addresses are
/// one work mail, marked primary, because AWS refuses a mail that is not.
const DEFAULT_MAPPING: &[&str] = &[
    "userName = user.primaryEmail",
    "externalId = user.id",
    "name.givenName = user.name.givenName",
    "name.familyName = user.name.familyName",
    "displayName = user.name.fullName",
    "emails[type eq \"work\"].value = user.primaryEmail",
    "emails[type eq \"work\"].primary = true",
];

#[cfg(test)]
mod tests;
