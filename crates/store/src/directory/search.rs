//! People as admins look for them: by the beginning of an address or a name, by state, by unit; page by page. [`groups`] are
//! looked for by a piece of either.
//!
//! A page is read behind the last one's end, by an index, so that the last page of a million costs what the first one does.
//! Where a filter lets few through, a page looks through so many rows and no more, and says where to go on.
//!
//! Nobody is on two pages of one search, however many of its ways lead to them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::id::{DirectoryId, UserId};

use super::Person;
use super::by_address::{Place, Roll, people_by_address, units_of_people};
use super::person::{USER_COLUMNS, people, user};
use crate::columns::limit;
use crate::sql::{Column, Row};
use crate::{StoreError, Tx};

pub(super) mod groups;

/// How many rows a page of a search looks through at most.
const LOOKED_THROUGH: usize = 10_000;
/// How many of them are read at once.
const AT_ONCE: usize = 500;

/// Who is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeopleSought<'a> {
    /// How their address, their given name or their family name begins; empty: however.
    pub text: &'a str,
    /// None: whoever is not deleted.
    pub state: Option<StateSought>,
    /// Whose unit this is itself; none: anywhere.
    pub unit: Option<&'a OrgUnitPath>,
}

/// In which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateSought {
    /// Active.
    Active,
    /// Suspended.
    Suspended,
    /// Archived.
    Archived,
    /// Deleted.
    Deleted,
}

impl StateSought {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }
}

/// By which way somebody is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By address.
    Address,
    /// By given name, then family name.
    Given,
    /// By family name, then given name.
    Family,
}

impl Way {
    fn next(self) -> Option<Self> {
        match self {
            Self::Address => Some(Self::Given),
            Self::Given => Some(Self::Family),
            Self::Family => None,
        }
    }
}

/// Where a page ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The way it was on.
    pub way: Way,
    /// What that way is ordered by.
    pub key: String,
    /// Who or what was looked at last.
    pub id: String,
}

/// A page of what was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// What was found.
    pub page: Vec<T>,
    /// Where to go on; none: that is all.
    pub next: Option<Mark>,
}

const BY_STATE: &str = "\
-- store::directory::people_by_state
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person
WHERE directory = $1 AND state = $2 AND state <> 'active' AND (primary_email, id) > ($3, $4)
ORDER BY primary_email, id LIMIT $5";

const ACTIVE: &str = "\
-- store::directory::active_people
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person
WHERE directory = $1 AND state = 'active' AND (primary_email, id) > ($2, $3)
ORDER BY primary_email, id LIMIT $4";

const IN_UNIT: &str = "\
-- store::directory::people_of_unit
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person
WHERE directory = $1 AND org_unit = $2 AND state = $3 AND (primary_email, id) > ($4, $5)
ORDER BY primary_email, id LIMIT $6";

const BY_ADDRESS: &str = "\
-- store::directory::people_by_beginning_of_address
SELECT id, primary_email, state, state_since, org_unit, is_guest, primary_email AS sought, '' AS given_first
FROM person
WHERE directory = $1 AND (primary_email, id) > ($2, $3) AND primary_email < $4
ORDER BY primary_email, id LIMIT $5";

macro_rules! by_name {
    ($name:literal, $column:literal) => {
        concat!(
            "-- store::directory::",
            $name,
            "
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, r.",
            $column,
            " AS sought, r.given_first AS given_first
FROM person_resource AS r JOIN person AS p ON p.directory = r.directory AND p.id = r.id
WHERE r.directory = $1 AND (r.",
            $column,
            ", r.id) > ($2, $3) AND r.",
            $column,
            " < $4
ORDER BY r.",
            $column,
            ", r.id LIMIT $5"
        )
    };
}

const BY_GIVEN: &str = by_name!("people_by_given_name", "given_first");
const BY_FAMILY: &str = by_name!("people_by_family_name", "family_first");

/// One page of the people who are looked for: with a text, those whose address begins with it, then those whose names do.
pub async fn people_sought(
    tx: &mut Tx,
    directory: &DirectoryId,
    sought: PeopleSought<'_>,
    after: Option<&Mark>,
    most: usize,
) -> Result<Found<Person>, StoreError> {
    let text = folded(sought.text);
    let units = match sought.unit {
        Some(unit) => Some(spellings(tx, directory, unit).await?),
        None => None,
    };
    let (users, next) = if text.is_empty() {
        listed(tx, directory, sought.state, units.as_ref(), after, most).await?
    } else {
        let wanted = Wanted { text, state: sought.state, units };
        wanted.looked_for(tx, directory, after, most).await?
    };
    let ids: BTreeSet<UserId> = users.iter().map(|user| user.id.clone()).collect();
    let mut known = people(tx, directory, &ids).await?;
    Ok(Found { page: users.iter().filter_map(|user| known.remove(&user.id)).collect(), next })
}

/// Everybody, or those of a state, of a unit, in the order of their addresses.
async fn listed(
    tx: &mut Tx,
    directory: &DirectoryId,
    state: Option<StateSought>,
    units: Option<&BTreeSet<String>>,
    after: Option<&Mark>,
    most: usize,
) -> Result<(Vec<User>, Option<Mark>), StoreError> {
    let (key, id) = after.map_or(("", ""), |mark| (mark.key.as_str(), mark.id.as_str()));
    let most_and_one = most.saturating_add(1);
    let of = directory.as_str();
    let mut users = match (units, state) {
        (Some(units), state) => {
            let living = ["active", "suspended", "archived", "unlisted"];
            let states = state.map_or_else(|| living.to_vec(), |state| vec![state.as_str()]);
            let mut users = Vec::new();
            for unit in units {
                for state in &states {
                    let values = [
                        of.into(),
                        unit.as_str().into(),
                        (*state).into(),
                        key.into(),
                        id.into(),
                        limit(most_and_one),
                    ];
                    users.extend(read(&tx.page(IN_UNIT, USER_COLUMNS, &values).await?)?);
                }
            }
            users
        }
        (None, None) => {
            let after = Place { address: key, id };
            let page = people_by_address(tx, directory, Roll::Living, after, most_and_one).await?;
            page.into_iter().map(|person| person.user).collect()
        }
        (None, Some(StateSought::Active)) => {
            let values = [of.into(), key.into(), id.into(), limit(most_and_one)];
            read(&tx.page(ACTIVE, USER_COLUMNS, &values).await?)?
        }
        (None, Some(state)) => {
            let values = [of.into(), state.as_str().into(), key.into(), id.into(), limit(most_and_one)];
            read(&tx.page(BY_STATE, USER_COLUMNS, &values).await?)?
        }
    };
    users.sort_by(|one, two| (&one.primary_email, &one.id).cmp(&(&two.primary_email, &two.id)));
    let has_more = users.len() > most;
    users.truncate(most);
    let next = users.last().filter(|_| has_more).map(|last| Mark {
        way: Way::Address,
        key: last.primary_email.to_string(),
        id: last.id.to_string(),
    });
    Ok((users, next))
}

fn read(rows: &[Row]) -> Result<Vec<User>, StoreError> {
    rows.iter().map(user).collect()
}

/// A search by a text.
struct Wanted {
    text: String,
    state: Option<StateSought>,
    units: Option<BTreeSet<String>>,
}

impl Wanted {
    async fn looked_for(
        &self,
        tx: &mut Tx,
        directory: &DirectoryId,
        after: Option<&Mark>,
        most: usize,
    ) -> Result<(Vec<User>, Option<Mark>), StoreError> {
        let columns = [USER_COLUMNS, &[Column::Text("sought"), Column::Text("given_first")]].concat();
        // Whatever begins with a text comes before the text with the last of all letters behind it.
        let end = format!("{}\u{10ffff}", self.text);
        let begin = |way| Mark { way, key: self.text.clone(), id: String::new() };
        let mut at = after.cloned().unwrap_or_else(|| begin(Way::Address));
        let (mut found, mut n_looked_at) = (Vec::new(), 0);
        loop {
            let sql = match at.way {
                Way::Address => BY_ADDRESS,
                Way::Given => BY_GIVEN,
                Way::Family => BY_FAMILY,
            };
            let values = [
                directory.as_str().into(),
                at.key.as_str().into(),
                at.id.as_str().into(),
                end.as_str().into(),
                limit(AT_ONCE),
            ];
            let rows = tx.page(sql, &columns, &values).await?;
            for row in &rows {
                let user = user(row)?;
                let is_met = match at.way {
                    Way::Address => false,
                    Way::Given => self.is_address(&user),
                    Way::Family => self.is_address(&user) || row.text("given_first")?.starts_with(&self.text),
                };
                let is_one = !is_met && self.takes(&user);
                if is_one && found.len() == most {
                    return Ok((found, Some(at)));
                }
                (at.key, at.id) = (row.text("sought")?.to_owned(), user.id.to_string());
                if is_one {
                    found.push(user);
                }
            }
            n_looked_at += rows.len();
            if rows.len() < AT_ONCE {
                let Some(way) = at.way.next() else { return Ok((found, None)) };
                at = begin(way);
            }
            if n_looked_at >= LOOKED_THROUGH {
                return Ok((found, Some(at)));
            }
        }
    }

    fn is_address(&self, user: &User) -> bool {
        user.primary_email.as_str().starts_with(&self.text)
    }

    fn takes(&self, user: &User) -> bool {
        let is_state = match (self.state, user.state) {
            (None, UserState::Deleted { .. }) => false,
            (None, _)
            | (Some(StateSought::Active), UserState::Active)
            | (Some(StateSought::Suspended), UserState::Suspended { .. })
            | (Some(StateSought::Archived), UserState::Archived { .. })
            | (Some(StateSought::Deleted), UserState::Deleted { .. }) => true,
            (Some(_), _) => false,
        };
        is_state && self.units.as_ref().is_none_or(|units| units.contains(user.org_unit.as_str()))
    }
}

/// A text as names are compared with it.
fn folded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || c == ',' { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The names by which somebody is looked for: given name first, and family name first.
pub(super) fn sought_names(resource: &Map<String, Json>) -> [String; 2] {
    let name = resource.get("name").and_then(Json::as_object);
    let part = |part: &str| name.and_then(|name| name.get(part)).and_then(Json::as_str).unwrap_or_default();
    let (given, family) = (part("givenName"), part("familyName"));
    if given.is_empty() && family.is_empty() {
        let full = folded(part("fullName"));
        return [full.clone(), full];
    }
    [folded(&format!("{given} {family}")), folded(&format!("{family} {given}"))]
}

/// As which a unit is spelled where people are in it; as it is asked for, where nobody is.
async fn spellings(
    tx: &mut Tx,
    directory: &DirectoryId,
    unit: &OrgUnitPath,
) -> Result<BTreeSet<String>, StoreError> {
    let folded = unit.folded();
    let all = units_of_people(tx, directory).await?;
    let same = all.into_iter().filter(|spelled| spelled.folded() == folded);
    Ok(same.map(|spelled| spelled.as_str().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn no_page_reads_more_than_it_shows() {
        let mut with_names = USER_COLUMNS.to_vec();
        with_names.extend([Column::Text("sought"), Column::Text("given_first")]);
        for sql in [BY_STATE, IN_UNIT] {
            assert_reads_by_key(sql, Some(USER_COLUMNS)).await;
        }
        for sql in [BY_GIVEN, BY_FAMILY] {
            assert_reads_by_key(sql, Some(&with_names)).await;
        }
    }

    #[test]
    fn names_are_compared_in_small_letters_and_in_either_order() {
        let Json::Object(resource) =
            json!({"name": {"givenName": " Émile", "familyName": "de  la Cruz\u{0}"}})
        else {
            panic!()
        };
        assert_eq!(sought_names(&resource), ["émile de la cruz", "de la cruz émile"]);
        assert_eq!(folded("De La Cruz, Ém"), "de la cruz ém");
    }
}
