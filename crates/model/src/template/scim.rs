//! Any SCIM 2.0 endpoint: the whole user of RFC 7643 §4.1 with its enterprise extension, and no limits beyond it.

use super::attribute::{
    TemplateAttribute, enterprise_attributes, entry, mandatory, plain_attributes, text, work_address,
};
use super::token::Tokens;
use super::{
    DEFAULT_MAPPING, Limits, ListPatch, Lookup, MemberRemoval, MembersRead, Paging, Quirks, Template, Update,
};

/// The template.
pub(super) fn template() -> Template {
    Template {
        key: "scim",
        name: "SCIM 2.0 app",
        attributes: attributes(),
        default_mapping: DEFAULT_MAPPING,
        quirks: Quirks {
            update: Update::Detect,
            paging: Paging::Detect,
            page_size: 100,
            lookups: &[Lookup::ExternalId, Lookup::UserName],
            list_patch: ListPatch::Entry,
            one_path_per_operation: true,
            primary_lists: &[],
            members: MembersRead::InGroup,
            member_removal: MemberRemoval::PathFirst,
        },
        limits: Limits { writes_per_second: None, reads_per_second: None, concurrency: 8 },
        tokens: Tokens {
            lives: None,
            generated_in: "the app",
            turned_away: "the token may not read or write users, or the app lets only certain addresses in",
        },
        hard_delete: true,
    }
}

fn attributes() -> Vec<TemplateAttribute> {
    let mut attributes = vec![
        mandatory(text("userName", "Basic Information > Username")),
        text("externalId", "Additional Details > External ID"),
        text("name.givenName", "Basic Information > First name"),
        text("name.familyName", "Basic Information > Last name"),
        text("displayName", "Additional Details > Formatted name"),
    ];
    attributes.extend(entry("emails", "work", "Email > Value", "Email > Is primary"));
    attributes.extend(entry("emails", "home", "Email > Value (home)", "Email > Is primary (home)"));
    attributes.extend(entry("phoneNumbers", "work", "Phone > Value", "Phone > Is primary"));
    attributes.extend(entry(
        "phoneNumbers",
        "mobile",
        "Phone > Value (mobile)",
        "Phone > Is primary (mobile)",
    ));
    attributes.extend(work_address());
    attributes.extend(plain_attributes());
    attributes.extend(enterprise_attributes());
    attributes.extend([
        list("emails", "Email (all)"),
        list("phoneNumbers", "Phone (all)"),
        list("addresses", "Address (all)"),
        list("ims", "Instant messaging (all)"),
        list("photos", "Photo (all)"),
        list("entitlements", "Entitlements"),
        list("roles", "Roles"),
    ]);
    attributes
}

/// A list that is written as a whole.
fn list(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute { multi_valued: true, ..text(path, label) }
}
