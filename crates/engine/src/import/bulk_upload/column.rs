//! The columns, and the attributes of a user that they stand for.
//!
//! Which attribute is Google's choice: what is uploaded in a column shows up there in the Directory API.

use serde_json::{Map, Value as Json};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Column {
    /// The address of the person that the line is about.
    Email,
    /// An attribute of its own.
    Text(&'static str),
    /// A part of the name.
    Name(&'static str),
    /// One value of a list.
    Value(Place),
    /// Active, Suspended or Archived.
    Status,
    /// True or False.
    ChangePassword,
    /// Secrets, licences, and what Google only reports.
    Ignored,
}

/// Which value of which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) struct Place {
    list: &'static str,
    entry_type: &'static str,
    field: &'static str,
}

/// What a cell says of one value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Cell {
    pub(in crate::import) place: Place,
    pub(in crate::import) value: String,
}

const fn value(list: &'static str, entry_type: &'static str, field: &'static str) -> Column {
    Column::Value(Place { list, entry_type, field })
}

/// Names without the marks in brackets, in lower case.
const COLUMNS: &[(&str, Column)] = &[
    ("first name", Column::Name("givenName")),
    ("last name", Column::Name("familyName")),
    ("email address", Column::Email),
    ("password", Column::Ignored),
    ("password hash function", Column::Ignored),
    ("org unit path", Column::Text("orgUnitPath")),
    ("new primary email", Column::Text("primaryEmail")),
    ("recovery email", Column::Text("recoveryEmail")),
    ("home secondary email", value("emails", "home", "address")),
    ("work secondary email", value("emails", "work", "address")),
    ("recovery phone", Column::Text("recoveryPhone")),
    ("work phone", value("phones", "work", "value")),
    ("home phone", value("phones", "home", "value")),
    ("mobile phone", value("phones", "mobile", "value")),
    ("work address", value("addresses", "work", "formatted")),
    ("home address", value("addresses", "home", "formatted")),
    ("employee id", value("externalIds", "organization", "value")),
    ("employee type", value("organizations", "work", "description")),
    ("employee title", value("organizations", "work", "title")),
    ("manager email", value("relations", "manager", "value")),
    ("department", value("organizations", "work", "department")),
    ("cost center", value("organizations", "work", "costCenter")),
    ("building id", value("locations", "desk", "buildingId")),
    ("floor name", value("locations", "desk", "floorName")),
    ("floor section", value("locations", "desk", "floorSection")),
    ("change password at next sign-in", Column::ChangePassword),
    ("new status", Column::Status),
    ("new licenses", Column::Ignored),
    ("advanced protection program enrollment", Column::Ignored),
];

impl Column {
    /// The column called so; none if Google has no such column.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        let (plain, marks) = name.split_once('[').unwrap_or((&name, ""));
        if marks.starts_with("read only") {
            return Some(Self::Ignored);
        }
        let plain = plain.trim();
        COLUMNS.iter().find(|(known, _)| *known == plain).map(|(_, column)| *column)
    }
}

impl Cell {
    /// Puts the value where it belongs; the other values of the list stay, and so do the other fields of this one.
    pub(in crate::import) fn lay_over(&self, resource: &mut Map<String, Json>) {
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
