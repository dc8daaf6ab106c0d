//! Reads of a user's JSON only what a mapping looks at.
//!
//! A user has fifty fields and a mapping names a handful. The others are passed over without being made into anything,
//! which is most of the work of reading somebody. An expression that uses the user as a whole gets all of them.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The fields of a user, at the top, that a mapping looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fields {
    /// Any of them.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Fields {
    /// Reads these fields of a user's JSON.
    pub(super) fn read(&self, user: &str) -> Result<Map<String, Value>, serde_json::Error> {
        match self {
            Self::All => serde_json::from_str(user),
            Self::Only(names) => {
                let mut json = serde_json::Deserializer::from_str(user);
                let fields = Chosen { names }.deserialize(&mut json)?;
                json.end().map(|()| fields)
            }
        }
    }
}

/// An object of which some fields are kept.
struct Chosen<'a> {
    names: &'a BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for Chosen<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Chosen<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key_seed(Name { names: self.names })? {
            match name {
                Some(name) => {
                    fields.insert(name.to_owned(), object.next_value()?);
                }
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// A field's name, if it is one that is kept.
struct Name<'a> {
    names: &'a BTreeSet<String>,
}

impl<'de, 'a> DeserializeSeed<'de> for Name<'a> {
    type Value = Option<&'a str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Name<'a> {
    type Value = Option<&'a str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.names.get(name).map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: &str = r#"{"id": "1", "name": {"givenName": "Ada", "familyName": "King"}, "phones": [{"value": "1"}], "n\u0061me2": 2}"#;

    fn only(names: &[&str]) -> Fields {
        Fields::Only(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_is_read_is_what_a_whole_reading_has_of_these_fields() {
        let all = Fields::All.read(USER).unwrap();
        for names in [&["id"][..], &["name", "missing"], &["phones", "name2"], &[]] {
            let mut expected = all.clone();
            expected.retain(|name, _| names.contains(&name.as_str()));
            assert_eq!(only(names).read(USER).unwrap(), expected, "{names:?}");
        }
        assert_eq!(
            only(&["name2"]).read(USER).unwrap()["name2"],
            json!(2),
            "names may be written with escapes"
        );
    }

    #[test]
    fn what_is_no_object_or_goes_on_after_its_end_is_refused() {
        for text in ["[]", "{", r#"{"id": "1"} x"#, r#"{"id": "1", "other": }"#] {
            assert!(only(&["id"]).read(text).is_err(), "{text}");
            assert!(Fields::All.read(text).is_err(), "{text}");
        }
    }
}
