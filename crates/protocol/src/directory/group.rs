//! Groups (`Group` in the discovery document).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};
use crate::directory::{fields, int64};

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Group {
    /// Never changes; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The group's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many direct members it has.
    #[serde(with = "int64", skip_serializing_if = "Option::is_none")]
    pub direct_members_count: Option<u64>,
    /// Whether an administrator made it; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_created: Option<bool>,
    /// Further addresses; read-only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Further addresses outside of the account's domains; read-only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub non_editable_aliases: Vec<String>,
    /// Identifiers in other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// An identifier of a group in another system (`ExternalId`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalId {
    /// `external` or `custom`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub external_id_type: Option<String>,
    /// The name of a custom type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_type: Option<String>,
    /// The identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Group {
    /// Lays a change over the group: absent keys stay, `null` clears, arrays are replaced whole.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        *self = merge::merge_typed(self, change, fields::GROUP)?;
        Ok(())
    }
}

impl Listed for Group {
    const KEY: &'static str = "groups";
    const KIND: &'static str = "admin#directory#groups";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn counts_are_strings_on_the_wire() {
        let wire = json!({"id": "01", "email": "a@x", "directMembersCount": "12", "adminCreated": true});
        let group: Group = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(group.direct_members_count, Some(12));
        assert_eq!(serde_json::to_value(&group).unwrap(), wire);
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let mut group =
            Group { name: Some("A".to_owned()), description: Some("d".to_owned()), ..Group::default() };
        let change = json!({"name": "B", "description": null, "directMembersCount": 3});
        group.merge(serde_json::from_value(change).unwrap()).unwrap();
        assert_eq!(group.name.as_deref(), Some("B"));
        assert_eq!(group.description, None);
        assert_eq!(group.direct_members_count, Some(3));
        let unknown = Map::from_iter([("mail".to_owned(), json!("x"))]);
        assert_eq!(group.merge(unknown), Err(MergeError::UnknownKey { key: "mail".to_owned() }));
    }
}
