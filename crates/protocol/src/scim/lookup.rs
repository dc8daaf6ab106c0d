//! Looking for one resource by a filter, and not believing too much.
//!
//! A server that does not know a filter may refuse it, find nothing, or ignore
//! it and send everybody. So what comes back is held against the filter once
//! more: only a resource that meets it is *found*. Somebody else's account is
//! never adopted because a server did not read the question.
//!
//! Not for filters on what a server does not return, such as AWS's
//! `groups.value`: nothing would be found.

use crate::http::Response;
use crate::scim::failure::Failure;
use crate::scim::filter::Filter;
use crate::scim::list::{ListResponse, NotAList};
use crate::scim::resource::Resource;

/// The answer to a lookup.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The resources that meet the filter.
    pub found: Vec<Resource>,
    /// How many came that do not meet it. Any at all means that this server
    /// cannot be asked in this way, and that nothing found means nothing.
    pub strangers: usize,
    /// Whether the server has more than it sent.
    pub more: bool,
}

/// Why a lookup has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The server refused.
    #[error(transparent)]
    Refused(#[from] Failure),
    /// The body is not a list.
    #[error(transparent)]
    NotAList(#[from] NotAList),
}

impl Lookup {
    /// Reads the answer to [`crate::scim::request::find`] with this filter.
    pub fn read(response: &Response, filter: &Filter) -> Result<Self, LookupError> {
        if !response.is_success() {
            return Err(Failure::read(response).into());
        }
        let page = ListResponse::read(&response.body_json().ok_or(NotAList::NotAnObject)?)?;
        let sent = page.resources.len();
        let more = page.next_cursor.is_some() || page.total_results.is_some_and(|total| total > sent as u64);
        let found: Vec<_> =
            page.resources.into_iter().filter(|resource| filter.matches(resource.attributes())).collect();
        Ok(Self { strangers: sent - found.len(), found, more })
    }

    /// Whether the server can be believed that nobody meets the filter.
    pub fn is_nobody(&self) -> bool {
        self.found.is_empty() && self.strangers == 0 && !self.more
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Filter {
        Filter::eq("userName", "ada@example.com")
    }

    #[test]
    fn a_server_that_ignores_the_filter_finds_nobody_else() {
        let body = json!({"totalResults": 200, "Resources": [
            {"id": "1", "userName": "bob@example.com"}, {"id": "2", "userName": "ADA@example.com"}]});
        let lookup = Lookup::read(&Response::json(200, &body), &ada()).unwrap();
        assert_eq!(lookup.found.iter().filter_map(Resource::id).collect::<Vec<_>>(), ["2"]);
        assert_eq!(lookup.strangers, 1);
        assert!(lookup.more);
    }

    #[test]
    fn nobody_is_believed_of_an_empty_list_only() {
        let read = |body| Lookup::read(&Response::json(200, &body), &ada());
        assert!(read(json!({"totalResults": 0})).unwrap().is_nobody());
        assert!(read(json!({"Resources": []})).unwrap().is_nobody());
        assert!(!read(json!({"totalResults": 1, "Resources": []})).unwrap().is_nobody());
        assert!(!read(json!({"Resources": [{"id": "1", "userName": "bob"}]})).unwrap().is_nobody());
        assert!(matches!(read(json!({})), Err(LookupError::NotAList(_))));
        assert!(matches!(Lookup::read(&Response::empty(400), &ada()), Err(LookupError::Refused(_))));
    }
}
