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
SELECT CAST(COALESCE(SUM(CASE WHEN state NOT IN ('deleted', 'unlisted') THEN n END), 0) AS BIGINT) AS users,
       CAST(COALESCE(SUM(CASE WHEN state = 'active' THEN n END), 0) AS BIGINT) AS active,
       CAST(COALESCE(SUM(CASE WHEN state = 'suspended' THEN n END), 0) AS BIGINT) AS suspended,
       CAST(COALESCE(SUM(CASE WHEN state = 'archived' THEN n END), 0) AS BIGINT) AS archived,
       CAST(COALESCE(SUM(CASE WHEN state = 'deleted' THEN n END), 0) AS BIGINT) AS deleted,
       CAST(COALESCE(SUM(CASE WHEN state NOT IN ('deleted', 'unlisted') AND is_guest = 1 THEN n END), 0) AS BIGINT) AS guests
FROM person_tally WHERE directory = $1";

const REST: &str = "\
-- store::directory::counts_of_the_rest
SELECT (SELECT COUNT(*) FROM directory_group WHERE directory = $1) AS n_groups,
       (SELECT COUNT(*) FROM org_unit WHERE directory = $1) AS org_units,
       (SELECT COUNT(*) FROM domain WHERE directory = $1) AS domains";

const LISTED: &str = "\
-- store::directory::listed
SELECT COUNT(*) AS n FROM person WHERE directory = $1 AND state NOT IN ('deleted', 'unlisted')";

/// How many of each kind the directory has; people as they are kept counted ([`crate::tally`]).
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

/// How many people are neither deleted nor unlisted, counted one by one: a guard goes by it.
pub async fn listed(tx: &mut Tx, directory: &DirectoryId) -> Result<u64, StoreError> {
    tx.row(LISTED, &[directory.as_str().into()]).await?.count("n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::explain;

    #[tokio::test]
    async fn people_are_kept_counted() {
        let steps = explain(PEOPLE, None).await;
        assert!(steps.contains("person_tally") && !steps.contains("person "), "{steps}");
    }
}
