//! Who is to be added to a group: people below it, or everybody, who have an account and are no members yet.

use std::collections::BTreeSet;

use usher_model::id::UserId;

use super::Wanted;
use super::wanted::{Stretch, is_on, is_refused};
use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx, Value};

/// What is left of the people `who` (their ids), after `$1` to `$6` of [`Wanted::values`]; `$7`: whether who is missing
/// is added again; `$now`: who was refused and waits for a later try is left out. A macro, because a statement is one literal and four share this.
///
/// Somebody without an account is to have one by the plan; as a new account it is in no group.
macro_rules! lacking {
    ($now:literal) => {
        concat!(
            "LEFT JOIN account AS a ON a.app = $1 AND a.user_id = who.id AND a.state NOT IN ('none', 'gone')
WHERE CASE
        WHEN a.remote_id IS NULL THEN 0 < (
            SELECT COUNT(*) FROM plan_operation AS plan
            WHERE plan.app = $1 AND plan.run = $4 AND plan.user_id = who.id AND plan.kind IN ('create', 'adopt')
              AND plan.state = 'planned')
        ELSE 0 = (
            SELECT COUNT(*) FROM group_member AS member
            WHERE member.app = $1 AND member.group_id = $3 AND member.member_id = a.remote_id
              AND (member.standing <> 'missing' OR $7 = 0))
          AND ($5 = 0 OR ",
            is_on!(),
            ")
          AND NOT ",
            is_refused!("a.remote_id", "1", $now),
            "
      END
  AND who.id NOT IN (SELECT value ->> 0 FROM json_rows($6))"
        )
    };
}

/// Deleted people leave their groups in the directory, but not necessarily at the same time.
macro_rules! not_deleted {
    () => {
        "
  AND 0 = (
      SELECT COUNT(*) FROM person WHERE person.directory = $2 AND person.id = who.id AND person.state = 'deleted')"
    };
}

pub(super) const TO_ADD: &str = concat!(
    "-- store::group::member::to_add
SELECT who.id AS user_id
FROM (
    SELECT member_key AS id FROM membership
    WHERE directory = $2 AND group_id = $8 AND member_kind = 'user' AND member_key >= $9 AND member_key <= $10
) AS who
",
    lacking!("$13"),
    not_deleted!(),
    "\n  AND who.id <> $11 ORDER BY who.id LIMIT $12"
);

pub(super) const TO_ADD_EVERYONE: &str = concat!(
    "-- store::group::member::to_add_everyone
SELECT who.id AS user_id
FROM (
    SELECT id FROM person WHERE directory = $2 AND state <> 'deleted' AND id >= $8 AND id <= $9
) AS who
",
    lacking!("$12"),
    "\n  AND who.id <> $10 ORDER BY who.id LIMIT $11"
);

// `CROSS JOIN` keeps SQLite from reading all memberships of the directory for the groups that are wanted; `DISTINCT`, in
// there, keeps PostgreSQL from asking of all of them what is asked of those.
pub(super) const N_TO_ADD: &str = concat!(
    "-- store::group::member::n_to_add
SELECT COUNT(*) AS n
FROM (
    SELECT DISTINCT membership.member_key AS id
    FROM (SELECT value ->> 0 AS group_id FROM json_rows($8)) AS below
    CROSS JOIN membership
    WHERE membership.directory = $2 AND membership.group_id = below.group_id AND membership.member_kind = 'user'
      AND membership.member_key >= $9 AND membership.member_key <= $10
) AS who
",
    lacking!("$11"),
    not_deleted!()
);

pub(super) const N_TO_ADD_EVERYONE: &str = concat!(
    "-- store::group::member::n_to_add_everyone
SELECT COUNT(*) AS n
FROM (
    SELECT id FROM person WHERE directory = $2 AND state <> 'deleted' AND id >= $8 AND id <= $9
) AS who
",
    lacking!("$10")
);

/// The parameters of `lacking!`.
fn values(wanted: &Wanted<'_>) -> Vec<Value> {
    let readd_missing = wanted.readd_missing.into();
    wanted.values().into_iter().chain([readd_missing]).collect()
}

/// How many people are to be added.
pub async fn n_to_add(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<u64, StoreError> {
    let (mut values, stretch) = (values(wanted), Stretch::new(None, wanted.only.map(UserId::as_str)));
    let sql = if wanted.is_everyone {
        N_TO_ADD_EVERYONE
    } else {
        values.push(wanted.below());
        N_TO_ADD
    };
    values.extend(stretch.values());
    values.push(wanted.tried_at());
    tx.row(sql, &values).await?.count("n")
}

/// One page, in user order, of those who are to be added.
pub async fn to_add(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    after: Option<&UserId>,
    at_most: usize,
) -> Result<Vec<UserId>, StoreError> {
    let after = after.map(UserId::as_str);
    let stretch = Stretch::new(after, wanted.only.map(UserId::as_str));
    let rest = [after.unwrap_or("").into(), limit(at_most), wanted.tried_at()];
    if wanted.is_everyone {
        let values = [values(wanted), stretch.values().into(), rest.into()].concat();
        return people(tx, TO_ADD_EVERYONE, &values).await;
    }
    // Group by group, because neither database reads several in the order of their members: a page would cost all of them.
    let mut page: BTreeSet<UserId> = BTreeSet::new();
    for group in wanted.below {
        // Whoever comes after the last one of a full page is not on it.
        let last = page.last().filter(|_| page.len() >= at_most).cloned();
        let stretch = Stretch { last: last.as_ref().map_or(stretch.last, UserId::as_str), ..stretch };
        let of = vec![group.as_str().into()];
        let values = [values(wanted), of, stretch.values().into(), rest.to_vec()].concat();
        page.extend(people(tx, TO_ADD, &values).await?);
        while page.len() > at_most {
            page.pop_last();
        }
    }
    Ok(page.into_iter().collect())
}

async fn people(tx: &mut Tx, sql: &'static str, values: &[Value]) -> Result<Vec<UserId>, StoreError> {
    let rows = tx.page(sql, &[Column::Text("user_id")], values).await?;
    rows.iter().map(|row| row.text("user_id").map(UserId::new)).collect()
}
