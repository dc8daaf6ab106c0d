//! Lists of the Directory API: `kind`, `etag`, the resources, `nextPageToken`.
//!
//! An array without elements is absent. So that some other object is not
//! taken for an empty list, a page has to name its kind or hold the array;
//! whoever asks for selected `fields` has to ask for `kind` too.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::json;

/// A resource that comes in lists.
pub trait Listed: Serialize + DeserializeOwned {
    /// The key of the array.
    const KEY: &'static str;
    /// The list's `kind`.
    const KIND: &'static str;
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The resources.
    pub items: Vec<T>,
    /// The token of the next page; none on the last one.
    pub next_page_token: Option<String>,
    /// The list's entity tag.
    pub etag: Option<String>,
}

/// Why a body is not a page of this list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is something else.
    #[error("the directory answered with something that is not a {kind:?} list")]
    NotThisList {
        /// The list's `kind`.
        kind: &'static str,
    },
    /// One of its resources cannot be read.
    #[error("the directory listed a resource in {key:?} that cannot be read: {detail}")]
    BadResource {
        /// The key of the array.
        key: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

impl<T: Listed> Page<T> {
    /// Reads a page.
    pub fn read(body: Value) -> Result<Self, ListError> {
        let not_this_list = ListError::NotThisList { kind: T::KIND };
        let Value::Object(mut body) = body else { return Err(not_this_list) };
        let items = match body.remove(T::KEY) {
            Some(Value::Array(items)) => items,
            None if json::text(&body, "kind") == Some(T::KIND) => Vec::new(),
            Some(_) | None => return Err(not_this_list),
        };
        let items = items.into_iter().map(|item| {
            serde_json::from_value(item)
                .map_err(|error| ListError::BadResource { key: T::KEY, detail: error.to_string() })
        });
        Ok(Self {
            items: items.collect::<Result<_, _>>()?,
            next_page_token: json::text(&body, "nextPageToken")
                .filter(|token| !token.is_empty())
                .map(str::to_owned),
            etag: json::text(&body, "etag").map(str::to_owned),
        })
    }

    /// The body, as Google writes it.
    pub fn to_json(&self) -> Value {
        let mut body = Map::from_iter([("kind".to_owned(), T::KIND.into())]);
        if let Some(etag) = &self.etag {
            body.insert("etag".to_owned(), etag.as_str().into());
        }
        if !self.items.is_empty() {
            let items = serde_json::to_value(&self.items).expect("invariant: a resource is written as JSON");
            body.insert(T::KEY.to_owned(), items);
        }
        if let Some(token) = &self.next_page_token {
            body.insert("nextPageToken".to_owned(), token.as_str().into());
        }
        body.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::group::Group;
    use crate::directory::user::User;

    #[test]
    fn an_absent_array_is_an_empty_one_in_the_right_list_only() {
        let page = Page::<User>::read(json!({"kind": "admin#directory#users", "etag": "x"})).unwrap();
        assert_eq!(page.items, []);
        for body in [json!({}), json!({"kind": "admin#directory#groups"}), json!([]), json!({"users": 1})] {
            assert!(Page::<User>::read(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_page_reads_as_it_was_written() {
        let wire = json!({
            "kind": "admin#directory#groups",
            "groups": [{"id": "1", "directMembersCount": "0"}],
            "nextPageToken": "t",
        });
        assert_eq!(Page::<Group>::read(wire.clone()).unwrap().to_json(), wire);
    }

    #[test]
    fn a_resource_that_cannot_be_read_is_an_error_and_not_left_out() {
        let body = json!({"groups": [{"id": "1"}, {"id": "2", "directMembersCount": "many"}]});
        assert!(matches!(Page::<Group>::read(body), Err(ListError::BadResource { key: "groups", .. })));
    }
}
