//! Single people and groups, read anew because somebody said that they changed.
//!
//! # Invariant
//!
//! What is heard here is newer than any page that was asked for before, and is not undone by one.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{Email, GroupId, UserId};
use usher_protocol::directory::request::UserFields;
use usher_store::directory::stage::{self, Missing, RosterMember};
use usher_store::directory::{self, Directory, Owner, listing};
use usher_store::{Store, StoreError, app};

use super::merge::roster;
use super::people::Heard;
use super::{MirrorError, record_heard};
use crate::clock::Clock;
use crate::google::client::GoogleClient;
use crate::google::error::GoogleError;

/// Who is to be read anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// People, by an address of theirs.
    pub users: BTreeSet<Email>,
    /// Groups and who is in them, by address.
    pub groups: BTreeSet<Email>,
    /// Who left which group, by both addresses: it confirms that they did.
    pub left: BTreeSet<(Email, Email)>,
}

impl Touched {
    /// How many calls it takes to read them, about.
    pub fn len(&self) -> usize {
        self.users.len() + self.groups.len()
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Reads these anew. Whether the mirror says anything else than it did.
pub async fn refresh(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    touched: &Touched,
) -> Result<bool, MirrorError> {
    let fields = {
        let mut tx = store.read("engine::mirror::refresh").await?;
        let mirrored = directory::mirrored(&mut tx, &directory.id).await?.unwrap_or_default();
        mirrored.listed_fields.as_deref().map_or_else(|| UserFields::of([]), UserFields::from_text)
    };
    let heard = people(store, clock, client, directory, touched, &fields).await?;
    let mut tx = store.begin("engine::mirror::refresh").await?;
    let mut is_changed = record_heard(&mut tx, &directory.id, heard, clock).await?;
    tx.commit().await?;
    for group in &touched.groups {
        is_changed |= members(store, clock, client, directory, group, &touched.left).await?;
    }
    Ok(is_changed)
}

/// Asks for people: by id whom the mirror knows by an address, and by the address whoever has it now.
async fn people(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    touched: &Touched,
    fields: &UserFields,
) -> Result<Heard, MirrorError> {
    let mut known: BTreeMap<Email, Option<UserId>> = BTreeMap::new();
    let mut tx = store.read("engine::mirror::refresh_known").await?;
    for email in &touched.users {
        let user = directory::user_by_email(&mut tx, &directory.id, email).await?;
        known.insert(email.clone(), user.map(|user| user.id));
    }
    drop(tx);
    let mut heard = Heard::default();
    let mut there = BTreeMap::new();
    for (email, id) in known {
        let mut has_it = false;
        if let Some(id) = id {
            let asked_at = clock.now();
            match of_one(client.user_by_id(id.as_str(), fields).await, directory)? {
                Some(Some(user)) => {
                    has_it = user.primary_email().is_some_and(|now| now.eq_ignore_ascii_case(email.as_str()));
                    there.insert(id.as_str().to_owned(), (asked_at, user));
                }
                Some(None) => heard.gone.push((asked_at, id)),
                None => {}
            }
        }
        // The address may be somebody else's by now.
        let asked_at = clock.now();
        if !has_it
            && let Some(Some(user)) = of_one(client.user_by_address(email.as_str(), fields).await, directory)?
        {
            there.entry(user.id().unwrap_or_default().to_owned()).or_insert((asked_at, user));
        }
    }
    heard.gone.retain(|(_, id)| !there.contains_key(id.as_str()));
    heard.there = there.into_values().map(|(at, user)| (at, user.attributes().clone())).collect();
    Ok(heard)
}

/// An answer about one person or group; none: Google has none that is of use, which is theirs alone.
fn of_one<T>(answer: Result<T, GoogleError>, directory: &Directory) -> Result<Option<T>, MirrorError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_of_one() => {
            tracing::warn!(directory.id = %directory.id, %error, "somebody stays as they were");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Lists who is in a group that matters. Whoever is missing stays, unless it is they who were said to have left.
async fn members(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    email: &Email,
    left: &BTreeSet<(Email, Email)>,
) -> Result<bool, MirrorError> {
    let Some(group) = matters(store, directory, email).await? else { return Ok(false) };
    let asked_at = clock.now();
    let mut listed: Vec<RosterMember> = Vec::new();
    let mut pages = client.members(group.as_str());
    loop {
        let page = match pages.next().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            // That it is gone is for whole listings to say.
            Err(error) if error.is_of_one() => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let resources = page.items.iter().filter_map(|member| match serde_json::to_value(member) {
            Ok(serde_json::Value::Object(resource)) => Some(resource),
            Ok(_) | Err(_) => None,
        });
        let (members, problems) = roster(&group, resources.collect());
        for problem in problems {
            tracing::warn!(directory.id = %directory.id, problem);
        }
        listed.extend(members);
    }
    let left = left.iter().filter(|(of, _)| of == email).map(|(_, member)| member.clone());
    let left: BTreeSet<Email> = left.collect();
    let mut tx = store.begin("engine::mirror::members").await?;
    stage::lock(&mut tx, &directory.id).await?;
    stage::clear(&mut tx, &directory.id).await?;
    stage::stage_roster(&mut tx, &directory.id, 0, &group, &listed).await?;
    let counts = stage::settle_rosters(&mut tx, &directory.id, None).await?;
    stage::clear(&mut tx, &directory.id).await?;
    let mut is_changed = counts.added + counts.updated > 0;
    for (_, owner) in directory::owners(&mut tx, &directory.id, &left).await? {
        let member = match owner {
            Owner::User(id) => id.as_str().to_owned(),
            Owner::Group(id) => id.as_str().to_owned(),
        };
        if listed.iter().all(|listed| listed.key != member) {
            let missing = Missing { group: group.clone(), member };
            is_changed |= stage::drop_membership(&mut tx, &directory.id, &missing).await?;
        }
    }
    listing::hear(&mut tx, &directory.id, listing::Heard::Groups, [group.as_str()], asked_at).await?;
    if is_changed {
        app::touch(&mut tx, &directory.id, clock.now()).await?;
    }
    tx.commit().await?;
    Ok(is_changed)
}

/// The group with this address, if who is in it was ever listed: nobody asked about the others.
async fn matters(store: &Store, directory: &Directory, email: &Email) -> Result<Option<GroupId>, StoreError> {
    let mut tx = store.read("engine::mirror::matters").await?;
    let Some(group) = directory::group_by_email(&mut tx, &directory.id, email).await? else {
        return Ok(None);
    };
    let one = BTreeSet::from([group.id.clone()]);
    let is_listed = directory::never_listed(&mut tx, &directory.id, &one).await?.is_empty();
    Ok(is_listed.then_some(group.id))
}
