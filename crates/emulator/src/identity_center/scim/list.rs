//! One page of resources, in either of the two ways of listing.

use std::sync::Arc;
use std::time::Duration;

use usher_model::time::Timestamp;

use crate::identity_center::scim::cursor::{Cursor, Listed};
use crate::identity_center::scim::query::Query;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::Key;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    listed: Listed,
    filter: Option<&'a str>,
    count: usize,
    is_by_cursor: bool,
    /// The page begins after this resource.
    pub(crate) after: Key,
    now: Timestamp,
    /// A page no longer than this, whatever is asked for: a fault.
    most: Option<usize>,
}

/// A page of resources.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) resources: Vec<Arc<T>>,
    pub(crate) shape: Shape,
}

/// Which of the two ways of listing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Cut off where the page ends.
    Cut,
    /// By cursor; with that of the next page, if there is one.
    Paged(Option<String>),
}

impl<'a> Asked<'a> {
    pub(crate) fn new(
        listed: Listed,
        query: &'a Query,
        settings: &Settings,
        now: Timestamp,
        most: Option<usize>,
    ) -> Result<Self, Refusal> {
        let count = query.count(settings)?;
        let filter = query.filter.as_deref();
        let life = settings.cursor_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
        let after = match query.cursor.as_deref() {
            None | Some("") => 0,
            Some(cursor) => Cursor::resume(cursor, listed, filter, life, now)?,
        };
        Ok(Self { listed, filter, count, is_by_cursor: query.cursor.is_some(), after, now, most })
    }

    /// Takes the page from what follows the cursor.
    pub(crate) fn page<'s, T: 's>(
        &self,
        mut rest: impl Iterator<Item = &'s Arc<T>>,
        key: impl Fn(&T) -> Key,
    ) -> Found<T> {
        let count =
            if self.is_by_cursor { self.count.min(self.most.unwrap_or(usize::MAX)) } else { self.count };
        let resources: Vec<Arc<T>> = rest.by_ref().take(count).cloned().collect();
        if !self.is_by_cursor {
            return Found { resources, shape: Shape::Cut };
        }
        // An empty page that a fault asks for goes on where it began.
        let has_more = rest.next().is_some() || count == 0;
        let last = resources.last().map_or(self.after, |last| key(last));
        let next = has_more.then(|| Cursor::new(self.listed, self.filter, last, self.now).encode());
        Found { resources, shape: Shape::Paged(next) }
    }
}
