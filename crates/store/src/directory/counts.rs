//! How many of each kind a directory has.

use usher_model::id::DirectoryId;

use crate::{StoreError, Tx};

/// How many of each kind a directory has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People who are neither deleted nor unlisted.
    pub users: u64,
    pub active: u64,
    pub suspended: u64,
    pub archived: u64,
    pub deleted: u64,
    /// Guests among `users`, in whatever state.
    pub guests: u64,
    pub groups: u64,
    /// Without the root, which always exists.
    pub org_units: u64,
    pub domains: u64,
}

const PEOPLE: &str = "\
-- store::directory::counts
SELECT COUNT(CASE WHEN state NOT IN ('deleted', 'unlisted') THEN 1 END) AS users,
       COUNT(CASE WHEN state = 'active' THEN 1 END) AS active,
       COUNT(CASE WHEN state = 'suspended' THEN 1 END) AS suspended,
       COUNT(CASE WHEN state = 'archived' THEN 1 END) AS archived,
       COUNT(CASE WHEN state = 'deleted' THEN 1 END) AS deleted,
       COUNT(CASE WHEN state NOT IN ('deleted', 'unlisted') AND is_guest = 1 THEN 1 END) AS guests
FROM person WHERE directory = $1";

const REST: &str = "\
-- store::directory::counts_of_the_rest
SELECT (SELECT COUNT(*) FROM directory_group WHERE directory = $1) AS n_groups,
       (SELECT COUNT(*) FROM org_unit WHERE directory = $1) AS org_units,
       (SELECT COUNT(*) FROM domain WHERE directory = $1) AS domains";

const LISTED: &str = "\
-- store::directory::listed
SELECT COUNT(*) AS n FROM person WHERE directory = $1 AND state NOT IN ('deleted', 'unlisted')";

/// How many of each kind the directory has.
pub async fn counts(tx: &mut Tx, directory: &DirectoryId) -> Result<Counts, StoreError> {
    let people = tx.row(PEOPLE, &[directory.as_str().into()]).await?;
    let rest = tx.row(REST, &[directory.as_str().into()]).await?;
    Ok(Counts {
        users: people.count("users")?,
        active: people.count("active")?,
        suspended: people.count("suspended")?,
        archived: people.count("archived")?,
        deleted: people.count("deleted")?,
        guests: people.count("guests")?,
        groups: rest.count("n_groups")?,
        org_units: rest.count("org_units")?,
        domains: rest.count("domains")?,
    })
}

/// How many people are neither deleted nor unlisted.
pub async fn listed(tx: &mut Tx, directory: &DirectoryId) -> Result<u64, StoreError> {
    tx.row(LISTED, &[directory.as_str().into()]).await?.count("n")
}
