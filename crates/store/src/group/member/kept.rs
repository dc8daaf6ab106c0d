//! Members whom an undo put back: they stay until the directory has them in the group, or an admin lets them go.

use usher_model::id::{AppId, Email, GroupId, RemoteId, UserId};

use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx};

const LET_GO: &str = "\
-- store::group::member::let_go
UPDATE group_member SET standing = 'ours'
WHERE app = $1 AND standing = 'kept' AND member_id IN (SELECT remote_id FROM account WHERE app = $1 AND user_id = $2)";

/// An admin lets somebody go: what was put back is a membership like any other again. Returns how many those are.
pub async fn let_go(tx: &mut Tx, app: &AppId, user: &UserId) -> Result<u64, StoreError> {
    tx.execute(LET_GO, &[app.as_str().into(), user.as_str().into()]).await
}

const LET_GO_ACCOUNT: &str = "\
-- store::group::member::let_go_account
UPDATE group_member SET standing = 'foreign'
WHERE app = $1 AND standing = 'kept' AND member_id = $2 AND NOT EXISTS (
    SELECT 1 FROM account WHERE account.app = $1 AND account.remote_id = group_member.member_id)";

/// An admin lets an account go that is nobody's on our record: it is a foreign member again. Returns of how many groups.
pub async fn let_go_account(tx: &mut Tx, app: &AppId, account: &RemoteId) -> Result<u64, StoreError> {
    tx.execute(LET_GO_ACCOUNT, &[app.as_str().into(), account.as_str().into()]).await
}

/// Somebody whom an undo put back into a group: who, their address and the group's, as last known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMember {
    pub account: RemoteId,
    /// Whose account it is; none: nobody's on our record.
    pub user: Option<UserId>,
    pub email: Option<Email>,
    pub group: GroupId,
    pub group_email: Option<Email>,
}

const KEPT: &str = "\
-- store::group::member::kept_list
SELECT member.member_id AS member_id, a.user_id AS user_id, a.email AS email, member.group_id AS group_id, record.email AS group_email
FROM group_member AS member
LEFT JOIN account AS a ON a.app = $1 AND a.remote_id = member.member_id
LEFT JOIN group_account AS record ON record.app = $1 AND record.group_id = member.group_id
WHERE member.app = $1 AND member.standing = 'kept'
ORDER BY COALESCE(a.user_id, ''), member.member_id, member.group_id LIMIT $2";

const COLUMNS: &[Column] = &[
    Column::Text("member_id"),
    Column::Text("user_id"),
    Column::Text("email"),
    Column::Text("group_id"),
    Column::Text("group_email"),
];

/// Those whom an undo put back: first those who are nobody's account on our record, then in user order.
pub async fn kept_list(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<Vec<KeptMember>, StoreError> {
    let rows = tx.page(KEPT, COLUMNS, &[app.as_str().into(), limit(at_most)]).await?;
    rows.iter()
        .map(|row| {
            Ok(KeptMember {
                account: RemoteId::new(row.text("member_id")?),
                user: row.opt_text("user_id")?.map(UserId::new),
                email: row.opt_email("email")?,
                group: GroupId::new(row.text("group_id")?),
                group_email: row.opt_email("group_email")?,
            })
        })
        .collect()
}
