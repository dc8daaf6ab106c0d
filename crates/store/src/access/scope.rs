//! The provisioning scope.

use usher_model::directory::Group;
use usher_model::id::{AppId, Email, GroupId};
use usher_model::scope::Depth;

use crate::StoreError;
use crate::changed::changed;
use crate::sql::{Row, Tx};

/// A group that narrows the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoped {
    pub group: GroupId,
    /// Its address when it was chosen.
    pub email: Email,
    pub depth: Depth,
    /// How many members it had when that was last accepted; none: not known yet.
    pub accepted_members: Option<u64>,
}

const SCOPE: &str = "\
-- store::access::scope
SELECT group_id, email, depth, accepted_members FROM app_scope WHERE app = $1 ORDER BY email, group_id";

/// The chosen groups, by address; none chosen means everyone with access.
pub async fn scope(tx: &mut Tx, app: &AppId) -> Result<Vec<Scoped>, StoreError> {
    let scoped = |row: &Row| {
        Ok(Scoped {
            group: GroupId::new(row.text("group_id")?),
            email: row.email("email")?,
            depth: row.named("depth", depth_from_name)?,
            accepted_members: row.opt_count("accepted_members")?,
        })
    };
    tx.rows(SCOPE, &[app.as_str().into()]).await?.iter().map(scoped).collect()
}

const ADD_SCOPE: &str = "\
-- store::access::add_scope
INSERT INTO app_scope (app, group_id, email, depth) VALUES ($1, $2, $3, $4)
ON CONFLICT (app, group_id) DO UPDATE SET email = excluded.email, depth = excluded.depth";

/// Chooses a group, or another depth for one that is chosen.
pub async fn add_scope(tx: &mut Tx, app: &AppId, group: &Group, depth: Depth) -> Result<(), StoreError> {
    changed(tx, app).await?;
    let values = [
        app.as_str().into(),
        group.id.as_str().into(),
        group.email.as_str().into(),
        depth_name(depth).into(),
    ];
    tx.execute_one(ADD_SCOPE, &values).await
}

const REMOVE_SCOPE: &str = "\
-- store::access::remove_scope
DELETE FROM app_scope WHERE app = $1 AND group_id = $2";

/// Takes a group out, which need not exist any more. Says whether it was chosen. Whoever takes the last one out widens
/// the scope to everyone with access: the caller asks for that.
pub async fn remove_scope(tx: &mut Tx, app: &AppId, group: &GroupId) -> Result<bool, StoreError> {
    changed(tx, app).await?;
    Ok(tx.execute(REMOVE_SCOPE, &[app.as_str().into(), group.as_str().into()]).await? > 0)
}

const CLEAR_SCOPE: &str = "\
-- store::access::clear_scope
DELETE FROM app_scope WHERE app = $1";

/// Takes every group out: the scope is everyone with access.
pub async fn clear_scope(tx: &mut Tx, app: &AppId) -> Result<(), StoreError> {
    changed(tx, app).await?;
    tx.execute(CLEAR_SCOPE, &[app.as_str().into()]).await.map(drop)
}

fn depth_name(depth: Depth) -> &'static str {
    match depth {
        Depth::Direct => "direct",
        Depth::Nested => "nested",
    }
}

fn depth_from_name(name: &str) -> Option<Depth> {
    [Depth::Direct, Depth::Nested].into_iter().find(|depth| depth_name(*depth) == name)
}
