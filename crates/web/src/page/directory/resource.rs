//! What the Directory API's user resource says, in words: as a page shows it, and as a form edits it.

use serde_json::{Map, Value as Json, json};
use usher_store::directory::Person;

/// A resource.
pub(crate) type Resource = Map<String, Json>;

/// The name of somebody; where they have none, their address.
pub(crate) fn full_name(person: &Person) -> String {
    let name = person.resource.get("name").and_then(Json::as_object);
    let part = |part: &str| name.and_then(|name| name.get(part)).and_then(Json::as_str).unwrap_or_default();
    let joined = format!("{} {}", part("givenName"), part("familyName"));
    let full =
        [part("displayName"), part("fullName"), joined.trim()].into_iter().find(|text| !text.is_empty());
    full.map_or_else(|| person.user.primary_email.to_string(), str::to_owned)
}

/// What a resource says of somebody, by what it is called.
pub(crate) fn attributes(resource: &Resource) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut say = |name: &str, text: String| {
        if !text.is_empty() {
            said.push((name.to_owned(), text));
        }
    };
    let name = |part: &str| resource.get("name").map(|name| text(name, part)).unwrap_or_default();
    say("Given name", name("givenName"));
    say("Family name", name("familyName"));
    for organization in list(resource, "organizations") {
        let parts = [
            ("title", "Job title"),
            ("department", "Department"),
            ("costCenter", "Cost centre"),
            ("name", "Company"),
        ];
        for (part, words) in parts {
            say(words, text(organization, part));
        }
    }
    let lists = [
        ("externalIds", "value", "Id"),
        ("relations", "value", "Relation"),
        ("phones", "value", "Phone"),
        ("emails", "address", "Other address"),
        ("addresses", "formatted", "Postal address"),
        ("locations", "area", "Location"),
        ("languages", "languageCode", "Language"),
    ];
    let primary = resource.get("primaryEmail").and_then(Json::as_str).unwrap_or_default();
    for (key, value, words) in lists {
        for entry in list(resource, key) {
            let shown = text(entry, value);
            if shown == primary {
                continue;
            }
            let kind =
                [text(entry, "customType"), text(entry, "type")].into_iter().find(|kind| !kind.is_empty());
            let words = kind.map_or_else(|| words.to_owned(), |kind| format!("{words} ({kind})"));
            say(&words, shown);
        }
    }
    for (schema, fields) in resource.get("customSchemas").and_then(Json::as_object).into_iter().flatten() {
        for (field, value) in fields.as_object().into_iter().flatten() {
            say(&format!("{schema}: {field}"), custom(value));
        }
    }
    say(
        "Recovery address",
        resource.get("recoveryEmail").and_then(Json::as_str).unwrap_or_default().to_owned(),
    );
    said
}

/// A value of a custom attribute, as a text; several on a line each.
pub(crate) fn custom(value: &Json) -> String {
    match value {
        Json::Array(values) => {
            let values = values.iter().map(|one| one.get("value").map_or_else(|| custom(one), custom));
            values.collect::<Vec<_>>().join("\n")
        }
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

fn list<'a>(resource: &'a Resource, name: &str) -> impl Iterator<Item = &'a Json> {
    resource.get(name).and_then(Json::as_array).into_iter().flatten()
}

fn text(of: &Json, name: &str) -> String {
    of.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// A field of the form that is an entry of a list: which list, by which type the entry is known (none: the primary one), and
/// which of its values it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) field: &'static str,
    pub(crate) words: &'static str,
    list: &'static str,
    kind: Option<&'static str>,
    value: &'static str,
}

/// The fields that are entries of lists.
pub(crate) const LISTED: [Listed; 6] = [
    Listed { field: "title", words: "Job title", list: "organizations", kind: None, value: "title" },
    Listed {
        field: "department",
        words: "Department",
        list: "organizations",
        kind: None,
        value: "department",
    },
    Listed {
        field: "cost_center",
        words: "Cost centre",
        list: "organizations",
        kind: None,
        value: "costCenter",
    },
    Listed {
        field: "employee_id",
        words: "Employee id",
        list: "externalIds",
        kind: Some("organization"),
        value: "value",
    },
    Listed {
        field: "manager",
        words: "Manager’s address",
        list: "relations",
        kind: Some("manager"),
        value: "value",
    },
    Listed { field: "phone", words: "Phone at work", list: "phones", kind: Some("work"), value: "value" },
];

impl Listed {
    fn place(self, entries: &[Json]) -> Option<usize> {
        if let Some(kind) = self.kind {
            return entries.iter().position(|entry| text(entry, "type") == kind);
        }
        let primary = entries.iter().position(|entry| entry.get("primary") == Some(&Json::Bool(true)));
        primary.or((!entries.is_empty()).then_some(0))
    }

    /// What a resource says.
    pub(crate) fn read(self, resource: &Resource) -> String {
        let entries = resource.get(self.list).and_then(Json::as_array).cloned().unwrap_or_default();
        let entry = self.place(&entries).and_then(|at| entries.get(at));
        entry.map(|entry| text(entry, self.value)).unwrap_or_default()
    }

    /// Says something else in a resource; nothing clears it. Every other entry, and all else of this one, stays.
    pub(crate) fn write(self, resource: &mut Resource, said: &str) {
        if self.read(resource) == said {
            return;
        }
        let entries = resource.entry(self.list).or_insert_with(|| json!([]));
        let Some(entries) = entries.as_array_mut() else { return };
        let at = self.place(entries).unwrap_or_else(|| {
            entries.push(match self.kind {
                Some(kind) => json!({"type": kind}),
                None => json!({"primary": true}),
            });
            entries.len() - 1
        });
        let Some(entry) = entries.get_mut(at).and_then(Json::as_object_mut) else { return };
        if said.is_empty() {
            entry.remove(self.value);
        } else {
            entry.insert(self.value.to_owned(), said.into());
        }
        // An entry that says nothing but what it is of is no entry.
        if entry.keys().all(|key| matches!(key.as_str(), "type" | "primary" | "customType")) {
            entries.remove(at);
        }
    }

    /// The list that it is in.
    pub(crate) fn list(self) -> &'static str {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(value: Json) -> Resource {
        let Json::Object(resource) = value else { panic!() };
        resource
    }

    fn field(name: &str) -> Listed {
        LISTED.into_iter().find(|listed| listed.field == name).unwrap()
    }

    #[test]
    fn a_field_changes_its_own_entry_alone() {
        let mut of = resource(json!({
            "organizations": [{"title": "Old", "name": "Side"}, {"primary": true, "title": "Lead", "name": "Main"}],
            "phones": [{"type": "home", "value": "1"}],
        }));
        assert_eq!(field("title").read(&of), "Lead");
        field("title").write(&mut of, "Head");
        field("phone").write(&mut of, "2");
        let expected = json!({
            "organizations": [{"title": "Old", "name": "Side"}, {"primary": true, "title": "Head", "name": "Main"}],
            "phones": [{"type": "home", "value": "1"}, {"type": "work", "value": "2"}],
        });
        assert_eq!(Json::Object(of.clone()), expected);
        field("phone").write(&mut of, "");
        assert_eq!(of["phones"], json!([{"type": "home", "value": "1"}]));
    }

    #[test]
    fn what_is_not_there_is_not_made_by_saying_nothing() {
        let mut of = Resource::new();
        for listed in LISTED {
            listed.write(&mut of, "");
        }
        assert!(of.is_empty());
    }

    #[test]
    fn custom_attributes_are_shown_whatever_they_are() {
        let of = resource(
            json!({"customSchemas": {"Work": {"level": 3, "tags": [{"value": "a"}, {"value": "b"}]}}}),
        );
        let said = attributes(&of);
        assert_eq!(said, [("Work: level".into(), "3".into()), ("Work: tags".into(), "a\nb".into())]);
    }
}
