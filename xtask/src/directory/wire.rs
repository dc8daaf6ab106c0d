//! The Directory API's resources, as far as a generated directory has them.
//!
//! Keys and forms are those of Google's discovery document `admin.directory_v1`; etags are left out.

#![expect(clippy::struct_field_names, reason = "the names are Google's")]

use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    pub(super) kind: &'static str,
    pub(super) domain_name: &'static str,
    pub(super) is_primary: bool,
    pub(super) verified: bool,
    /// Milliseconds since 1970, as a string.
    pub(super) creation_time: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) domain_aliases: Vec<DomainAlias>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DomainAlias {
    pub(super) kind: &'static str,
    pub(super) domain_alias_name: &'static str,
    pub(super) parent_domain_name: &'static str,
    pub(super) verified: bool,
    pub(super) creation_time: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrgUnit {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) org_unit_id: String,
    pub(super) org_unit_path: String,
    pub(super) parent_org_unit_id: String,
    pub(super) parent_org_unit_path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    pub(super) kind: &'static str,
    pub(super) schema_id: &'static str,
    pub(super) schema_name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) fields: Vec<SchemaField>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SchemaField {
    pub(super) kind: &'static str,
    pub(super) field_id: String,
    pub(super) field_name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) field_type: &'static str,
    pub(super) multi_valued: bool,
    pub(super) read_access_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "so many there are at Google's")]
pub(super) struct User {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) primary_email: String,
    pub(super) name: UserName,
    pub(super) is_admin: bool,
    pub(super) is_delegated_admin: bool,
    pub(super) last_login_time: String,
    pub(super) creation_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deletion_time: Option<String>,
    pub(super) agreed_to_terms: bool,
    pub(super) suspended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suspension_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suspension_time: Option<String>,
    pub(super) archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) archival_time: Option<String>,
    pub(super) change_password_at_next_login: bool,
    pub(super) ip_whitelisted: bool,
    pub(super) is_mailbox_setup: bool,
    pub(super) include_in_global_address_list: bool,
    pub(super) customer_id: &'static str,
    pub(super) org_unit_path: String,
    pub(super) emails: Vec<Email>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) non_editable_aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_ids: Vec<Typed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) relations: Vec<Typed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) organizations: Vec<Organization>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<Typed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<Location>,
    pub(super) languages: Vec<Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_schemas: Option<CustomSchemas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_guest_user: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guest_account_info: Option<GuestAccountInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserName {
    pub(super) given_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) family_name: Option<String>,
    pub(super) full_name: String,
}

#[derive(Serialize)]
pub(super) struct Email {
    pub(super) address: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) primary: Option<bool>,
}

/// A value with its type: phones, relations, external ids, values of a multi-valued custom field.
#[derive(Serialize)]
pub(super) struct Typed {
    pub(super) value: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) primary: bool,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) department: &'static str,
    pub(super) cost_center: String,
    pub(super) description: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) area: &'static str,
    pub(super) building_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Language {
    pub(super) language_code: &'static str,
    pub(super) preference: &'static str,
}

#[derive(Serialize)]
pub(super) struct CustomSchemas {
    #[serde(rename = "Employment")]
    pub(super) employment: Employment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Employment {
    pub(super) cost_center: String,
    /// `YYYY-MM-DD`.
    pub(super) start_date: String,
    pub(super) full_time: bool,
    pub(super) skills: Vec<Typed>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestAccountInfo {
    pub(super) primary_guest_email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) description: String,
    /// People alone, not groups; a 64-bit number as a string.
    #[serde(serialize_with = "as_string")]
    pub(super) direct_members_count: u64,
    pub(super) admin_created: bool,
}

#[derive(Serialize)]
pub(super) struct Member {
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// Absent where the member is the whole customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    pub(super) role: &'static str,
    #[serde(rename = "type")]
    pub(super) member_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn as_string<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
