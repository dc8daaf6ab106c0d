//! The log as a person looks through it: of one kind, of one person, of one run, of some days.

use usher_model::id::{AppId, RunId, UserId};
use usher_model::time::Timestamp;

use super::{COLUMNS, Event, EventKind, event};
use crate::StoreError;
use crate::columns::{instant, limit};
use crate::sql::Tx;

/// What of the log is asked for; nothing: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub kind: Option<EventKind>,
    pub user: Option<UserId>,
    pub run: Option<RunId>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// Up to then, and not then.
    pub until: Option<Timestamp>,
}

/// A macro, because a statement is one literal and these differ in one condition.
macro_rules! search {
    ($name:literal, $condition:literal) => {
        concat!(
            "-- store::event::",
            $name,
            "
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote
FROM event WHERE app = $1 AND ",
            $condition,
            " AND at >= $4 AND at < $5 AND ($3 = '' OR kind = $3) AND (at, run, seq, kind) < ($6, $7, $8, $9)
ORDER BY at DESC, run DESC, seq DESC, kind DESC LIMIT $10"
        )
    };
}

const OF_ALL: &str = search!("search", "$2 = ''");
const OF_USER: &str = search!("search_of_user", "user_id = $2");
const OF_RUN: &str = search!("search_of_run", "run = $2");
const OF_KIND: &str = search!("search_of_kind", "$2 = '' AND kind = $3");

/// One page of what is asked for, the newest first; what comes `before` the last one of the page above.
pub async fn search(
    tx: &mut Tx,
    app: &AppId,
    search: &Search,
    before: Option<(Timestamp, &RunId, i64, EventKind)>,
    at_most: usize,
) -> Result<Vec<Event>, StoreError> {
    let (sql, of) = match (&search.user, &search.run) {
        (Some(user), _) => (OF_USER, user.as_str()),
        (None, Some(run)) => (OF_RUN, run.as_str()),
        (None, None) if search.kind.is_some() => (OF_KIND, ""),
        (None, None) => (OF_ALL, ""),
    };
    let (at, run, seq, kind) = match before {
        Some((at, run, seq, kind)) => (at, run.as_str(), seq, kind.as_str()),
        None => (Timestamp::from_micros(i64::MAX), "", 0, ""),
    };
    let values = [
        app.as_str().into(),
        of.into(),
        search.kind.map_or("", EventKind::as_str).into(),
        instant(search.since.unwrap_or(Timestamp::from_micros(i64::MIN))),
        instant(search.until.unwrap_or(Timestamp::from_micros(i64::MAX))),
        instant(at),
        run.into(),
        seq.into(),
        kind.into(),
        limit(at_most),
    ];
    let mut found: Vec<Event> =
        tx.page(sql, COLUMNS, &values).await?.iter().map(event).collect::<Result<_, _>>()?;
    if let (Some(_), Some(run)) = (&search.user, &search.run) {
        found.retain(|event| event.run == *run);
    }
    Ok(found)
}
