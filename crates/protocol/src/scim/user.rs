//! Users (RFC 7643 §4.1) and their enterprise extension (§4.3).

use serde_json::{Map, Value};

use crate::json;
use crate::scim::ENTERPRISE_USER_SCHEMA;
use crate::scim::resource::Resource;

/// A user, as the server sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct User(pub Resource);

/// One value of `emails`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Email<'a> {
    /// The address.
    pub value: &'a str,
    /// `work`, `home`, `other`, or the server's own.
    pub kind: Option<&'a str>,
    /// Whether it is the preferred one.
    pub primary: bool,
}

impl User {
    /// `id`.
    pub fn id(&self) -> Option<&str> {
        self.0.id()
    }

    /// `externalId`; an empty one counts as absent.
    pub fn external_id(&self) -> Option<&str> {
        self.0.external_id()
    }

    /// `userName`.
    pub fn user_name(&self) -> Option<&str> {
        self.0.text("userName")
    }

    /// `displayName`.
    pub fn display_name(&self) -> Option<&str> {
        self.0.display_name()
    }

    /// `active`, also where it is a string. `None` where the server does not say.
    pub fn active(&self) -> Option<bool> {
        json::flag(self.0.attributes(), "active")
    }

    /// `name.givenName`.
    pub fn given_name(&self) -> Option<&str> {
        json::text(json::object(self.0.attributes(), "name")?, "givenName")
    }

    /// `name.familyName`.
    pub fn family_name(&self) -> Option<&str> {
        json::text(json::object(self.0.attributes(), "name")?, "familyName")
    }

    /// `emails`; values without an address are left out.
    pub fn emails(&self) -> impl Iterator<Item = Email<'_>> {
        json::objects(self.0.attributes(), "emails").filter_map(|email| {
            Some(Email {
                value: json::text(email, "value")?,
                kind: json::text(email, "type"),
                primary: json::flag(email, "primary").unwrap_or(false),
            })
        })
    }

    /// The primary e-mail address, else the only one there is.
    pub fn primary_email(&self) -> Option<&str> {
        if let Some(primary) = self.emails().find(|email| email.primary) {
            return Some(primary.value);
        }
        let mut emails = self.emails();
        let first = emails.next()?;
        emails.next().is_none().then_some(first.value)
    }

    /// The enterprise extension.
    pub fn enterprise(&self) -> Option<&Map<String, Value>> {
        json::object(self.0.attributes(), ENTERPRISE_USER_SCHEMA)
    }
}

impl From<Resource> for User {
    fn from(resource: Resource) -> Self {
        Self(resource)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(attributes: &Value) -> User {
        User(Resource::new(attributes.as_object().unwrap().clone()))
    }

    #[test]
    fn active_may_be_a_string() {
        assert_eq!(user(&json!({"active": true})).active(), Some(true));
        assert_eq!(user(&json!({"active": "False"})).active(), Some(false));
        assert_eq!(user(&json!({"active": "yes"})).active(), None);
        assert_eq!(user(&json!({})).active(), None);
    }

    #[test]
    fn the_primary_address_is_not_guessed_among_many() {
        let two = json!({"emails": [{"value": "a@x"}, {"value": "b@x", "primary": "True"}]});
        assert_eq!(user(&two).primary_email(), Some("b@x"));
        assert_eq!(user(&json!({"emails": [{"value": "a@x"}]})).primary_email(), Some("a@x"));
        assert_eq!(user(&json!({"emails": [{"value": "a@x"}, {"value": "b@x"}]})).primary_email(), None);
    }

    #[test]
    fn the_extension_is_found_in_any_case() {
        let urn = ENTERPRISE_USER_SCHEMA.to_lowercase();
        let user = user(&json!({urn: {"department": "Math"}}));
        assert_eq!(user.enterprise().and_then(|extension| json::text(extension, "department")), Some("Math"));
    }
}
