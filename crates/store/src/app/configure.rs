//! What an admin sets: settings, mapping, authorization; and the end of all that.

use secrecy::SecretString;
use usher_model::app::Settings;
use usher_model::id::AppId;
use usher_model::time::Timestamp;

use crate::columns::{instant, json, opt_instant};
use crate::sql::{Tx, Value};
use crate::{Keyring, Place, StoreError};

const CONFIGURE: &str = "\
-- store::app::configure
UPDATE app SET settings = $2, config_version = config_version + 1 WHERE id = $1";

/// Sets the settings as a whole.
pub async fn configure(tx: &mut Tx, app: &AppId, settings: &Settings) -> Result<(), StoreError> {
    tx.execute_one(CONFIGURE, &[app.as_str().into(), json(settings)]).await
}

const SET_MAPPING: &str = "\
-- store::app::set_mapping
UPDATE app SET mapping = $2, config_version = config_version + 1 WHERE id = $1";

/// Sets the mapping as a whole, as assignments; none of them: the template's own mapping.
pub async fn set_mapping(tx: &mut Tx, app: &AppId, assignments: &[String]) -> Result<(), StoreError> {
    tx.execute_one(SET_MAPPING, &[app.as_str().into(), json(assignments)]).await
}

fn place(app: &AppId) -> Place<'_> {
    Place { table: "app", row: app.as_str(), column: "token" }
}

const AUTHORIZE: &str = "\
-- store::app::authorize
UPDATE app
SET endpoint = $2, token = $3, token_set_at = $4, token_created_at = $5, refused_at = NULL, quarantine = NULL,
    config_version = config_version + 1,
    next_run_at = CASE WHEN is_enabled = 1 THEN $4 ELSE next_run_at END
WHERE id = $1";

/// An app's endpoint and token, which the caller has checked at the app.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub endpoint: &'a str,
    pub token: &'a SecretString,
    /// When the app generated the token; none: nobody knows.
    pub created_at: Option<Timestamp>,
    /// Another tenant is behind them: what is on record of accounts, groups, holds, the plan and the app's listings is
    /// forgotten, and a run that is under way writes nothing more.
    pub drop_records: bool,
}

/// Sets endpoint and token. An app that is on is due at once.
pub async fn authorize(
    tx: &mut Tx,
    keyring: &Keyring,
    app: &AppId,
    grant: Grant<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Grant { endpoint, token, created_at, drop_records } = grant;
    let sealed = keyring.seal(place(app), token);
    let values = [app.as_str().into(), endpoint.into(), sealed.into(), instant(now), opt_instant(created_at)];
    tx.execute_one(AUTHORIZE, &values).await?;
    if drop_records {
        end_runs(tx, app).await?;
        forget_records(tx, app).await?;
    }
    Ok(())
}

const TOKEN: &str = "\
-- store::app::token
SELECT token FROM app WHERE id = $1";

/// The token, if one is stored.
pub async fn token(tx: &mut Tx, keyring: &Keyring, app: &AppId) -> Result<Option<SecretString>, StoreError> {
    let row = tx.row(TOKEN, &[app.as_str().into()]).await?;
    let open = |sealed| keyring.open(place(app), sealed);
    Ok(row.opt_bytes("token")?.map(open).transpose()?)
}

const UNCONFIGURE: &str = "\
-- store::app::unconfigure
UPDATE app
SET settings = NULL, mapping = '[]', endpoint = NULL, token = NULL, token_set_at = NULL, token_created_at = NULL,
    accepted_people = NULL, refused_at = NULL, quarantine = NULL, config_version = config_version + 1
WHERE id = $1";

/// Deletes the configuration, and with it what is on record of accounts, groups, holds, the plan and the app's listings.
/// The app is off afterwards. Access, scope, runs and the log stay; no account at the app is touched.
pub async fn unconfigure(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<(), StoreError> {
    super::disable(tx, app, now).await?;
    tx.execute_one(UNCONFIGURE, &[app.as_str().into()]).await?;
    end_runs(tx, app).await?;
    forget_records(tx, app).await
}

/// Nobody holds a lease of the app after this, and what was listed of it counts no more.
async fn end_runs(tx: &mut Tx, app: &AppId) -> Result<(), StoreError> {
    let sql = "\
-- store::app::end_runs
UPDATE app SET epoch = epoch + 1, run = NULL, listed_at = NULL, groups_listed_at = NULL,
               shows_members = 0
WHERE id = $1";
    tx.execute_one(sql, &[app.as_str().into()]).await
}

/// Forgets what is known of accounts and groups, and everything that was to be done to them.
pub(super) async fn forget_records(tx: &mut Tx, app: &AppId) -> Result<(), StoreError> {
    let values: [Value; 1] = [app.as_str().into()];
    for sql in [
        "-- store::app::forget_accounts\nDELETE FROM account WHERE app = $1",
        "-- store::app::forget_intents\nDELETE FROM intent WHERE app = $1",
        "-- store::app::forget_remote\nDELETE FROM remote_account WHERE app = $1",
        "-- store::app::forget_plan\nDELETE FROM plan_operation WHERE app = $1",
        "-- store::app::forget_group_accounts\nDELETE FROM group_account WHERE app = $1",
        "-- store::app::forget_group_members\nDELETE FROM group_member WHERE app = $1",
        "-- store::app::forget_group_refusals\nDELETE FROM group_refusal WHERE app = $1",
        "-- store::app::forget_remote_groups\nDELETE FROM remote_group WHERE app = $1",
        "-- store::app::forget_group_plan\nDELETE FROM group_operation WHERE app = $1",
        "-- store::app::forget_held\nDELETE FROM hold_operation WHERE app = $1",
        "-- store::app::forget_told\nDELETE FROM hold_member WHERE app = $1",
        "-- store::app::forget_holds\nDELETE FROM hold WHERE app = $1",
    ] {
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
