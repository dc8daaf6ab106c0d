//! The fence: a run holds its app's epoch, and writes results only while the app's row says so.

use usher_model::id::{AppId, RunId};
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;

use super::Quarantine;
use crate::StoreError;
use crate::columns::{instant, json, opt_instant};
use crate::sql::{Tx, Value};

/// A run's right to write the results of one app. It is over as soon as another run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub app: AppId,
    pub epoch: i64,
    /// Part of the fence: a restored backup may repeat an epoch, but no run's id.
    pub run: RunId,
    /// The configuration that the run began with.
    pub config_version: i64,
    /// How often the directory had been told of a change when the run began.
    pub n_told: i64,
}

/// What a run has to know before each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Whether the lease still holds.
    pub is_ours: bool,
    pub is_enabled: bool,
    /// Another one than the lease's: the run stops at its next batch.
    pub config_version: i64,
}

const BEGIN_RUN: &str = "\
-- store::app::begin_run
UPDATE app SET epoch = epoch + 1, run = $2 WHERE id = $1 RETURNING epoch, config_version, n_told";

/// Takes the app for this run. Whoever held it before writes nothing more.
pub async fn begin_run(tx: &mut Tx, app: &AppId, run: RunId) -> Result<Lease, StoreError> {
    let row = tx.row(BEGIN_RUN, &[app.as_str().into(), run.as_str().into()]).await?;
    let (epoch, config_version, n_told) = (row.int("epoch")?, row.int("config_version")?, row.int("n_told")?);
    Ok(Lease { app: app.clone(), epoch, run, config_version, n_told })
}

impl Lease {
    fn values(&self) -> [Value; 3] {
        [self.app.as_str().into(), self.epoch.into(), self.run.as_str().into()]
    }
}

const FENCE: &str = "\
-- store::app::fence
UPDATE app SET epoch = epoch WHERE id = $1 AND epoch = $2 AND run = $3";

/// Takes the app's row until the transaction ends, or says [`StoreError::Fenced`].
///
/// The first statement of every write of a result.
pub async fn fence(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    match tx.execute(FENCE, &lease.values()).await? {
        0 if mutant::lives(Mutant::EpochIgnored) => Ok(()),
        0 => Err(StoreError::Fenced { app: lease.app.clone() }),
        _ => Ok(()),
    }
}

const PULSE: &str = "\
-- store::app::pulse
SELECT epoch = $2 AND run = $3 AS is_ours, is_enabled, config_version FROM app WHERE id = $1 AND run IS NOT NULL";

/// How the app stands to this run now. An app that is gone, or that no run holds, is not ours and off.
pub async fn pulse(tx: &mut Tx, lease: &Lease) -> Result<Pulse, StoreError> {
    let Some(row) = tx.opt_row(PULSE, &lease.values()).await? else {
        return Ok(Pulse { is_ours: false, is_enabled: false, config_version: lease.config_version });
    };
    Ok(Pulse {
        is_ours: row.truth("is_ours")? || mutant::lives(Mutant::EpochIgnored),
        is_enabled: row.truth("is_enabled")?,
        config_version: row.int("config_version")?,
    })
}

const IS_TOLD: &str = "\
-- store::app::is_told
SELECT n_told <> $2 OR config_version <> $3 AS is_told FROM app WHERE id = $1";

/// Whether the directory, or the configuration, has changed since the run began.
pub async fn is_told(tx: &mut Tx, lease: &Lease) -> Result<bool, StoreError> {
    let values = [lease.app.as_str().into(), lease.n_told.into(), lease.config_version.into()];
    Ok(tx.row(IS_TOLD, &values).await?.truth("is_told")? && !mutant::lives(Mutant::WakeForgotten))
}

const REFUSED: &str = "\
-- store::app::refused
UPDATE app SET refused_at = $2 WHERE id = $1 AND config_version = $3";

/// The app refused the token (401): nothing is sent until a new one is given. What was configured anew meanwhile, a
/// token first of all, is not judged by an answer to the old one.
pub async fn refused(tx: &mut Tx, lease: &Lease, now: Timestamp) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute(REFUSED, &[lease.app.as_str().into(), instant(now), lease.config_version.into()])
        .await
        .map(drop)
}

const QUARANTINE: &str = "\
-- store::app::quarantine
UPDATE app SET quarantine = $2 WHERE id = $1 AND config_version = $3";

/// The app fails broadly, or answers 403: it is left alone for a while. Not judged by an answer to an old configuration either.
pub async fn quarantine(tx: &mut Tx, lease: &Lease, quarantine: &Quarantine) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let values = [lease.app.as_str().into(), json(quarantine), lease.config_version.into()];
    tx.execute(QUARANTINE, &values).await.map(drop)
}

const RECOVERED: &str = "\
-- store::app::recovered
UPDATE app SET refused_at = NULL, quarantine = NULL WHERE id = $1";

/// The app answers as it should.
pub async fn recovered(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute_one(RECOVERED, &[lease.app.as_str().into()]).await
}

const SET_LISTED: &str = "\
-- store::app::set_listed
UPDATE app SET listed_at = $2 WHERE id = $1";

/// Says when the app's accounts were last listed as a whole; none: what was listed counts no more.
pub async fn set_listed(tx: &mut Tx, lease: &Lease, at: Option<Timestamp>) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute_one(SET_LISTED, &[lease.app.as_str().into(), opt_instant(at)]).await
}

const SET_SHOWS_MEMBERS: &str = "\
-- store::app::set_shows_members
UPDATE app SET shows_members = 1 WHERE id = $1";

/// Says that the app has shown who is in a group.
pub async fn set_shows_members(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute_one(SET_SHOWS_MEMBERS, &[lease.app.as_str().into()]).await
}

const SET_GROUPS_LISTED: &str = "\
-- store::app::set_groups_listed
UPDATE app SET groups_listed_at = $2 WHERE id = $1";

/// Says when the app's groups were last listed as a whole; none: what was listed of them counts no more.
pub async fn set_groups_listed(tx: &mut Tx, lease: &Lease, at: Option<Timestamp>) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute_one(SET_GROUPS_LISTED, &[lease.app.as_str().into(), opt_instant(at)]).await
}
