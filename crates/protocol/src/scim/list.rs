//! A page of a list (RFC 7644 §3.4.2, RFC 9865 §2).

use serde_json::{Map, Value, json};

use crate::json;
use crate::scim::LIST_RESPONSE_SCHEMA;
use crate::scim::resource::Resource;

/// A page of a list, as the server sent it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListResponse {
    /// How many resources there are, on all pages together. Optional with cursors.
    pub total_results: Option<u64>,
    /// How many are on this page, as the server says.
    pub items_per_page: Option<u64>,
    /// The place of the first one, counted from 1. Index paging only.
    pub start_index: Option<u64>,
    /// The cursor of the next page. Cursor paging only; none on the last page.
    pub next_cursor: Option<String>,
    /// The resources.
    pub resources: Vec<Resource>,
}

/// Why a body is not a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAList {
    /// It is not a JSON object.
    #[error("the app answered a list request with a body that is not a JSON object")]
    NotAnObject,
    /// It holds neither `Resources` nor `totalResults`.
    #[error(
        "the app answered a list request with an object that has neither \"Resources\" nor \"totalResults\""
    )]
    NoResources,
    /// `Resources` is not an array of objects.
    #[error("the app answered a list request with \"Resources\" that are not an array of objects")]
    NotResources,
}

impl ListResponse {
    /// Reads a page. `Resources` may be missing where `totalResults` is there;
    /// an object with neither is *not* an empty list, whatever sent it.
    pub fn read(body: &Value) -> Result<Self, NotAList> {
        let body = body.as_object().ok_or(NotAList::NotAnObject)?;
        let total_results = json::count(body, "totalResults");
        Ok(Self {
            total_results,
            items_per_page: json::count(body, "itemsPerPage"),
            start_index: json::count(body, "startIndex"),
            next_cursor: json::text(body, "nextCursor")
                .filter(|cursor| !cursor.is_empty())
                .map(str::to_owned),
            resources: resources(body, total_results.is_some())?,
        })
    }

    /// The body, as a server writes it.
    pub fn to_json(&self) -> Value {
        let resources: Vec<Value> = self.resources.iter().map(|resource| resource.clone().into()).collect();
        let mut body = json!({ "schemas": [LIST_RESPONSE_SCHEMA], "Resources": resources });
        let counts = [
            ("totalResults", self.total_results),
            ("itemsPerPage", self.items_per_page),
            ("startIndex", self.start_index),
        ];
        for (name, count) in counts {
            if let Some(count) = count {
                body[name] = count.into();
            }
        }
        if let Some(cursor) = &self.next_cursor {
            body["nextCursor"] = cursor.as_str().into();
        }
        body
    }
}

fn resources(body: &Map<String, Value>, may_be_missing: bool) -> Result<Vec<Resource>, NotAList> {
    let values = match json::find(body, "Resources") {
        Some(Value::Array(values)) => values,
        Some(Value::Null) | None if may_be_missing => return Ok(Vec::new()),
        Some(Value::Null) | None => return Err(NotAList::NoResources),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return Err(NotAList::NotResources);
        }
    };
    values
        .iter()
        .map(|value| value.as_object().cloned().map(Resource::new).ok_or(NotAList::NotResources))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lenient_server_is_understood() {
        let page = ListResponse::read(&json!({"totalResults": "2", "resources": [{"id": "1"}, {"id": "2"}]}));
        let page = page.unwrap();
        assert_eq!(page.total_results, Some(2));
        assert_eq!(page.items_per_page, None);
        assert_eq!(page.resources.len(), 2);
    }

    #[test]
    fn nothing_found_may_leave_resources_out() {
        assert_eq!(ListResponse::read(&json!({"totalResults": 0})).unwrap().resources, []);
    }

    #[test]
    fn an_object_that_is_no_list_is_not_an_empty_one() {
        assert_eq!(ListResponse::read(&json!({})), Err(NotAList::NoResources));
        assert_eq!(ListResponse::read(&json!({"status": "ok"})), Err(NotAList::NoResources));
        assert_eq!(ListResponse::read(&json!({"Resources": {"id": "1"}})), Err(NotAList::NotResources));
        assert_eq!(ListResponse::read(&json!({"Resources": ["1"]})), Err(NotAList::NotResources));
        assert_eq!(ListResponse::read(&json!([])), Err(NotAList::NotAnObject));
    }

    #[test]
    fn a_page_reads_as_it_was_written() {
        let page = ListResponse {
            items_per_page: Some(1),
            next_cursor: Some("VZUTiyhEQJ94IR".to_owned()),
            resources: vec![Resource::new(Map::from_iter([("id".to_owned(), json!("1"))]))],
            ..ListResponse::default()
        };
        assert_eq!(ListResponse::read(&page.to_json()), Ok(page));
    }
}
