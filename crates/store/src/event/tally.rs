//! The log counted, by spans of ten minutes: how much there is of each kind is known without reading a million lines.
//!
//! # Invariants
//!
//! 1. A span's number is how many lines the log has of that kind in it. Both are written in one transaction.
//! 2. What is counted from an instant on is exact: of the spans in which a count begins or ends, the lines are read.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::AppId;
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;

use super::{Event, EventKind};
use crate::StoreError;
use crate::columns::instant;
use crate::sql::{Column, Tx, Value};

/// A span, in microseconds.
const SPAN: i64 = 600_000_000;

fn span_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(SPAN)
}

const ADD: &str = "\
-- store::event::tally::add
INSERT INTO event_tally (app, span, kind, n)
SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT) FROM json_rows($2) WHERE true
ON CONFLICT (app, span, kind) DO UPDATE SET n = event_tally.n + excluded.n";

const COUNT_AGAIN: &str = "\
-- store::event::tally::count_again
INSERT INTO event_tally (app, span, kind, n)
SELECT event.app, event.at / 600000000, event.kind, COUNT(*)
FROM json_rows($2) AS spans
JOIN event ON event.app = $1 AND event.at >= CAST(value ->> 0 AS BIGINT) * 600000000
          AND event.at < (CAST(value ->> 0 AS BIGINT) + 1) * 600000000
WHERE true
GROUP BY event.app, event.at / 600000000, event.kind
ON CONFLICT (app, span, kind) DO UPDATE SET n = excluded.n";

/// Counts lines that were just added to the log, all but those that it had already: so many are new.
pub(super) async fn add(tx: &mut Tx, app: &AppId, events: &[Event], n_new: u64) -> Result<(), StoreError> {
    if n_new == 0 {
        return Ok(());
    }
    let mut tally: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for event in events {
        *tally.entry((span_of(event.at), event.kind.as_str())).or_default() += 1;
    }
    let (sql, rows) = if events.len() as u64 == n_new {
        let rows = tally.into_iter().map(|((span, kind), n)| [span.into(), kind.into(), n.into()]);
        (ADD, Value::rows(rows))
    } else {
        let spans: BTreeSet<i64> = tally.into_keys().map(|(span, _)| span).collect();
        (COUNT_AGAIN, Value::rows(spans.into_iter().map(|span| [span.into()])))
    };
    tx.execute(sql, &[app.as_str().into(), rows]).await.map(drop)
}

const WHOLE: &str = "\
-- store::event::tally::whole
SELECT kind, CAST(SUM(n) AS BIGINT) AS n FROM event_tally WHERE app = $1 AND span > $2 GROUP BY kind";

const BEGUN: &str = "\
-- store::event::tally::begun
SELECT kind, COUNT(*) AS n FROM event WHERE app = $1 AND at >= $2 AND at < $3 GROUP BY kind";

/// How many events there are of each kind from then on.
pub async fn counts(
    tx: &mut Tx,
    app: &AppId,
    since: Timestamp,
) -> Result<BTreeMap<EventKind, u64>, StoreError> {
    let since = if mutant::lives(Mutant::CountedTooLong) { Timestamp::from_micros(0) } else { since };
    let span = span_of(since);
    let mut rows = tx.rows(WHOLE, &[app.as_str().into(), span.into()]).await?;
    let values = [app.as_str().into(), instant(since), ((span + 1) * SPAN).into()];
    rows.extend(tx.rows(BEGUN, &values).await?);
    let mut counts = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.named("kind", EventKind::from_name)?).or_default() += row.count("n")?;
    }
    Ok(counts)
}

// A day begins in the middle of every 144th span.
const WHOLE_BY_DAY: &str = "\
-- store::event::tally::whole_by_day
SELECT (span - $2) / 144 AS day, kind, CAST(SUM(n) AS BIGINT) AS n FROM event_tally
WHERE app = $1 AND span > $2 AND (span - $2) % 144 <> 0 GROUP BY (span - $2) / 144, kind";

const BEGUN_BY_DAY: &str = "\
-- store::event::tally::begun_by_day
SELECT (event.at - $3) / 86400000000 AS day, event.kind AS kind, COUNT(*) AS n
FROM (SELECT DISTINCT span FROM event_tally WHERE app = $1 AND span >= $2 AND (span - $2) % 144 = 0) AS begun
JOIN event ON event.app = $1 AND event.at >= begun.span * 600000000 AND event.at < (begun.span + 1) * 600000000
WHERE event.at >= $3 GROUP BY (event.at - $3) / 86400000000, event.kind";

/// How many events there are of each kind on each day from then on, a day being so many times 24 hours after it.
pub async fn by_day(
    tx: &mut Tx,
    app: &AppId,
    since: Timestamp,
) -> Result<BTreeMap<(u64, EventKind), u64>, StoreError> {
    let columns = [Column::Int("day"), Column::Text("kind"), Column::Int("n")];
    let values = [app.as_str().into(), span_of(since).into(), instant(since)];
    let mut rows = tx.page(WHOLE_BY_DAY, &columns, &values[..2]).await?;
    rows.extend(tx.page(BEGUN_BY_DAY, &columns, &values).await?);
    let mut counts = BTreeMap::new();
    for row in &rows {
        let of = (row.count("day")?, row.named("kind", EventKind::from_name)?);
        *counts.entry(of).or_default() += row.count("n")?;
    }
    Ok(counts)
}
