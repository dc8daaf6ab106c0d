//! Amazon Web Services: IAM Identity Center.
//!
//! Sources: the SCIM developer guide (`limitations`, `createuser`, `patchuser`), the Identity Store's API model for
//! lengths, characters and reserved names, the user guide's `limits`, `provision-automatically` and `rotate-token`.
//! Lists hold one element at most, so only work entries are here. `roles` are left out: they can be created but not
//! patched. `display` and `manager.displayName` are refused.
//!
//! Texts are of the class `[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r U+0020 U+00A0 U+3000]+`. What is outside it is taken out
//! and said, but for what names somebody: there it is that person's failure.

use std::time::Duration;

use super::attribute::{
    Characters, TemplateAttribute, enterprise_attributes, entry, mandatory, plain_attributes, text,
    work_address,
};
use super::token::Tokens;
use super::{
    DEFAULT_MAPPING, ENTERPRISE_USER, Limits, ListPatch, Lookup, MemberRemoval, MembersRead, Paging, Quirks,
    Template, Update,
};

/// Free text: 1 to 1,024 characters.
const MAX_TEXT_CHARS: usize = 1024;
/// `userName`: 1 to 128 characters without white space.
const MAX_USER_NAME_CHARS: usize = 128;
/// `externalId`: 1 to 256 characters without white space.
const MAX_EXTERNAL_ID_CHARS: usize = 256;
/// Names that no user and no group may have (Identity Store's API model, for `UserName` and `DisplayName`).
const RESERVED: &[&str] = &["Administrator", "AWSAdministrators"];
/// A token ends a year after it was generated (`rotate-token`).
const TOKEN_LIVES: Duration = Duration::from_hours(365 * 24);

/// The template.
pub(super) fn template() -> Template {
    Template {
        key: "aws",
        name: "Amazon Web Services",
        attributes: attributes(),
        default_mapping: DEFAULT_MAPPING,
        quirks: Quirks {
            update: Update::Patch,
            // Without the `cursor` parameter a listing is cut off at one page and does not say so.
            paging: Paging::Cursor,
            page_size: 100,
            lookups: &[Lookup::ExternalId, Lookup::UserName],
            list_patch: ListPatch::WholeList,
            one_path_per_operation: true,
            // A mail "must be marked primary" (`createuser`).
            primary_lists: &["emails"],
            // A group is always shown without them (`limitations`).
            members: MembersRead::ByFilter,
            member_removal: MemberRemoval::ValueList,
        },
        limits: Limits { writes_per_second: Some(25), reads_per_second: Some(40), concurrency: 10 },
        tokens: Tokens {
            lives: Some(TOKEN_LIVES),
            generated_in: "IAM Identity Center (Settings, Identity source, Actions, Manage provisioning, Generate token)",
            // AWS documents none of them for 403; they are what its network configuration and its Regions suggest.
            turned_away: "the token was rotated away or belongs to another directory; or the instance takes SCIM only \
                          from certain addresses (`ScimAllowSourceIps`) or through a VPC endpoint \
                          (`VpceAccessRequired`); or IAM Identity Center's primary Region, where alone provisioning \
                          works, is another one than the endpoint's",
        },
        // Google only ever suspends at AWS. AWS itself can delete, so Usher may, where an admin switches it on; the
        // permission sets assigned to a deleted person are lost.
        hard_delete: true,
    }
}

fn attributes() -> Vec<TemplateAttribute> {
    let mut attributes = vec![
        TemplateAttribute {
            max_chars: Some(MAX_USER_NAME_CHARS),
            white_space: false,
            reserved: RESERVED,
            ..mandatory(text("userName", "Basic Information > Username"))
        },
        TemplateAttribute {
            max_chars: Some(MAX_EXTERNAL_ID_CHARS),
            white_space: false,
            ..text("externalId", "Additional Details > External ID")
        },
        mandatory(text("name.givenName", "Basic Information > First name")),
        mandatory(text("name.familyName", "Basic Information > Last name")),
        TemplateAttribute {
            reserved: RESERVED,
            ..mandatory(text("displayName", "Additional Details > Formatted name"))
        },
    ];
    attributes.extend(entry("emails", "work", "Email > Value", "Email > Is primary"));
    attributes.extend(entry("phoneNumbers", "work", "Phone > Value", "Phone > Is primary"));
    attributes.extend(work_address());
    attributes.extend(plain_attributes());
    attributes.extend(enterprise_attributes());
    for attribute in &mut attributes {
        attribute.max_chars.get_or_insert(MAX_TEXT_CHARS);
        attribute.min_chars = 1;
        attribute.characters =
            if names_somebody(attribute) { Characters::Refused } else { Characters::Cleaned };
    }
    attributes
}

/// Identifiers and addresses: one character less, and it is another person's.
fn names_somebody(attribute: &TemplateAttribute) -> bool {
    let path = &attribute.path;
    path.is("userName")
        || path.is("externalId")
        || path.is("emails[type eq \"work\"].value")
        || path.is(&format!("{ENTERPRISE_USER}:manager.value"))
}

#[cfg(test)]
mod tests;
