//! Who has which name at the app: two groups of one name, groups that swap, and whole circles of them.

use std::collections::BTreeMap;

use usher_model::attribute::Attributes;
use usher_model::attribute::fold::fold;
use usher_model::group::adoption::{GroupConflict, GroupHolder};
use usher_model::group::decide::GroupStanding;
use usher_model::group::name;
use usher_model::group::operation::GroupKind;
use usher_model::id::GroupId;
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;
use usher_store::group::{self, GroupRecord};
use usher_store::{StoreError, Tx};

use super::candidate::Candidate;
use crate::groups::roster::Roster;
use crate::setting::Setting;

/// What stands between a group and the name that it is to have.
pub(super) enum NameConflict {
    /// Another group has it and keeps it.
    Taken(GroupConflict),
    /// Another group has it and is about to be renamed.
    FreedSoon,
    /// Groups want each other's names, and this one steps aside.
    Circle,
}

/// Whether another group on record, or one earlier in this plan, has the name that this one is to have.
pub(super) async fn name_conflict(
    tx: &mut Tx,
    known: (&Setting, &Roster, Timestamp),
    candidate: &Candidate,
    taken: &mut BTreeMap<String, GroupHolder>,
) -> Result<Option<NameConflict>, StoreError> {
    let (GroupStanding::Selected, Some(name)) = (candidate.standing, candidate.name()) else {
        return Ok(None);
    };
    let setting = known.0;
    let folded = fold(&name);
    let has_it =
        candidate.record.as_ref().and_then(|record| record.display_name.as_deref()) == Some(&*folded);
    let me = GroupHolder {
        group: candidate.id.clone(),
        email: Some(candidate.email.clone()),
        is_there: true,
        is_pinned: false,
    };
    if has_it {
        taken.insert(folded, me);
        return Ok(None);
    }
    let is_held =
        |holder: GroupHolder| NameConflict::Taken(GroupConflict::Held { display_name: name.clone(), holder });
    if let Some(holder) = taken.get(&folded) {
        return Ok(Some(is_held(holder.clone())));
    }
    let holders = holders(tx, (setting, known.2), &candidate.id, &folded).await?;
    let Some(holder) = holders.into_iter().next() else {
        taken.insert(folded, me);
        return Ok(None);
    };
    if candidate.takes_over() && holder.may_be_taken_from() {
        return Ok(None);
    }
    Ok(Some(match chain(tx, known, &candidate.id, holder.clone()).await? {
        End::Stays => is_held(holder),
        End::Free if mutant::lives(Mutant::NameTakenBeforeFree) => return Ok(None),
        End::Free => NameConflict::FreedSoon,
        // One of a circle steps aside: the one with the lowest id.
        End::Circle(lowest) if lowest == candidate.id => NameConflict::Circle,
        End::Circle(_) => NameConflict::FreedSoon,
    }))
}

/// How a chain of groups that want each other's names ends.
enum End {
    Stays,
    Free,
    Circle(GroupId),
}

/// How many groups of a chain are followed.
const LONGEST_CHAIN: usize = 100;

/// Follows from a holder to the holder of the name that it is to have, and so on.
async fn chain(
    tx: &mut Tx,
    (setting, roster, now): (&Setting, &Roster, Timestamp),
    first: &GroupId,
    holder: GroupHolder,
) -> Result<End, StoreError> {
    let mut lowest = first.clone();
    let mut current = holder.group;
    for _ in 0..LONGEST_CHAIN {
        if current == *first {
            return Ok(End::Circle(lowest));
        }
        lowest = lowest.min(current.clone());
        let directory = &setting.app.directory;
        let Some(group) = usher_store::directory::group_by_id(tx, directory, &current).await? else {
            return Ok(End::Stays);
        };
        let record = group::of(tx, &setting.app.id, std::slice::from_ref(&current)).await?.remove(&current);
        // A group that is left alone, or that has failed to get another name, keeps the one that it has.
        let has_failed = |record: &GroupRecord| {
            let failing = record.failing.get(&GroupKind::GroupUpdate);
            failing.is_some_and(|failing| now < failing.retry_at)
        };
        let is_pinned = |record: &GroupRecord| record.pin.as_ref().is_some_and(|pin| pin.holds(now));
        let is_pinned = record.as_ref().is_some_and(|record| is_pinned(record) || has_failed(record))
            || !roster.takes(setting, &group)
            || roster.is_unlisted(&group.id);
        let wants = name::attributes(&group, setting.template).ok();
        let wants = wants.as_ref().and_then(|wants| wants.get(&name::display_name())?.as_str().map(fold));
        let has = record.and_then(|record| record.display_name);
        let Some(wants) = wants.filter(|wants| !is_pinned && has.as_ref() != Some(wants)) else {
            return Ok(End::Stays);
        };
        match holders(tx, (setting, now), &current, &wants).await?.into_iter().next() {
            None => return Ok(End::Free),
            Some(next) => current = next.group,
        }
    }
    Ok(End::Stays)
}

/// The other groups on record that have a name at the app.
async fn holders(
    tx: &mut Tx,
    (setting, now): (&Setting, Timestamp),
    but: &GroupId,
    folded: &str,
) -> Result<Vec<GroupHolder>, StoreError> {
    let names = [folded.to_owned()];
    let found = group::holders_of_names(tx, &setting.app.directory, &setting.app.id, &names, now).await?;
    let others = found.into_values().flatten().filter(|holder| holder.group != *but);
    Ok(others.collect())
}

/// What a group is to have, but for the name, which stays what it is.
pub(super) fn keeping_name(candidate: &Candidate) -> Result<Attributes, String> {
    let mut want = candidate.want.clone()?;
    let name = |attributes: &Attributes| attributes.get(&name::display_name()).cloned();
    // What somebody else called it meanwhile stays: the name that it was last sent may be the one that is another's now.
    let shown = candidate.record.as_ref().and_then(|record| name(record.drifted.as_ref()?));
    let sent = candidate.record.as_ref().and_then(|record| name(&record.sent));
    match shown.or(sent) {
        Some(sent) => want.insert(name::display_name(), sent),
        None => drop(want.remove(&name::display_name())),
    }
    Ok(want)
}

/// What a group is to have, but for the name.
pub(super) fn without_name(candidate: &Candidate) -> Result<Attributes, String> {
    let mut want = candidate.want.clone()?;
    want.remove(&name::display_name());
    Ok(want)
}

/// What a group is to have while it steps aside: a name that nobody else has.
pub(super) fn stepping_aside(candidate: &Candidate) -> Result<Attributes, String> {
    let mut want = candidate.want.clone()?;
    want.insert(name::display_name(), candidate.id.as_str().into());
    Ok(want)
}
