//! What a group is called at an app.
//!
//! Its `displayName` is the directory's name of it, as the app takes texts; its `externalId` is the directory's id, by
//! which it is known again after every change of name.

use serde_json::Value;

use crate::attribute::Attributes;
use crate::attribute::changes::Change;
use crate::attribute::path::AttributePath;
use crate::directory::Group;
use crate::mapping::cleaning::Tally;
use crate::mapping::convert::convert;
use crate::template::Template;

/// `displayName` (RFC 7643 §4.2).
pub fn display_name() -> AttributePath {
    AttributePath::parse("displayName").expect("invariant: displayName is a path")
}

/// `externalId` (RFC 7643 §3.1).
pub fn external_id() -> AttributePath {
    AttributePath::parse("externalId").expect("invariant: externalId is a path")
}

/// Whether a change says what a group is to be called.
pub fn is_name(change: &Change) -> bool {
    change.path.as_str() == "displayName"
}

/// What the app is to hold of a group; or, in a sentence, why it takes no such name.
pub fn attributes(group: &Group, template: &Template) -> Result<Attributes, String> {
    let name = if group.name.trim().is_empty() { group.email.as_str() } else { group.name.trim() };
    let path = display_name();
    let value = match template.attribute(&path) {
        // A group's name is taken like a person's: AWS says so of both (Identity Store, `GroupDisplayName`).
        Some(attribute) => {
            convert(attribute, &Value::from(name), &mut Tally::default()).map_err(|misfit| {
                format!("the name {name:?} of the group {} does not fit: {misfit}", group.email)
            })?
        }
        None => Some(Value::from(name)),
    };
    let nothing_left =
        || format!("of the name {name:?} of the group {} the app takes no character", group.email);
    let value = value.ok_or_else(nothing_left)?;
    Ok([(path, value), (external_id(), Value::from(group.id.as_str()))].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Email, GroupId};

    fn named(name: &str) -> Result<Attributes, String> {
        let email = Email::parse("g@example.com").unwrap();
        let group = Group { id: GroupId::new("g1"), email, name: name.to_owned() };
        attributes(&group, Template::by_key("aws").unwrap())
    }

    fn shown(name: &str) -> String {
        named(name).unwrap().get(&display_name()).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn a_group_is_called_by_its_name_and_known_by_its_id() {
        assert_eq!(shown(" Platform team "), "Platform team");
        assert_eq!(named("x").unwrap().external_id(), Some("g1"));
        assert_eq!(shown(""), "g@example.com", "one without a name is called by its address");
    }

    #[test]
    fn a_name_that_the_app_does_not_take_is_that_groups_failure() {
        assert_eq!(shown("Plat\u{200b}form"), "Platform");
        let reserved = named("administrator").unwrap_err();
        assert!(reserved.contains("g@example.com") && reserved.contains("for itself"), "{reserved}");
        assert!(named(&"x".repeat(1025)).unwrap_err().contains("at most 1024"));
    }
}
