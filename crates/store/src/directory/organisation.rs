//! The organisation itself, as far as a directory that Usher keeps has to say something of it.

use serde_json::{Map, Value as Json};
use usher_model::id::DirectoryId;

use crate::columns::json;
use crate::{StoreError, Tx};

/// What is said of an organisation, in the Directory API's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The customer resource.
    pub customer: Map<String, Json>,
    /// The orgunit resource of the root, which is not among the units.
    pub root_unit: Map<String, Json>,
}

const ORGANISATION: &str = "\
-- store::directory::organisation
SELECT customer, root_unit FROM organisation WHERE directory = $1";

const RECORD: &str = "\
-- store::directory::record_organisation
INSERT INTO organisation (directory, customer, root_unit) VALUES ($1, $2, $3)
ON CONFLICT (directory) DO UPDATE SET customer = excluded.customer, root_unit = excluded.root_unit";

/// What is said of the directory's organisation; none: nothing yet.
pub async fn organisation(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<Organisation>, StoreError> {
    let row = tx.opt_row(ORGANISATION, &[directory.as_str().into()]).await?;
    let read = |row: crate::sql::Row| {
        Ok(Organisation { customer: row.json("customer")?, root_unit: row.json("root_unit")? })
    };
    row.map(read).transpose()
}

/// Says it, in place of what was said before.
pub async fn record_organisation(
    tx: &mut Tx,
    directory: &DirectoryId,
    organisation: &Organisation,
) -> Result<(), StoreError> {
    let Organisation { customer, root_unit } = organisation;
    tx.execute_one(RECORD, &[directory.as_str().into(), json(customer), json(root_unit)]).await
}
