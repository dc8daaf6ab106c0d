//! How people sign in to an app: what its SAML service provider says of itself.

use usher_model::id::AppId;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::instant;
use crate::sql::Tx;

/// A SAML service provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOn {
    /// Where it takes assertions (*ACS URL*).
    pub acs_url: String,
    /// How it is called (*Entity ID*).
    pub entity_id: String,
    /// When that was set.
    pub set_at: Timestamp,
}

const FIND: &str = "\
-- store::app::sign_on
SELECT acs_url, entity_id, set_at FROM app_sign_on WHERE app = $1";

/// What is set of an app's sign-on, if anything is.
pub async fn sign_on(tx: &mut Tx, app: &AppId) -> Result<Option<SignOn>, StoreError> {
    let Some(row) = tx.opt_row(FIND, &[app.as_str().into()]).await? else { return Ok(None) };
    Ok(Some(SignOn {
        acs_url: row.text("acs_url")?.to_owned(),
        entity_id: row.text("entity_id")?.to_owned(),
        set_at: row.instant("set_at")?,
    }))
}

const SET: &str = "\
-- store::app::set_sign_on
INSERT INTO app_sign_on (app, acs_url, entity_id, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (app) DO UPDATE SET acs_url = excluded.acs_url, entity_id = excluded.entity_id, set_at = excluded.set_at";

/// Sets an app's sign-on.
pub async fn set_sign_on(tx: &mut Tx, app: &AppId, sign_on: &SignOn) -> Result<(), StoreError> {
    let SignOn { acs_url, entity_id, set_at } = sign_on;
    let values = [app.as_str().into(), acs_url.as_str().into(), entity_id.as_str().into(), instant(*set_at)];
    tx.execute_one(SET, &values).await
}
