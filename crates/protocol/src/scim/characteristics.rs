//! What RFC 7643 fixes of the attributes that everybody shares.
//!
//! Comparing and patching need three facts of an attribute: whether its case
//! counts, whether it has many values, and whether it is a boolean. A server's
//! `/Schemas` would say so too, but often wrongly; these are the RFC's own
//! answers (§2.2, §3.1, §4, §8.7), and for anything unknown its defaults: one
//! value, case folded.
//!
//! One answer is ours. §8.7.1 lists `members.value`, `groups.value` and
//! `manager.value` with `caseExact: false`, although they hold ids, which §3.1
//! calls case-exact. They are compared exactly here, so that no `remove` takes
//! somebody whose id differs in case alone.

/// Whether the case of the attribute's strings counts.
///
/// `parent` is the attribute that `name` belongs to, if it is a sub-attribute.
pub fn case_exact(parent: Option<&str>, name: &str) -> bool {
    const TOP: [&str; 4] = ["id", "externalId", "schemas", "profileUrl"];
    const IDS_OR_REFERENCES: [&str; 5] = ["members", "groups", "manager", "photos", "x509Certificates"];
    match parent {
        None => is_one_of(name, &TOP),
        Some(parent) if parent.eq_ignore_ascii_case("meta") => true,
        Some(parent) => {
            name.eq_ignore_ascii_case("$ref")
                || name.eq_ignore_ascii_case("value") && is_one_of(parent, &IDS_OR_REFERENCES)
        }
    }
}

/// Whether the top-level attribute has many values.
pub fn multi_valued(name: &str) -> bool {
    const MANY: [&str; 12] = [
        "schemas",
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
        "members",
        "authenticationSchemes",
    ];
    is_one_of(name, &MANY)
}

/// Whether the attribute is a boolean: `active` of a user, `primary` of any value.
pub fn boolean(parent: Option<&str>, name: &str) -> bool {
    match parent {
        None => name.eq_ignore_ascii_case("active"),
        Some(_) => name.eq_ignore_ascii_case("primary"),
    }
}

/// Whether the attribute is an instant, so that two spellings of one compare as equal.
pub fn date_time(parent: Option<&str>, name: &str) -> bool {
    parent.is_some_and(|parent| parent.eq_ignore_ascii_case("meta"))
        && is_one_of(name, &["created", "lastModified"])
}

/// Whether only the server may write the top-level attribute (RFC 7643 §3.1).
pub fn read_only(name: &str) -> bool {
    is_one_of(name, &["id", "meta"])
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
