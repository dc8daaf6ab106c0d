//! Users as they were a while ago, for searches whose index lags.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use usher_model::time::Timestamp;

use super::directory::User;

/// The most versions that are kept; the oldest go first.
const MAX_VERSIONS: usize = 200_000;

/// What users were before they were changed.
#[derive(Debug, Default)]
pub(crate) struct History {
    versions: VecDeque<(Timestamp, String, Option<Arc<User>>)>,
}

impl History {
    /// Notes that a user was another, or none, until now.
    pub(crate) fn note(&mut self, id: &str, before: Option<Arc<User>>, now: Timestamp, lag: Duration) {
        self.versions.push_back((now, id.to_owned(), before));
        while self.versions.len() > MAX_VERSIONS
            || self.versions.front().is_some_and(|(at, _, _)| now.since(*at) > lag)
        {
            self.versions.pop_front();
        }
    }

    /// The users who were changed since, as they were then.
    pub(crate) fn as_of(&self, then: Timestamp) -> BTreeMap<String, Option<Arc<User>>> {
        let mut users = BTreeMap::new();
        for (at, id, before) in &self.versions {
            if *at > then {
                users.entry(id.clone()).or_insert_with(|| before.clone());
            }
        }
        users
    }
}
