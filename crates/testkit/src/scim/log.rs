//! What the app was asked, in the order it came, and what became of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Counted from 1.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query, encoded as they came.
    pub target: String,
    /// The body; null where there was none, a string where it was not JSON.
    pub body: Value,
    /// Whether it carried a bearer token, a right one or not.
    pub has_bearer: bool,
    /// The status that an honest app had come to; none where the request was not done, or is not yet.
    pub worked: Option<u16>,
    /// The status that was sent; none where the connection was closed instead, or the answer is still to come.
    pub sent: Option<u16>,
}

impl Logged {
    /// Whether the request asked to change something.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// How many requests came, by method.
pub(super) fn counts(log: &[Logged]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for logged in log {
        *counts.entry(logged.method.clone()).or_default() += 1;
    }
    counts
}
