//! Groups as admins look for them: by a piece of address or name, with their members counted as far as anybody reads.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::directory::Group;
use usher_model::id::{DirectoryId, GroupId};

use super::super::texts;
use super::{AT_ONCE, Found, LOOKED_THROUGH, Mark, Way, folded};
use crate::columns::limit;
use crate::sql::{Column, Value};
use crate::{StoreError, Tx};

const GROUPS: &str = "\
-- store::directory::groups_sought
SELECT id, email, name FROM directory_group
WHERE directory = $1 AND (email, id) > ($2, $3) ORDER BY email, id LIMIT $4";

/// One page of the groups whose address or name holds a text, without regard to case, in the order of their addresses.
pub async fn groups_sought(
    tx: &mut Tx,
    directory: &DirectoryId,
    text: &str,
    after: Option<&Mark>,
    most: usize,
) -> Result<Found<Group>, StoreError> {
    let text = folded(text);
    let columns = [Column::Text("id"), Column::Text("email"), Column::Text("name")];
    let mut at = after.cloned().unwrap_or(Mark { way: Way::Address, key: String::new(), id: String::new() });
    let (mut page, mut n_looked_at) = (Vec::new(), 0);
    loop {
        let values =
            [directory.as_str().into(), at.key.as_str().into(), at.id.as_str().into(), limit(AT_ONCE)];
        let rows = tx.page(GROUPS, &columns, &values).await?;
        for row in &rows {
            let (id, email, name) = (row.text("id")?, row.email("email")?, row.text("name")?);
            let is_one = text.is_empty() || email.as_str().contains(&text) || folded(name).contains(&text);
            if is_one && page.len() == most {
                return Ok(Found { page, next: Some(at) });
            }
            (at.key, at.id) = (row.text("email")?.to_owned(), id.to_owned());
            if is_one {
                page.push(Group { id: GroupId::new(id), email, name: name.to_owned() });
            }
        }
        n_looked_at += rows.len();
        if rows.len() < AT_ONCE {
            return Ok(Found { page, next: None });
        }
        if n_looked_at >= LOOKED_THROUGH {
            return Ok(Found { page, next: Some(at) });
        }
    }
}

const COUNT_MEMBERS: &str = "\
-- store::directory::count_members_up_to
SELECT COUNT(*) AS n FROM (
    SELECT member_key FROM membership WHERE directory = $1 AND group_id = $2 LIMIT $3) AS page";

const COUNT_BELOW: &str = "\
-- store::directory::count_people_below
SELECT COUNT(*) AS n FROM (
    SELECT DISTINCT m.member_key AS member_key
    FROM (SELECT value ->> 0 AS id FROM json_rows($2)) AS given CROSS JOIN membership AS m
    WHERE m.directory = $1 AND m.group_id = given.id AND m.member_kind = 'user' LIMIT $3) AS page";

/// How many direct members these groups have, each counted to `most` and no further.
pub async fn count_members_up_to(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: impl IntoIterator<Item = &GroupId>,
    most: usize,
) -> Result<BTreeMap<GroupId, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for group in groups {
        let values = [directory.as_str().into(), group.as_str().into(), limit(most)];
        counts.insert(group.clone(), tx.row(COUNT_MEMBERS, &values).await?.count("n")?);
    }
    Ok(counts)
}

/// How many people are direct members of any of these groups, each counted once, and to `most` and no further.
pub async fn count_people_below(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &BTreeSet<GroupId>,
    most: usize,
) -> Result<u64, StoreError> {
    let ids = texts(groups.iter().map(GroupId::as_str));
    // More groups than one statement takes have more people than anybody counts one by one.
    let values = [directory.as_str().into(), ids.into_iter().next().unwrap_or_else(none), limit(most)];
    tx.row(COUNT_BELOW, &values).await?.count("n")
}

fn none() -> Value {
    Value::rows(std::iter::empty::<[Value; 1]>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn no_count_reads_more_than_it_is_asked_to() {
        assert_reads_by_key(COUNT_MEMBERS, None).await;
        assert_reads_by_key(COUNT_BELOW, None).await;
    }
}
