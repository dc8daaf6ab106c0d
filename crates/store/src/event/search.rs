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

/// A macro, because a statement is one literal and these differ in what they look for, and in the index that finds it.
macro_rules! search {
    ($name:literal, $condition:literal, $order:literal) => {
        concat!(
            "-- store::event::",
            $name,
            "
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote
FROM event WHERE app = $1 AND ",
            $condition,
            " ORDER BY ",
            $order,
            " LIMIT $3"
        )
    };
}

const OF_ALL: &str = search!(
    "search",
    "at >= $2 AND (at, run, seq, kind) < ($4, $5, $6, $7)",
    "at DESC, run DESC, seq DESC, kind DESC"
);
const OF_KIND: &str = search!(
    "search_of_kind",
    "kind = $7 AND at >= $2 AND (at, run, seq) < ($4, $5, $6)",
    "at DESC, run DESC, seq DESC"
);
// Who it is stands in both bounds and in the order: where it is an equality beside bounds of time, SQLite takes the index
// of everybody's lines and reads them all.
const OF_USER: &str = search!(
    "search_of_user",
    "(user_id, at) >= ($8, $2) AND (user_id, at, run, seq, kind) < ($8, $4, $5, $6, $7) AND ($9 = '' OR kind = $9)",
    "user_id DESC, at DESC, run DESC, seq DESC, kind DESC"
);
const OF_RUN: &str = search!(
    "search_of_run",
    "run = $5 AND at >= $2 AND ($8 = '' OR kind = $8) AND (at, seq, kind) < ($4, $6, $7)",
    "at DESC, seq DESC, kind DESC"
);

/// One page of what is asked for, the newest first; what comes `before` the last one of the page above.
pub async fn search(
    tx: &mut Tx,
    app: &AppId,
    search: &Search,
    before: Option<(Timestamp, &RunId, i64, EventKind)>,
    at_most: usize,
) -> Result<Vec<Event>, StoreError> {
    // Nothing comes before the first line of an instant.
    let until = (search.until.unwrap_or(Timestamp::from_micros(i64::MAX)), "", i64::MIN, "");
    let before = before.map(|(at, run, seq, kind)| (at, run.as_str(), seq, kind.as_str()));
    let (at, run, seq, kind) = before.filter(|before| before.0 < until.0).unwrap_or(until);
    let asked = search.kind.map_or("", EventKind::as_str);
    let since = search.since.unwrap_or(Timestamp::from_micros(i64::MIN));
    let mut values = vec![app.as_str().into(), instant(since), limit(at_most), instant(at)];
    let sql = match (&search.user, &search.run, search.kind) {
        (Some(user), _, _) => {
            values.extend([run.into(), seq.into(), kind.into(), user.as_str().into(), asked.into()]);
            OF_USER
        }
        (None, Some(of), _) => {
            values.extend([of.as_str().into(), seq.into(), kind.into(), asked.into()]);
            OF_RUN
        }
        (None, None, Some(_)) => {
            values.extend([run.into(), seq.into(), asked.into()]);
            OF_KIND
        }
        (None, None, None) => {
            values.extend([run.into(), seq.into(), kind.into()]);
            OF_ALL
        }
    };
    let mut found: Vec<Event> =
        tx.page(sql, COLUMNS, &values).await?.iter().map(event).collect::<Result<_, _>>()?;
    if let (Some(_), Some(run)) = (&search.user, &search.run) {
        found.retain(|event| event.run == *run);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::explain;

    #[tokio::test]
    async fn each_search_reads_the_lines_that_it_asks_for_in_their_order() {
        let searches = [
            (OF_ALL, "event_by_time (app=? AND "),
            (OF_KIND, "event_by_kind (app=? AND kind=? AND "),
            (OF_USER, "event_by_user (app=? AND (user_id,at)>(?,?) AND (user_id,at,run,seq,kind)<"),
            (OF_RUN, "event_by_run (app=? AND run=? AND "),
        ];
        for (sql, index) in searches {
            let steps = explain(sql, Some(COLUMNS)).await;
            assert!(steps.contains(index), "{sql}\n{steps}");
            assert!(!steps.contains("TEMP B-TREE"), "{sql}\n{steps}");
        }
    }
}
