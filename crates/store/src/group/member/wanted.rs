//! What decides who is to be in a group, and how it goes into a statement.

use std::collections::BTreeSet;

use usher_model::id::{AppId, DirectoryId, GroupId, RemoteId, RunId, UserId};
use usher_model::time::Timestamp;

use crate::columns::{self, instant};
use crate::sql::Value;

/// Who is to be in one group at one app.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and every combination means something"
)]
pub struct Wanted<'a> {
    pub app: &'a AppId,
    pub directory: &'a DirectoryId,
    pub group: &'a GroupId,
    /// The group and every group in it, however deep.
    pub below: &'a BTreeSet<GroupId>,
    /// Everybody of the directory is a member.
    pub is_everyone: bool,
    /// Accounts that are off leave.
    pub leave_suspended: bool,
    /// So do members that are not ours.
    pub remove_foreign: bool,
    /// Who is missing is no member, and is added again.
    pub readd_missing: bool,
    /// Nobody's membership of these is touched.
    pub pinned: &'a [UserId],
    /// The accounts that are theirs, or could be by what the app's listing shows.
    pub protected: &'a [RemoteId],
    /// Of somebody who is pinned nobody knows which account is theirs: it may be any that neither our record nor the
    /// listing knows.
    pub is_any_unknown: bool,
    /// Whoever was refused waits for their next try, and is left out if that is after this instant.
    pub tried_at: Timestamp,
    /// The plan whose operations, as far as they are planned, count as done: accounts that are to be, and those that are
    /// to be switched off or on.
    pub plan: &'a RunId,
    /// This person alone.
    pub only: Option<&'a UserId>,
}

impl Wanted<'_> {
    /// `$1` to `$6` of every statement here: app, directory, group, plan, `leave_suspended`, the pinned.
    pub(super) fn values(&self) -> [Value; 6] {
        [
            self.app.as_str().into(),
            self.directory.as_str().into(),
            self.group.as_str().into(),
            self.plan.as_str().into(),
            self.leave_suspended.into(),
            columns::users(self.pinned),
        ]
    }

    /// When tries are made, as a parameter of `is_refused!`.
    pub(super) fn tried_at(&self) -> Value {
        instant(self.tried_at)
    }

    /// The groups whose members are to be in it, as the parameter of `json_rows`.
    pub(super) fn below(&self) -> Value {
        columns::groups(self.below)
    }
}

/// Sorts after every id.
const LAST: &str = "\u{10FFFF}";

/// A stretch of ids: from the first to the last, both included. Where one alone is asked for, both are that one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub first: &'a str,
    pub last: &'a str,
}

impl<'a> Stretch<'a> {
    /// Those after `after`, itself included, or `only` this one.
    pub(super) fn new(after: Option<&'a str>, only: Option<&'a str>) -> Self {
        Self { first: only.or(after).unwrap_or(""), last: only.unwrap_or(LAST) }
    }

    pub(super) fn values(self) -> [Value; 2] {
        [self.first.into(), self.last.into()]
    }
}

/// Whether the account `a` is on, or will be once what is planned is done. A macro, because a statement is one literal.
///
/// Here and in its neighbours, what is looked up for each row is counted: of `EXISTS` PostgreSQL makes a join with all there
/// is, as long as it has no statistics of the tables.
macro_rules! is_on {
    () => {
        "CASE a.state
            WHEN 'active' THEN 0 = (
                SELECT COUNT(*) FROM plan_operation AS plan
                WHERE plan.app = $1 AND plan.run = $4 AND plan.user_id = a.user_id AND plan.kind = 'suspend'
                  AND plan.state = 'planned')
            ELSE 0 < (
                SELECT COUNT(*) FROM plan_operation AS plan
                WHERE plan.app = $1 AND plan.run = $4 AND plan.user_id = a.user_id AND plan.kind = 'unsuspend'
                  AND plan.state = 'planned')
        END"
    };
}
pub(super) use is_on;

/// Whether the directory has the person of the account `a` in one of the groups that are this parameter. A macro, because
/// a statement is one literal.
///
/// Of the groups that they are in, because there may be hundreds of nested groups, and those are not looked up one by one
/// (hence the expression). What kind of member they are is looked up last: SQLite takes the index alone for what the index
/// holds, and would read the whole directory else.
macro_rules! is_below {
    ($below:literal) => {
        concat!(
            "0 < (
        SELECT COUNT(*) FROM membership AS theirs
        WHERE theirs.directory = $2 AND theirs.member_key = a.user_id
          AND theirs.group_id || '' IN (SELECT value ->> 0 FROM json_rows(",
            $below,
            "))
          AND 0 < (
              SELECT COUNT(*) FROM membership AS kind
              WHERE kind.directory = $2 AND kind.group_id = theirs.group_id AND kind.member_key = a.user_id
                AND kind.member_kind = 'user'))"
        )
    };
}
pub(super) use is_below;

/// Whether what is to be done with an account's membership was refused, and the next try is later than this parameter. A
/// macro, because a statement is one literal.
macro_rules! is_refused {
    ($account:literal, $is_added:literal, $now:literal) => {
        concat!(
            "0 < (
        SELECT COUNT(*) FROM group_refusal AS refused
        WHERE refused.app = $1 AND refused.group_id = $3 AND refused.member_id = ",
            $account,
            " AND refused.is_added = ",
            $is_added,
            " AND refused.retry_at > ",
            $now,
            ")"
        )
    };
}
pub(super) use is_refused;
