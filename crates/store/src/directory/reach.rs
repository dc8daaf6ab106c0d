//! How many people stand where: for admins who switch an app on.
//!
//! Not here: who is entitled, which is decided for each person (`usher_model::entitlement`).

use std::collections::{BTreeMap, BTreeSet};

use usher_model::directory::OrgUnitPath;
use usher_model::id::{DirectoryId, GroupId};

use crate::columns;
use crate::sql::{Column, Value};
use crate::{StoreError, Tx};

const BY_UNIT: &str = "\
-- store::directory::people_by_unit
SELECT org_unit, CAST(SUM(n) AS BIGINT) AS n FROM person_tally WHERE directory = $1 AND state = 'active' GROUP BY org_unit";

/// How many active people stand in each unit itself, by the unit's folded path: as they are kept counted ([`crate::tally`]).
pub async fn people_by_unit(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<BTreeMap<OrgUnitPath, u64>, StoreError> {
    let columns = [Column::Text("org_unit"), Column::Int("n")];
    let mut found: BTreeMap<OrgUnitPath, u64> = BTreeMap::new();
    for row in &tx.page(BY_UNIT, &columns, &[directory.as_str().into()]).await? {
        *found.entry(row.parsed("org_unit", OrgUnitPath::parse)?.folded()).or_default() += row.count("n")?;
    }
    Ok(found)
}

const IN_GROUPS: &str = "\
-- store::directory::people_in_groups
SELECT p.org_unit AS org_unit, COUNT(DISTINCT p.id) AS n
FROM membership AS m JOIN person AS p ON p.directory = m.directory AND p.id = m.member_key
WHERE m.directory = $1 AND m.member_kind = 'user' AND p.state = 'active'
  AND m.group_id IN (SELECT value ->> 0 FROM json_rows($2))
  AND (CAST($4 AS BIGINT) = 0 OR EXISTS (
      SELECT 1 FROM membership AS other
      WHERE other.directory = m.directory AND other.member_key = p.id AND other.member_kind = 'user'
        AND other.group_id IN (SELECT value ->> 0 FROM json_rows($3))))
GROUP BY p.org_unit";

/// How many active people are members of any of these groups themselves, by the folded path of their unit; `also`: only those
/// who are in any of these as well.
pub async fn people_in_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &BTreeSet<GroupId>,
    also: Option<&BTreeSet<GroupId>>,
) -> Result<BTreeMap<OrgUnitPath, u64>, StoreError> {
    let columns = [Column::Text("org_unit"), Column::Int("n")];
    let values = [
        directory.as_str().into(),
        columns::groups(groups),
        columns::groups(also.into_iter().flatten()),
        Value::from(i64::from(also.is_some())),
    ];
    let mut found: BTreeMap<OrgUnitPath, u64> = BTreeMap::new();
    for row in &tx.page(IN_GROUPS, &columns, &values).await? {
        *found.entry(row.parsed("org_unit", OrgUnitPath::parse)?.folded()).or_default() += row.count("n")?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::explain;

    #[tokio::test]
    async fn people_by_unit_are_kept_counted() {
        let steps = explain(BY_UNIT, Some(&[Column::Text("org_unit"), Column::Int("n")])).await;
        assert!(steps.contains("person_tally") && !steps.contains("person "), "{steps}");
    }
}
