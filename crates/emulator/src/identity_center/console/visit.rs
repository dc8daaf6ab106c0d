//! What a page is given: whose it is, what the address says, what the form says.

use std::collections::BTreeMap;

use url::form_urlencoded;

use crate::exchange::Response;
use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::form::Form;
use crate::identity_center::find::Search;

/// How many lines a list has.
pub(super) const LINES: usize = 50;

/// One thing that is shown or done.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    /// The path; `{name}` stands for an id.
    pub(super) path: &'static str,
    pub(super) run: fn(&Visit<'_>) -> Result<Response, AdminError>,
}

/// A request, once it is known which page it is for.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) center: &'a IdentityCenter,
    pub(super) form: Form,
    ids: BTreeMap<&'static str, String>,
    query: BTreeMap<String, String>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        center: &'a IdentityCenter,
        ids: BTreeMap<&'static str, String>,
        query: &str,
        form: Form,
    ) -> Self {
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { center, form, ids, query }
    }

    /// The id that stands in the path for this name.
    pub(super) fn id(&self, name: &str) -> &str {
        self.ids.get(name).expect("invariant: the path of the route has the name")
    }

    pub(super) fn tenant(&self) -> &str {
        self.id("tenant")
    }

    /// A value of the query; nothing where there is none.
    pub(super) fn query(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What is looked for in a list.
    pub(super) fn text(&self) -> &str {
        self.query("q").trim()
    }

    /// Which page of a list, from 1 on; what is no number is the first.
    pub(super) fn page(&self) -> usize {
        self.query("page").parse().unwrap_or(1).max(1)
    }

    /// The same as a search.
    pub(super) fn search(&self) -> Search<'_> {
        let skip = (self.page() - 1).saturating_mul(LINES);
        Search { text: self.text(), skip, most: LINES }
    }
}
