//! Filters, as far as this app knows them: `attribute eq "value"` on `id`, `userName`, `externalId`, `displayName`,
//! `groups.value` and `members.value` (RFC 7644 §3.4.2.2). Everything else is refused with `invalidFilter`.

use serde_json::Value;

use super::answer::Refused;
use super::resources::Attribute;

/// Which attribute has to be equal to what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) attribute: Attribute,
    pub(super) value: String,
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        let not_known =
            || Refused::new(400, "invalidFilter", format!("this filter is not known here: {text}"));
        let mut words = text.trim().splitn(3, ' ');
        let (Some(name), Some(operator), Some(value)) = (words.next(), words.next(), words.next()) else {
            return Err(not_known());
        };
        let Ok(Value::String(value)) = serde_json::from_str(value.trim()) else {
            return Err(not_known());
        };
        let attribute = Attribute::named(name).filter(|_| operator.eq_ignore_ascii_case("eq"));
        Ok(Self { attribute: attribute.ok_or_else(not_known)?, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_operators_have_no_case_and_values_are_json_strings() {
        let filter = Filter::parse(r#"USERNAME Eq "a \"b\" c""#).unwrap();
        assert_eq!(filter, Filter { attribute: Attribute::UserName, value: "a \"b\" c".into() });
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_guessed() {
        for text in [
            r#"userName sw "a""#,
            r#"title eq "a""#,
            "userName pr",
            "userName eq a",
            r#"id eq "a" or id eq "b""#,
            r#"groups eq "a""#,
        ] {
            assert_eq!(Filter::parse(text).unwrap_err().scim_type, Some("invalidFilter"), "{text}");
        }
    }
}
