//! Amazon Web Services: IAM Identity Center.
//!
//! Sources: the SCIM developer guide (`limitations`, `createuser`, `patchuser`), the Identity Store's API model for
//! lengths and white space, the user guide's `limits`. Lists hold one element at most, so only work entries are here.
//! `roles` are left out: they can be created but not patched. `display` and `manager.displayName` are refused.

use super::{
    DEFAULT_MAPPING, Limits, ListPatch, Lookup, Paging, Quirks, Template, TemplateAttribute, Update,
    enterprise_attributes, entry, mandatory, plain_attributes, text, work_address,
};

/// Free text: 1 to 1,024 characters.
const MAX_TEXT_CHARS: usize = 1024;
/// `userName`: 1 to 128 characters without white space.
const MAX_USER_NAME_CHARS: usize = 128;
/// `externalId`: 1 to 256 characters without white space.
const MAX_EXTERNAL_ID_CHARS: usize = 256;

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
        },
        limits: Limits { writes_per_second: Some(25), reads_per_second: Some(40), concurrency: 10 },
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
            ..mandatory(text("userName", "Basic Information > Username"))
        },
        TemplateAttribute {
            max_chars: Some(MAX_EXTERNAL_ID_CHARS),
            white_space: false,
            ..text("externalId", "Additional Details > External ID")
        },
        mandatory(text("name.givenName", "Basic Information > First name")),
        mandatory(text("name.familyName", "Basic Information > Last name")),
        mandatory(text("displayName", "Additional Details > Formatted name")),
    ];
    attributes.extend(entry("emails", "work", "Email > Value", "Email > Is primary"));
    attributes.extend(entry("phoneNumbers", "work", "Phone > Value", "Phone > Is primary"));
    attributes.extend(work_address());
    attributes.extend(plain_attributes());
    attributes.extend(enterprise_attributes());
    for attribute in &mut attributes {
        attribute.max_chars.get_or_insert(MAX_TEXT_CHARS);
        attribute.min_chars = 1;
    }
    attributes
}
