//! The columns, and the attributes of a user that they stand for.
//!
//! Which attribute is Google's choice: what is uploaded in a column shows up there in the Directory API.

use crate::import::cell::Place;
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
