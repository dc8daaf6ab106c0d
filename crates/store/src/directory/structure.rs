//! What people stand in: organizational units, domains, custom schemas.
//!
//! There are few of each (Google's limits are thousands, hundreds and a hundred), so they are read as a whole.

use serde_json::{Map, Value as Json};
use usher_model::directory::OrgUnitPath;
use usher_model::id::DirectoryId;

use super::texts;
use crate::columns::json;
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Value};
use crate::{StoreError, Tx};

/// A domain of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// In lower case.
    pub name: String,
    pub is_primary: bool,
}

/// Everything a directory says of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainRecord {
    pub domain: Domain,
    /// The Directory API's domain resource, its aliases included.
    pub resource: Map<String, Json>,
}

/// Everything a directory says of an organizational unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgUnitRecord {
    pub path: OrgUnitPath,
    /// The Directory API's orgunit resource.
    pub resource: Map<String, Json>,
}

/// Everything a directory says of a custom schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRecord {
    pub name: String,
    /// The Directory API's schema resource.
    pub resource: Map<String, Json>,
}

const ORG_UNIT_EXISTS: &str = "\
-- store::directory::org_unit_exists
SELECT EXISTS (SELECT 1 FROM org_unit WHERE directory = $1 AND folded = $2) AS exists_there";

const ORG_UNITS: &str = "\
-- store::directory::org_unit_records
SELECT path, resource FROM org_unit WHERE directory = $1 ORDER BY folded";

const RECORD_ORG_UNITS: &str = "\
-- store::directory::record_org_units
INSERT INTO org_unit (directory, folded, path, resource)
SELECT $1, value ->> 0, value ->> 1, value ->> 2 FROM json_rows($2) WHERE true
ON CONFLICT (directory, folded) DO UPDATE SET path = excluded.path, resource = excluded.resource";

const REMOVE_ORG_UNITS: &str = "\
-- store::directory::remove_org_units
DELETE FROM org_unit WHERE directory = $1 AND folded IN (SELECT value ->> 0 FROM json_rows($2))";

const DOMAINS: &str = "\
-- store::directory::domain_records
SELECT name, is_primary, resource FROM domain WHERE directory = $1 ORDER BY name";

const RECORD_DOMAINS: &str = "\
-- store::directory::record_domains
INSERT INTO domain (directory, name, is_primary, resource)
SELECT $1, value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2 FROM json_rows($2) WHERE true
ON CONFLICT (directory, name) DO UPDATE SET is_primary = excluded.is_primary, resource = excluded.resource";

const REMOVE_DOMAINS: &str = "\
-- store::directory::remove_domains
DELETE FROM domain WHERE directory = $1 AND name IN (SELECT value ->> 0 FROM json_rows($2))";

const SCHEMAS: &str = "\
-- store::directory::schema_records
SELECT name, resource FROM custom_schema WHERE directory = $1 ORDER BY name";

const RECORD_SCHEMAS: &str = "\
-- store::directory::record_schemas
INSERT INTO custom_schema (directory, name, resource)
SELECT $1, value ->> 0, value ->> 1 FROM json_rows($2) WHERE true
ON CONFLICT (directory, name) DO UPDATE SET resource = excluded.resource";

const REMOVE_SCHEMAS: &str = "\
-- store::directory::remove_schemas
DELETE FROM custom_schema WHERE directory = $1 AND name IN (SELECT value ->> 0 FROM json_rows($2))";

/// Whether there is such a unit. The root always exists.
pub async fn org_unit_exists(
    tx: &mut Tx,
    directory: &DirectoryId,
    path: &OrgUnitPath,
) -> Result<bool, StoreError> {
    if *path == OrgUnitPath::root() {
        return Ok(true);
    }
    let values = [directory.as_str().into(), path.folded().as_str().into()];
    tx.row(ORG_UNIT_EXISTS, &values).await?.truth("exists_there")
}

/// Every unit but the root, in the order of their folded paths.
pub async fn org_unit_records(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<Vec<OrgUnitRecord>, StoreError> {
    let columns = [Column::Text("path"), Column::Text("resource")];
    let rows = tx.page(ORG_UNITS, &columns, &[directory.as_str().into()]).await?;
    let record = |row: &Row| -> Result<OrgUnitRecord, StoreError> {
        Ok(OrgUnitRecord { path: row.parsed("path", OrgUnitPath::parse)?, resource: row.json("resource")? })
    };
    rows.iter().map(record).collect()
}

/// Writes units, new or not.
pub async fn record_org_units(
    tx: &mut Tx,
    directory: &DirectoryId,
    units: &[OrgUnitRecord],
) -> Result<(), StoreError> {
    for chunk in units.chunks(ROWS_PER_STATEMENT) {
        let rows = Value::rows(chunk.iter().map(|OrgUnitRecord { path, resource }| {
            [path.folded().as_str().into(), path.as_str().into(), json(resource)]
        }));
        tx.execute(RECORD_ORG_UNITS, &[directory.as_str().into(), rows]).await?;
    }
    Ok(())
}

/// Removes units. That nobody is left in them is for the caller to see to.
pub async fn remove_org_units(
    tx: &mut Tx,
    directory: &DirectoryId,
    paths: &[OrgUnitPath],
) -> Result<(), StoreError> {
    let folded: Vec<OrgUnitPath> = paths.iter().map(OrgUnitPath::folded).collect();
    for paths in texts(folded.iter().map(OrgUnitPath::as_str)) {
        tx.execute(REMOVE_ORG_UNITS, &[directory.as_str().into(), paths]).await?;
    }
    Ok(())
}

/// The organisation's domains, by name. None is known until somebody says so.
pub async fn domains(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<Domain>, StoreError> {
    let records = domain_records(tx, directory).await?;
    Ok(records.into_iter().map(|record| record.domain).collect())
}

/// Everything the directory says of its domains, by name.
pub async fn domain_records(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<DomainRecord>, StoreError> {
    let rows = tx.rows(DOMAINS, &[directory.as_str().into()]).await?;
    let record = |row: &Row| -> Result<DomainRecord, StoreError> {
        let domain = Domain { name: row.text("name")?.to_owned(), is_primary: row.truth("is_primary")? };
        Ok(DomainRecord { domain, resource: row.json("resource")? })
    };
    rows.iter().map(record).collect()
}

/// Writes domains, new or not.
pub async fn record_domains(
    tx: &mut Tx,
    directory: &DirectoryId,
    domains: &[DomainRecord],
) -> Result<(), StoreError> {
    for chunk in domains.chunks(ROWS_PER_STATEMENT) {
        let rows = Value::rows(chunk.iter().map(|DomainRecord { domain, resource }| {
            [domain.name.as_str().into(), domain.is_primary.into(), json(resource)]
        }));
        tx.execute(RECORD_DOMAINS, &[directory.as_str().into(), rows]).await?;
    }
    Ok(())
}

/// Removes domains.
pub async fn remove_domains(
    tx: &mut Tx,
    directory: &DirectoryId,
    names: &[String],
) -> Result<(), StoreError> {
    for names in texts(names.iter().map(String::as_str)) {
        tx.execute(REMOVE_DOMAINS, &[directory.as_str().into(), names]).await?;
    }
    Ok(())
}

/// Everything the directory says of its custom schemas, by name.
pub async fn schema_records(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<SchemaRecord>, StoreError> {
    let rows = tx.rows(SCHEMAS, &[directory.as_str().into()]).await?;
    let record = |row: &Row| -> Result<SchemaRecord, StoreError> {
        Ok(SchemaRecord { name: row.text("name")?.to_owned(), resource: row.json("resource")? })
    };
    rows.iter().map(record).collect()
}

/// Writes custom schemas, new or not.
pub async fn record_schemas(
    tx: &mut Tx,
    directory: &DirectoryId,
    schemas: &[SchemaRecord],
) -> Result<(), StoreError> {
    for chunk in schemas.chunks(ROWS_PER_STATEMENT) {
        let rows =
            Value::rows(chunk.iter().map(|schema| [schema.name.as_str().into(), json(&schema.resource)]));
        tx.execute(RECORD_SCHEMAS, &[directory.as_str().into(), rows]).await?;
    }
    Ok(())
}

/// Removes custom schemas. What people hold under them stays in their resources.
pub async fn remove_schemas(
    tx: &mut Tx,
    directory: &DirectoryId,
    names: &[String],
) -> Result<(), StoreError> {
    for names in texts(names.iter().map(String::as_str)) {
        tx.execute(REMOVE_SCHEMAS, &[directory.as_str().into(), names]).await?;
    }
    Ok(())
}
