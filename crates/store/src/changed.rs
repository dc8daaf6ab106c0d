//! That what an app may do has changed, for what is set of it in tables of its own: access and scope.

use usher_model::id::AppId;

use crate::StoreError;
use crate::sql::Tx;

const CHANGED: &str = "\
-- store::app::changed
UPDATE app SET config_version = config_version + 1 WHERE id = $1";

/// Counts the app's `config_version` up, so that a run under way stops and everybody is planned anew.
pub(crate) async fn changed(tx: &mut Tx, app: &AppId) -> Result<(), StoreError> {
    tx.execute_one(CHANGED, &[app.as_str().into()]).await
}
