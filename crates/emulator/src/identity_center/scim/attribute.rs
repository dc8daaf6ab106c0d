//! The attributes of a user: names, kinds, lengths, in the order in which AWS shows them.

use crate::identity_center::scim::text::Text;
use crate::identity_center::store::user::ENTERPRISE;

/// One attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text {
        class: Text,
        max_chars: usize,
    },
    Bool,
    Complex(&'static [Attribute]),
    /// A list of at most one.
    List(&'static [Attribute]),
    /// Accepted and not kept.
    Ignored,
    /// Named by AWS as not supported.
    Unsupported,
}

/// The most characters of a text.
const MAX_TEXT_CHARS: usize = 1_024;
const MAX_USER_NAME_CHARS: usize = 128;
const MAX_EXTERNAL_ID_CHARS: usize = 256;

pub(crate) const FREE: Kind = Kind::Text { class: Text::Free, max_chars: MAX_TEXT_CHARS };
pub(crate) const EXTERNAL_ID: Kind = Kind::Text { class: Text::Solid, max_chars: MAX_EXTERNAL_ID_CHARS };

const fn text(name: &'static str) -> Attribute {
    Attribute { name, kind: FREE }
}

const fn bool(name: &'static str) -> Attribute {
    Attribute { name, kind: Kind::Bool }
}

const fn unsupported(name: &'static str) -> Attribute {
    Attribute { name, kind: Kind::Unsupported }
}

/// A user's attributes.
pub(crate) const USER: &[Attribute] = &[
    Attribute { name: "externalId", kind: EXTERNAL_ID },
    Attribute { name: "userName", kind: Kind::Text { class: Text::Solid, max_chars: MAX_USER_NAME_CHARS } },
    Attribute { name: "name", kind: Kind::Complex(NAME) },
    text("displayName"),
    text("nickName"),
    text("profileUrl"),
    text("title"),
    text("userType"),
    text("preferredLanguage"),
    text("locale"),
    text("timezone"),
    bool("active"),
    Attribute { name: "emails", kind: Kind::List(ENTRY) },
    Attribute { name: "phoneNumbers", kind: Kind::List(ENTRY) },
    Attribute { name: "addresses", kind: Kind::List(ADDRESS) },
    Attribute { name: "roles", kind: Kind::List(ENTRY) },
    Attribute { name: ENTERPRISE, kind: Kind::Complex(EMPLOYMENT) },
    Attribute { name: "schemas", kind: Kind::Ignored },
    Attribute { name: "id", kind: Kind::Ignored },
    Attribute { name: "meta", kind: Kind::Ignored },
    unsupported("password"),
    unsupported("ims"),
    unsupported("photos"),
    unsupported("entitlements"),
    unsupported("x509Certificates"),
    unsupported("groups"),
];

const NAME: &[Attribute] = &[
    text("formatted"),
    text("familyName"),
    text("givenName"),
    text("middleName"),
    text("honorificPrefix"),
    text("honorificSuffix"),
];

const ENTRY: &[Attribute] = &[text("value"), text("type"), bool("primary"), unsupported("display")];

const ADDRESS: &[Attribute] = &[
    text("formatted"),
    text("streetAddress"),
    text("locality"),
    text("region"),
    text("postalCode"),
    text("country"),
    text("type"),
    bool("primary"),
    unsupported("display"),
];

const EMPLOYMENT: &[Attribute] = &[
    text("employeeNumber"),
    text("costCenter"),
    text("organization"),
    text("division"),
    text("department"),
    Attribute { name: "manager", kind: Kind::Complex(MANAGER) },
];

const MANAGER: &[Attribute] =
    &[text("value"), Attribute { name: "$ref", kind: Kind::Ignored }, unsupported("displayName")];

/// The attribute of this name, whatever its case.
pub(crate) fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
