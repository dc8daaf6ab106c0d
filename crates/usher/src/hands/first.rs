//! What a change would do to the first of those whom it concerns: whoever is active is decided about, as a run would.

use std::collections::BTreeSet;

use usher_engine::setting::Setting;
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::entitlement::{Standing, standing};
use usher_model::id::{DirectoryId, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::{Tx, account, directory};
use usher_web::hands::Consequence;

use super::standing::Changed;
use crate::failure::Failure;

/// How many people are looked at, for each app.
pub(super) const LOOKED_AT: usize = 100;
/// How many of them are told of at the most.
const TOLD: usize = 10;

/// The first active people of these units.
pub(super) async fn in_units(
    tx: &mut Tx,
    of: &DirectoryId,
    is_concerned: impl Fn(&OrgUnitPath) -> bool,
) -> Result<Vec<User>, Failure> {
    let mut people = Vec::new();
    for spelled in directory::units_of_people(tx, of).await? {
        if people.len() >= LOOKED_AT {
            break;
        }
        if is_concerned(&spelled) {
            let page = directory::people_in_unit(tx, of, &spelled, None, LOOKED_AT).await?;
            let users = page.into_iter().map(|person| person.user);
            people.extend(users.filter(|user| user.state == UserState::Active));
        }
    }
    people.truncate(LOOKED_AT);
    Ok(people)
}

/// What becomes of the first of them whose account changes, where they stand `after` it as that says.
pub(super) async fn told(
    tx: &mut Tx,
    setting: &Setting,
    now: Timestamp,
    people: Vec<User>,
    after: impl Fn(&User, &BTreeSet<GroupId>) -> Standing,
) -> Result<Vec<Consequence>, Failure> {
    let app = &setting.app;
    let ids: Vec<UserId> = people.iter().map(|user| user.id.clone()).collect();
    let groups = directory::direct_groups_of(tx, &app.directory, &ids).await?;
    let records = account::of(tx, &app.id, &ids).await?;
    let mut told = Vec::new();
    for user in people {
        let direct = groups.get(&user.id).cloned().unwrap_or_default();
        let changed = Changed {
            before: standing(&user, &direct, &setting.entitling()),
            after: after(&user, &direct),
            record: records.get(&user.id),
            setting,
            now,
        };
        if let Some((what, is_loss)) = changed.told() {
            let what = format!("{}: {what}", user.primary_email);
            told.push(Consequence { app: app.name.clone(), what, is_loss });
        }
    }
    told.truncate(TOLD);
    Ok(told)
}
