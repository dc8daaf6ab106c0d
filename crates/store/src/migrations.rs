//! The schema, step by step.
//!
//! A migration is two files of one name, `migrations/sqlite/NNNN_name.sql` and `migrations/postgres/NNNN_name.sql`,
//! which make the same tables and columns. Migrations are only ever added; one that was released is never edited,
//! and a checksum holds us to it. All that are pending are applied in the one transaction that opens the store.
//!
//! Column types are TEXT, BIGINT and BYTEA on PostgreSQL; TEXT, INTEGER and BLOB in `STRICT` tables on SQLite. Text on
//! PostgreSQL is `COLLATE "C"`, truth is a number with `CHECK (… IN (0, 1))`.

use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::sql::{Dialect, Tx};

/// What to do when the database lacks migrations that this version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrations {
    Apply,
    /// Do not open it, and say which ones are missing.
    Refuse,
}

pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// A macro, because `include_str!` takes nothing but literals.
macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// In the order in which they are applied.
pub(crate) const MIGRATIONS: &[Migration] = &[
    migration!("0001_foundations"),
    migration!("0002_directory"),
    migration!("0003_apps"),
    migration!("0004_template_limits"),
    migration!("0005_intents"),
    migration!("0006_deciding"),
    migration!("0007_told"),
    migration!("0008_google"),
    migration!("0009_listing"),
    migration!("0010_served"),
    migration!("0011_pins_and_messages"),
    migration!("0012_undo"),
    migration!("0013_groups"),
    migration!("0014_admins"),
    migration!("0015_refused_members"),
    migration!("0016_console"),
    migration!("0017_directory_pages"),
    migration!("0018_openid"),
    migration!("0019_event_tally"),
    migration!("0020_brought_forward"),
    migration!("0021_found_at_once"),
    migration!("0022_tallies"),
    migration!("0023_told"),
];

impl Migration {
    fn script(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

const APPLIED: &str = "\
-- store::migrations::applied
SELECT name, checksum FROM migration ORDER BY name";

const RECORD: &str = "\
-- store::migrations::record
INSERT INTO migration (name, checksum) VALUES ($1, $2)";

/// Brings the schema up to date, or says why the database cannot be used by this version.
///
/// Replicas that start together queue here: the first applies, the others find nothing left to do.
pub(crate) async fn bring_up_to_date(
    tx: &mut Tx,
    database: &str,
    migrations: Migrations,
) -> Result<(), StoreError> {
    if let Some(lock) = tx.dialect().lock_schema() {
        tx.execute(lock, &[]).await?;
    }
    let applied = applied(tx).await?;
    check_applied(tx.dialect(), database, &applied)?;
    let pending = pending(&applied);
    if migrations == Migrations::Refuse {
        refuse(database, &pending)?;
    }
    for migration in pending {
        let script = migration.script(tx.dialect());
        tx.script(migration.name, script).await?;
        tx.execute_one(RECORD, &[migration.name.into(), checksum(script).into()]).await?;
    }
    Ok(())
}

/// Says why the database cannot be read by this version, if it cannot. Changes nothing and waits for nobody.
pub(crate) async fn check_up_to_date(tx: &mut Tx, database: &str) -> Result<(), StoreError> {
    let applied = applied(tx).await?;
    check_applied(tx.dialect(), database, &applied)?;
    let pending = pending(&applied);
    refuse(database, &pending)
}

fn pending(applied: &[(String, String)]) -> Vec<&'static Migration> {
    let is_applied = |migration: &&Migration| applied.iter().any(|(name, _)| name == migration.name);
    MIGRATIONS.iter().filter(|migration| !is_applied(migration)).collect()
}

fn refuse(database: &str, pending: &[&Migration]) -> Result<(), StoreError> {
    if pending.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = pending.iter().map(|migration| migration.name).collect();
    Err(StoreError::Pending { database: database.to_owned(), pending: names.join(", ") })
}

/// Names and checksums of what was applied, in order; nothing at all for a new database.
async fn applied(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    let exists = tx.row(tx.dialect().migration_table_exists(), &[]).await?.truth(0)?;
    if !exists {
        return Ok(Vec::new());
    }
    let rows = tx.rows(APPLIED, &[]).await?;
    rows.iter().map(|row| Ok((row.text("name")?.to_owned(), row.text("checksum")?.to_owned()))).collect()
}

fn check_applied(dialect: Dialect, database: &str, applied: &[(String, String)]) -> Result<(), StoreError> {
    for (name, found) in applied {
        let Some(ours) = MIGRATIONS.iter().find(|migration| migration.name == name) else {
            let newest = applied.last().map_or_else(String::new, |(name, _)| name.clone());
            let known = MIGRATIONS.last().map_or("nothing", |migration| migration.name);
            return Err(StoreError::Newer {
                database: database.to_owned(),
                found: newest,
                known: known.to_owned(),
            });
        };
        if *found != checksum(ours.script(dialect)) {
            return Err(StoreError::Foreign { database: database.to_owned(), migration: name.clone() });
        }
    }
    Ok(())
}

fn checksum(script: &str) -> String {
    format!("{:x}", Sha256::digest(script))
}

#[cfg(test)]
mod tests;
