//! What there is once in a directory: domains, organizational units, custom schemas.

use super::company::{ALIAS_DOMAIN, PRIMARY_DOMAIN, SECONDARY_DOMAIN, org_unit_paths};
use super::wire::{Domain, DomainAlias, OrgUnit, Schema, SchemaField};

/// 2010-01-01.
const FOUNDED_MS: &str = "1262304000000";

pub(super) fn domains() -> [Domain; 2] {
    let alias = DomainAlias {
        kind: "admin#directory#domainAlias",
        domain_alias_name: ALIAS_DOMAIN,
        parent_domain_name: PRIMARY_DOMAIN,
        verified: true,
        creation_time: FOUNDED_MS,
    };
    let domain = |domain_name, is_primary, domain_aliases| Domain {
        kind: "admin#directory#domain",
        domain_name,
        is_primary,
        verified: true,
        creation_time: FOUNDED_MS,
        domain_aliases,
    };
    [domain(PRIMARY_DOMAIN, true, vec![alias]), domain(SECONDARY_DOMAIN, false, Vec::new())]
}

/// Every unit but the root, whose id the first level names as its parent's.
pub(super) fn org_units() -> Vec<OrgUnit> {
    let paths = org_unit_paths();
    let id_of = |path: &str| {
        let at = paths.iter().position(|known| known == path).map_or(0, |at| at + 1);
        format!("id:03ph8a2z{at:07x}")
    };
    let unit = |path: &String| {
        let (parent, name) = path.rsplit_once('/').expect("invariant: a path starts with a slash");
        let parent = if parent.is_empty() { "/" } else { parent };
        OrgUnit {
            kind: "admin#directory#orgUnit",
            name: name.to_owned(),
            org_unit_id: id_of(path),
            org_unit_path: path.clone(),
            parent_org_unit_id: id_of(parent),
            parent_org_unit_path: parent.to_owned(),
        }
    };
    paths.iter().map(unit).collect()
}

pub(super) fn schemas() -> [Schema; 1] {
    let field = |(field_name, display_name, field_type, multi_valued)| SchemaField {
        kind: "admin#directory#schema#fieldspec",
        field_id: format!("{field_name}-1"),
        field_name,
        display_name,
        field_type,
        multi_valued,
        read_access_type: "ADMINS_AND_SELF",
    };
    let fields = [
        ("costCenter", "Cost center", "STRING", false),
        ("startDate", "Start date", "DATE", false),
        ("fullTime", "Full time", "BOOL", false),
        ("skills", "Skills", "STRING", true),
    ];
    [Schema {
        kind: "admin#directory#schema",
        schema_id: "hT3aXk2bQhWm9dKJm1Zr4A==",
        schema_name: "Employment",
        display_name: "Employment",
        fields: fields.map(field).into(),
    }]
}
