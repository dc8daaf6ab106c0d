//! How users and lists are shown: AWS's order of keys, no `location`, nothing that is absent.

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use crate::identity_center::scim::attribute::{Attribute, Kind, USER};
use crate::identity_center::settings::Settings;
use crate::identity_center::store::group::Group;
use crate::identity_center::store::user::{ENTERPRISE, User};

const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const CORE_GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// When a resource was made and changed. No `location`, no `version`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    pub(crate) resource_type: &'static str,
    pub(crate) created: String,
    pub(crate) last_modified: String,
}

impl Meta {
    pub(crate) fn new(resource_type: &'static str, created: Timestamp, modified: Timestamp) -> Self {
        Self { resource_type, created: created.to_string(), last_modified: modified.to_string() }
    }
}

/// A user as SCIM shows it.
pub(crate) struct UserView<'a> {
    pub(crate) user: &'a User,
    pub(crate) settings: &'a Settings,
}

impl Serialize for UserView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attributes = &self.user.attributes;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.user.id)?;
        if let Some(external_id) = self.user.external_id() {
            map.serialize_entry("externalId", external_id)?;
        }
        map.serialize_entry("meta", &Meta::new("User", self.user.created_at, self.user.modified_at))?;
        let mut schemas = vec![CORE_USER];
        if attributes.contains_key(ENTERPRISE) {
            schemas.push(ENTERPRISE);
        }
        map.serialize_entry("schemas", &schemas)?;
        for attribute in USER {
            let is_shown = match attribute.name {
                "externalId" => false,
                "profileUrl" => self.settings.shows_profile_url,
                _ => true,
            };
            if let Some(value) = attributes.get(attribute.name).filter(|_| is_shown) {
                map.serialize_entry(attribute.name, &Ordered { value, kind: attribute.kind })?;
            }
        }
        map.end()
    }
}

/// A value with its keys in the order of the attributes.
struct Ordered<'a> {
    value: &'a Value,
    kind: Kind,
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.kind, self.value) {
            (Kind::Complex(parts), Value::Object(object)) => in_order(object, parts, serializer),
            (Kind::List(parts), Value::Array(list)) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    seq.serialize_element(&Ordered { value, kind: Kind::Complex(parts) })?;
                }
                seq.end()
            }
            (_, value) => value.serialize(serializer),
        }
    }
}

fn in_order<S: Serializer>(
    object: &Map<String, Value>,
    parts: &'static [Attribute],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(object.len()))?;
    for part in parts {
        if let Some(value) = object.get(part.name) {
            map.serialize_entry(part.name, &Ordered { value, kind: part.kind })?;
        }
    }
    map.end()
}

/// A group as SCIM shows it. In a list it has an empty list of members, alone it has none.
pub(crate) struct GroupView<'a> {
    pub(crate) group: &'a Group,
    pub(crate) members: Option<[(); 0]>,
}

impl Serialize for GroupView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let group = self.group;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &group.id)?;
        if let Some(external_id) = &group.external_id {
            map.serialize_entry("externalId", external_id)?;
        }
        map.serialize_entry("meta", &Meta::new("Group", group.created_at, group.modified_at))?;
        map.serialize_entry("schemas", &[CORE_GROUP])?;
        map.serialize_entry("displayName", &group.display_name)?;
        if let Some(members) = &self.members {
            map.serialize_entry("members", members)?;
        }
        map.end()
    }
}

/// A list without the `cursor` parameter: `totalResults` is how many were returned, not how many there are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cut<R> {
    total_results: usize,
    items_per_page: usize,
    start_index: usize,
    schemas: [&'static str; 1],
    #[serde(rename = "Resources")]
    resources: Vec<R>,
}

impl<R> Cut<R> {
    pub(crate) fn new(resources: Vec<R>) -> Self {
        let n = resources.len();
        Self { total_results: n, items_per_page: n, start_index: 1, schemas: [LIST], resources }
    }
}

/// One page of a list by cursor: no total, no index.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<R> {
    #[serde(rename = "itemsPerPage")]
    n_items: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    schemas: [&'static str; 1],
    #[serde(rename = "Resources")]
    resources: Vec<R>,
}

impl<R> Page<R> {
    pub(crate) fn new(resources: Vec<R>, next_cursor: Option<String>) -> Self {
        Self { n_items: resources.len(), next_cursor, schemas: [LIST], resources }
    }
}
