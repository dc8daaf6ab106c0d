//! What an endpoint is, what it is given, and what it gives back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::pattern;

/// How many of something a page holds, unless another number is asked for.
const PAGE: usize = 100;
/// The most that a page holds.
const MAX_PAGE: usize = 1_000;

/// One thing that the console does.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    /// The path; `{name}` stands for an id.
    pub(super) path: &'static str,
    /// What it does, for a newcomer.
    pub(super) what: &'static str,
    /// Bodies, or a query, as examples.
    pub(super) examples: &'static [&'static str],
    pub(super) run: fn(&Call<'_>) -> Result<Reply, AdminError>,
}

impl Endpoint {
    /// The ids that a path names, if it is this endpoint's.
    pub(super) fn ids(&self, path: &str) -> Option<BTreeMap<&'static str, String>> {
        pattern::ids(self.path, path)
    }
}

/// A request, once it is known which endpoint it is for.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) center: &'a IdentityCenter,
    /// Every endpoint that there is.
    pub(super) endpoints: &'static [&'static [Endpoint]],
    pub(super) ids: BTreeMap<&'static str, String>,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
}

/// Which page of a list: so many from a place on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paged {
    pub(super) from: usize,
    pub(super) most: usize,
}

impl Call<'_> {
    /// The id that stands in the path for this name.
    pub(super) fn id(&self, name: &str) -> &str {
        self.ids.get(name).expect("invariant: the path of the endpoint has the name")
    }

    pub(super) fn tenant(&self) -> &str {
        self.id("tenant")
    }

    /// The body; none is an empty object.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, AdminError> {
        let body = if self.body.trim_ascii().is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| {
            AdminError::BadRequest(format!("the body is not what is expected here: {error}"))
        })
    }

    /// The page that is asked for; `from` is what the list calls the place where a page begins.
    pub(super) fn paged(&self, from: &str) -> Result<Paged, AdminError> {
        let mut paged = Paged { from: 0, most: PAGE };
        for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
            if name == from {
                paged.from = value.parse().map_err(|_| wrong(from, "a number"))?;
            } else if name == "limit" {
                let most = value.parse().ok().filter(|most| (1..=MAX_PAGE).contains(most));
                paged.most = most.ok_or_else(|| wrong("limit", "a number from 1 to 1,000"))?;
            } else {
                let why = format!("there is no parameter `{name}`: this list takes `{from}` and `limit`");
                return Err(AdminError::BadRequest(why));
            }
        }
        Ok(paged)
    }
}

fn wrong(name: &str, expected: &str) -> AdminError {
    AdminError::BadRequest(format!("`{name}` is not {expected}"))
}

/// A status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// JSON with a line break at its end: it is read on terminals.
    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        let mut body = serde_json::to_vec_pretty(body).expect("invariant: what is shown is JSON");
        body.push(b'\n');
        Self { status, body }
    }

    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::json(200, body)
    }

    pub(super) fn created(body: &impl Serialize) -> Self {
        Self::json(201, body)
    }

    pub(super) fn nothing() -> Self {
        Self { status: 204, body: Vec::new() }
    }
}
