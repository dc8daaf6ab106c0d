//! What a table says of one value of a list, whose other values stay.

use serde_json::{Map, Value as Json};

/// Which value of which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) list: &'static str,
    pub(super) entry_type: &'static str,
    pub(super) field: &'static str,
}

/// What a cell says of one value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) place: Place,
    pub(super) value: String,
}

impl Cell {
    /// Puts the value where it belongs; the other values of the list stay, and so do the other fields of this one.
    pub(super) fn lay_over(&self, resource: &mut Map<String, Json>) {
        let Place { list, entry_type, field } = self.place;
        let values = resource.entry(list).or_insert_with(|| Json::Array(Vec::new()));
        if !values.is_array() {
            *values = Json::Array(Vec::new());
        }
        let values = values.as_array_mut().expect("invariant: a list was just put there");
        let index = values.iter().position(|value| self.is_meant(value)).unwrap_or_else(|| {
            let mut value = Map::new();
            value.insert("type".to_owned(), entry_type.into());
            if list == "organizations" {
                value.insert("primary".to_owned(), true.into());
            }
            values.push(value.into());
            values.len() - 1
        });
        if let Json::Object(value) = &mut values[index] {
            value.insert(field.to_owned(), self.value.as_str().into());
        }
    }

    fn is_meant(&self, value: &Json) -> bool {
        let is_primary = value.get("primary") == Some(&Json::Bool(true));
        let has_type = value.get("type").and_then(Json::as_str) == Some(self.place.entry_type);
        match self.place.list {
            // The job that counts, whatever type it was given.
            "organizations" => is_primary,
            // The account's own address is listed too, often as one of work; a secondary one is another.
            "emails" => has_type && !is_primary,
            _ => has_type,
        }
    }
}
