//! How groups are spelled in SCIM, and how they are read.
//!
//! Pure. What an app's template says of its ways with groups ends here.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::Changes;
use usher_model::group::adoption::RemoteGroup;
use usher_model::group::name::{display_name, external_id};
use usher_model::id::RemoteId;
use usher_protocol::scim::GROUP_SCHEMA;
use usher_protocol::scim::group::Group;
use usher_protocol::scim::patch::{PatchOp, PatchOperation, PatchRequest};
use usher_protocol::scim::path::PatchPath;
use usher_protocol::scim::resource::Resource;

/// What is changed of a group with one request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    /// Its name or its `externalId`.
    Attributes(&'a Changes),
    /// Members are added.
    Add(&'a [RemoteId]),
    /// Members are taken out.
    Remove(&'a [RemoteId], RemoveBy),
}

/// How a PATCH names the members that it takes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemoveBy {
    /// One operation for each, `members[value eq "…"]`.
    Path,
    /// One operation with a list of values.
    ValueList,
}

/// The body of a create.
pub(super) fn new_group(attributes: &Attributes, members: &[RemoteId]) -> Resource {
    let mut resource = attributes.to_resource();
    resource.insert("schemas".to_owned(), json!([GROUP_SCHEMA]));
    if !members.is_empty() {
        resource.insert("members".to_owned(), values(members));
    }
    Resource::new(resource)
}

/// A PATCH of exactly this.
pub(super) fn patch(change: Change<'_>) -> PatchRequest {
    let operations = match change {
        Change::Attributes(changes) => changes
            .iter()
            .map(|change| match &change.to {
                Some(value) => PatchOperation::replace(path(change.path.as_str()), value.clone()),
                None => PatchOperation::remove(path(change.path.as_str())),
            })
            .collect(),
        Change::Add(members) => vec![PatchOperation::add(path("members"), values(members))],
        Change::Remove(members, RemoveBy::ValueList) => {
            vec![PatchOperation {
                op: PatchOp::Remove,
                path: Some(path("members")),
                value: Some(values(members)),
            }]
        }
        Change::Remove(members, RemoveBy::Path) => members.iter().map(remove_one).collect(),
    };
    PatchRequest { operations }
}

/// A whole group for a PUT: what was read, with the change in it. What we do not write stays.
pub(super) fn merged(mut read: Resource, change: Change<'_>) -> Resource {
    let attributes = read.attributes_mut();
    match change {
        Change::Attributes(changes) => {
            for change in changes {
                match &change.to {
                    Some(value) => attributes.insert(change.path.as_str().to_owned(), value.clone()),
                    None => attributes.remove(change.path.as_str()),
                };
            }
        }
        Change::Add(members) => {
            let there: BTreeSet<_> = of(attributes).iter().filter_map(id_of).collect();
            let added = members.iter().filter(|member| !there.contains(*member)).map(value);
            let mut all = of(attributes);
            all.extend(added.collect::<Vec<_>>());
            attributes.insert("members".to_owned(), Value::Array(all));
        }
        Change::Remove(members, _) => {
            let mut all = of(attributes);
            all.retain(|member| id_of(member).is_none_or(|id| !members.contains(&id)));
            attributes.insert("members".to_owned(), Value::Array(all));
        }
    }
    attributes.insert("schemas".to_owned(), json!([GROUP_SCHEMA]));
    // The server's own: some refuse it.
    attributes.remove("meta");
    read
}

fn of(attributes: &Map<String, Value>) -> Vec<Value> {
    attributes.get("members").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn id_of(member: &Value) -> Option<RemoteId> {
    member.get("value").and_then(Value::as_str).map(RemoteId::new)
}

fn values(members: &[RemoteId]) -> Value {
    members.iter().map(value).collect()
}

fn value(member: &RemoteId) -> Value {
    json!({ "value": member.as_str() })
}

fn remove_one(member: &RemoteId) -> PatchOperation {
    let text = format!("members[value eq {}]", Value::from(member.as_str()));
    PatchOperation::remove(PatchPath::parse(&text).expect("invariant: a member's path is a PATCH path"))
}

fn path(text: &str) -> PatchPath {
    PatchPath::parse(text).expect("invariant: every attribute path is a PATCH path")
}

/// Nobody's id is longer: what is could not stand in a filter, and is nobody we could add or take out.
const LONGEST_ID: usize = 1_024;

fn is_usable(id: &RemoteId) -> bool {
    !id.as_str().is_empty() && id.as_str().len() <= LONGEST_ID
}

/// A group as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The app's id of it.
    pub(super) remote_id: RemoteId,
    /// What it shows of its name and `externalId`.
    pub(super) attributes: Attributes,
    /// Its members, each once; none: it does not show any, which does not say that there are none.
    pub(super) members: Option<BTreeSet<RemoteId>>,
}

impl Seen {
    /// Reads an answer's resource; none if it has no id.
    pub(super) fn read(resource: Resource) -> Option<Self> {
        let (name, id) = (display_name(), external_id());
        let attributes = Attributes::project([&name, &id], resource.attributes());
        let shows_members = resource.attributes().get("members").is_some_and(Value::is_array);
        let group = Group(resource);
        let ids = group.members().map(|member| RemoteId::new(member.value));
        let members = ids.filter(is_usable).collect();
        Some(Self {
            remote_id: RemoteId::new(group.id()?),
            attributes,
            members: shows_members.then_some(members),
        })
    }

    pub(super) fn display_name(&self) -> Option<&str> {
        self.attributes.get(&display_name()).and_then(Value::as_str)
    }

    pub(super) fn external_id(&self) -> Option<&str> {
        self.attributes.external_id().filter(|id| !id.is_empty())
    }

    /// As adoption sees it.
    pub(super) fn to_remote_group(&self) -> RemoteGroup {
        RemoteGroup {
            remote_id: self.remote_id.clone(),
            external_id: self.external_id().map(str::to_owned),
            display_name: self.display_name().unwrap_or_default().to_owned(),
            holder: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<RemoteId> {
        ids.iter().map(|id| RemoteId::new(*id)).collect()
    }

    fn resource(json: &Value) -> Resource {
        Resource::new(json.as_object().unwrap().clone())
    }

    #[test]
    fn members_are_added_by_one_list_and_removed_by_list_or_one_by_one() {
        let members = ids(&["a", "b\"c"]);
        let operations = |change| patch(change).to_json()["Operations"].clone();
        assert_eq!(
            operations(Change::Add(&members)),
            json!([{"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b\"c"}]}])
        );
        assert_eq!(
            operations(Change::Remove(&members, RemoveBy::ValueList)),
            json!([{"op": "remove", "path": "members", "value": [{"value": "a"}, {"value": "b\"c"}]}])
        );
        assert_eq!(
            operations(Change::Remove(&members, RemoveBy::Path)),
            json!([{"op": "remove", "path": "members[value eq \"a\"]"},
                   {"op": "remove", "path": "members[value eq \"b\\\"c\"]"}])
        );
    }

    #[test]
    fn a_put_keeps_what_it_is_not_about() {
        let group = json!({"id": "1", "displayName": "Admins", "x": 1, "meta": {"version": "3"},
                           "members": [{"value": "a", "display": "Ada"}, {"value": "b"}]});
        let added = merged(resource(&group), Change::Add(&ids(&["b", "c"])));
        let members = json!([{"value": "a", "display": "Ada"}, {"value": "b"}, {"value": "c"}]);
        assert_eq!(added.attributes()["members"], members);
        assert_eq!((&added.attributes()["x"], added.attributes().get("meta")), (&json!(1), None));
        let removed = merged(resource(&group), Change::Remove(&ids(&["b"]), RemoveBy::Path));
        assert_eq!(removed.attributes()["members"], json!([{"value": "a", "display": "Ada"}]));
    }

    #[test]
    fn a_member_that_is_listed_twice_is_one_and_a_group_that_shows_none_does_not_say_that_it_is_empty() {
        let seen = |json: Value| Seen::read(resource(&json)).unwrap().members;
        let twice = seen(json!({"id": "1", "members": [{"value": "a"}, {"value": "a"}, {"value": "b"}]}));
        assert_eq!(twice.map(|members| members.len()), Some(2));
        assert_eq!(seen(json!({"id": "1"})), None);
        assert_eq!(seen(json!({"id": "1", "members": []})), Some(BTreeSet::new()));
    }

    #[test]
    fn a_member_whose_id_is_nobodys_is_not_seen() {
        let members = json!([{"value": ""}, {"value": "x".repeat(20_000)}, {"value": "a"}]);
        let seen = Seen::read(resource(&json!({"id": "1", "members": members}))).unwrap();
        assert_eq!(seen.members, Some(ids(&["a"]).into_iter().collect()));
    }
}
