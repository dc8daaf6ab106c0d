//! The fields that the discovery document knows, and their shapes.
//!
//! An import refuses any other name, so that a misspelt `orgUnitpath` is said
//! and not lost.

/// A field of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Google's name of it.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A boolean.
    Flag,
    /// An int64, which Google writes as a string.
    Number,
    /// An instant: RFC 3339, or milliseconds since 1970 as a string.
    Time,
    /// An array of strings.
    Texts,
    /// An array of objects.
    Objects,
    /// `any` in the discovery document: an array of objects, or an object. Replaced whole.
    Any,
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object with names of the customer's own, holding objects of the same kind.
    CustomSchemas,
    /// Accepted and forgotten at once: passwords and their hashes.
    Secret,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// `User.name`.
const USER_NAME: &[Field] = &[
    field("displayName", Shape::Text),
    field("familyName", Shape::Text),
    field("fullName", Shape::Text),
    field("givenName", Shape::Text),
];

/// `User`.
pub const USER: &[Field] = &[
    field("addresses", Shape::Any),
    field("agreedToTerms", Shape::Flag),
    field("aliases", Shape::Texts),
    field("archivalTime", Shape::Time),
    field("archived", Shape::Flag),
    field("changePasswordAtNextLogin", Shape::Flag),
    field("creationTime", Shape::Time),
    field("customSchemas", Shape::CustomSchemas),
    field("customerId", Shape::Text),
    field("deletionTime", Shape::Time),
    field("emails", Shape::Any),
    field("etag", Shape::Text),
    field("externalIds", Shape::Any),
    field("gender", Shape::Any),
    field("guestAccountInfo", Shape::Object(&[field("primaryGuestEmail", Shape::Text)])),
    field("hashFunction", Shape::Secret),
    field("id", Shape::Text),
    field("ims", Shape::Any),
    field("includeInGlobalAddressList", Shape::Flag),
    field("ipWhitelisted", Shape::Flag),
    field("isAdmin", Shape::Flag),
    field("isDelegatedAdmin", Shape::Flag),
    field("isEnforcedIn2Sv", Shape::Flag),
    field("isEnrolledIn2Sv", Shape::Flag),
    field("isGuestUser", Shape::Flag),
    field("isMailboxSetup", Shape::Flag),
    field("keywords", Shape::Any),
    field("kind", Shape::Text),
    field("languages", Shape::Any),
    field("lastLoginTime", Shape::Time),
    field("locations", Shape::Any),
    field("name", Shape::Object(USER_NAME)),
    field("nonEditableAliases", Shape::Texts),
    field("notes", Shape::Any),
    field("orgUnitPath", Shape::Text),
    field("organizations", Shape::Any),
    field("password", Shape::Secret),
    field("phones", Shape::Any),
    field("posixAccounts", Shape::Any),
    field("primaryEmail", Shape::Text),
    field("recoveryEmail", Shape::Text),
    field("recoveryPhone", Shape::Text),
    field("relations", Shape::Any),
    field("sshPublicKeys", Shape::Any),
    field("suspended", Shape::Flag),
    field("suspensionReason", Shape::Text),
    field("suspensionTime", Shape::Time),
    field("thumbnailPhotoEtag", Shape::Text),
    field("thumbnailPhotoUrl", Shape::Text),
    field("websites", Shape::Any),
];

/// `Group`.
pub const GROUP: &[Field] = &[
    field("adminCreated", Shape::Flag),
    field("aliases", Shape::Texts),
    field("description", Shape::Text),
    field("directMembersCount", Shape::Number),
    field("email", Shape::Text),
    field("etag", Shape::Text),
    field("externalIds", Shape::Objects),
    field("id", Shape::Text),
    field("kind", Shape::Text),
    field("name", Shape::Text),
    field("nonEditableAliases", Shape::Texts),
];

/// `Member`.
pub const MEMBER: &[Field] = &[
    field("delivery_settings", Shape::Text),
    field("email", Shape::Text),
    field("etag", Shape::Text),
    field("id", Shape::Text),
    field("kind", Shape::Text),
    field("role", Shape::Text),
    field("status", Shape::Text),
    field("type", Shape::Text),
];

/// `OrgUnit`.
pub const ORG_UNIT: &[Field] = &[
    field("blockInheritance", Shape::Flag),
    field("description", Shape::Text),
    field("etag", Shape::Text),
    field("kind", Shape::Text),
    field("name", Shape::Text),
    field("orgUnitId", Shape::Text),
    field("orgUnitPath", Shape::Text),
    field("parentOrgUnitId", Shape::Text),
    field("parentOrgUnitPath", Shape::Text),
];

/// `Domains`: one domain, in spite of its name in the discovery document.
pub const DOMAIN: &[Field] = &[
    field("creationTime", Shape::Time),
    field("domainAliases", Shape::Objects),
    field("domainName", Shape::Text),
    field("etag", Shape::Text),
    field("isPrimary", Shape::Flag),
    field("kind", Shape::Text),
    field("verified", Shape::Flag),
];

/// `Schema`: a custom schema.
pub const SCHEMA: &[Field] = &[
    field("displayName", Shape::Text),
    field("etag", Shape::Text),
    field("fields", Shape::Objects),
    field("kind", Shape::Text),
    field("schemaId", Shape::Text),
    field("schemaName", Shape::Text),
];
