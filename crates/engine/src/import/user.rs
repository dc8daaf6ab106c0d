//! A batch of users: whom each entry is about, what it makes of them, and what of that is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use usher_model::directory::User;
use usher_model::id::{Email, UserId};
use usher_model::mutant::{self, Mutant};
use usher_store::StoreError;
use usher_store::directory::stage::{self, Addresses, Mention};
use usher_store::directory::{self, Owner, Person};

use super::entry::{ENTRIES_PER_BATCH, Entry};
use super::error::ImportError;
use super::pass::{Pass, at};
use super::person::{self, Key};

/// The people that a batch is about, as they are at this point of it.
struct Crowd {
    people: BTreeMap<UserId, Person>,
    /// Whose the addresses are that entries without an id name: as before the import, else as it has said so far.
    holders: BTreeMap<Email, UserId>,
    /// The deleted people that entries of deleted people without an id may be about, the latest last.
    deleted: BTreeMap<Email, Vec<UserId>>,
    changed: BTreeSet<UserId>,
    moved: BTreeSet<UserId>,
    left: BTreeSet<UserId>,
}

impl Pass<'_> {
    pub(super) async fn take_users(&mut self, path: &Path, entries: Vec<Entry>) -> Result<(), ImportError> {
        let keys =
            entries.iter().map(|entry| Key::of(entry).map_err(|problem| at(path, entry.line, problem)));
        let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        *self.n_users.get_or_insert(0) += u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let mut crowd = self.gather(&entries, &keys).await?;
        let mut named = BTreeSet::new();
        for (entry, key) in entries.into_iter().zip(&keys) {
            let line = entry.line;
            let id = crowd.find(&entry, key).unwrap_or_else(|| UserId::new((self.new_id)()));
            self.take_user(&mut crowd, entry, &id).map_err(|problem| at(path, line, problem))?;
            named.insert(id);
        }
        if self.options.replace {
            let named = named.iter().map(UserId::as_str);
            stage::mention(self.tx, &self.directory, Mention::User, named).await?;
        }
        self.write(&crowd).await
    }

    /// Reads everyone whom the entries could be about.
    async fn gather(&mut self, entries: &[Entry], keys: &[Key]) -> Result<Crowd, StoreError> {
        let (tx, directory) = (&mut *self.tx, &self.directory);
        let mut addresses = BTreeSet::new();
        let mut ids = BTreeSet::new();
        let mut of_deleted = BTreeSet::new();
        for (entry, key) in entries.iter().zip(keys) {
            match key {
                Key::Id(id) => {
                    ids.insert(id.clone());
                }
                Key::Address(address) => {
                    addresses.insert(address.clone());
                    if person::says_deleted(entry) {
                        of_deleted.insert(address.as_str());
                    }
                }
            }
        }
        let mut holders = directory::owners(tx, directory, &addresses).await?;
        addresses.retain(|address| !holders.contains_key(address));
        holders.extend(stage::staged_owners(tx, directory, &addresses).await?);
        let users = holders.into_iter().filter_map(|(address, owner)| match owner {
            Owner::User(id) => Some((address, id)),
            Owner::Group(_) => None,
        });
        let holders: BTreeMap<Email, UserId> = users.collect();
        let mut deleted = BTreeMap::<Email, Vec<UserId>>::new();
        for user in stage::deleted_people_of(tx, directory, of_deleted).await? {
            deleted.entry(user.primary_email).or_default().push(user.id);
        }
        ids.extend(holders.values().chain(deleted.values().flatten()).cloned());
        let people = directory::people(tx, directory, &ids).await?;
        let [changed, moved, left] = [const { BTreeSet::new() }; 3];
        Ok(Crowd { people, holders, deleted, changed, moved, left })
    }

    fn take_user(&mut self, crowd: &mut Crowd, entry: Entry, id: &UserId) -> Result<(), String> {
        let before = crowd.people.get(id);
        if before.is_some_and(|before| person::says_nothing_new(&entry, before)) {
            self.report.users.unchanged += 1;
            return Ok(());
        }
        let after = person::merged(entry, before, id, self.now)?;
        let after = match before.filter(|_| mutant::lives(Mutant::MoveUnheard)) {
            Some(before) => {
                let org_unit = before.user.org_unit.clone();
                Person::new(User { org_unit, ..after.user }, after.resource)
            }
            None => after,
        };
        let report = &mut self.report.users;
        let counter = match before {
            None => &mut report.added,
            Some(before) if *before == after => {
                report.unchanged += 1;
                return Ok(());
            }
            Some(before) => match (person::is_deleted(before), person::is_deleted(&after)) {
                (false, true) => &mut report.deleted,
                (true, false) => &mut report.restored,
                (false, false) | (true, true) => &mut report.updated,
            },
        };
        *counter += 1;
        let before = before.map(person::addresses).transpose()?;
        crowd.change(before.as_ref(), after)
    }

    async fn write(&mut self, crowd: &Crowd) -> Result<(), ImportError> {
        let (tx, directory) = (&mut *self.tx, &self.directory);
        let of = |ids: &BTreeSet<UserId>| -> Vec<&Person> {
            ids.iter().filter_map(|id| crowd.people.get(id)).collect()
        };
        directory::record_people(tx, directory, of(&crowd.changed)).await?;
        let moved = of(&crowd.moved).into_iter().map(person::addresses);
        let moved: Vec<Addresses> =
            moved.collect::<Result<_, _>>().expect("invariant: they were read before");
        stage::restate(tx, directory, &moved).await?;
        let left: Vec<UserId> = crowd.left.iter().cloned().collect();
        self.report.members.deleted += directory::leave_groups(tx, directory, &left).await?;
        Ok(())
    }

    /// Deletes whoever the files did not name.
    pub(super) async fn delete_missing_users(&mut self) -> Result<(), ImportError> {
        let mut after = None;
        loop {
            let (tx, directory) = (&mut *self.tx, &self.directory);
            let page = stage::unmentioned_people(tx, directory, after.as_ref(), ENTRIES_PER_BATCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.user.id.clone());
            let gone: Vec<Person> = page
                .iter()
                .map(|person| person::deleted(person, self.now))
                .collect::<Result<_, _>>()
                .expect("invariant: whoever is stored can be read");
            directory::record_people(tx, directory, &gone).await?;
            let nothing = |person: &Person| {
                let owner = Owner::User(person.user.id.clone());
                Addresses { owner, primary: None, aliases: BTreeSet::new() }
            };
            stage::restate(tx, directory, &gone.iter().map(nothing).collect::<Vec<_>>()).await?;
            let ids: Vec<UserId> = gone.into_iter().map(|person| person.user.id).collect();
            self.report.users.deleted += u64::try_from(ids.len()).unwrap_or(u64::MAX);
            self.report.members.deleted += directory::leave_groups(tx, directory, &ids).await?;
        }
    }
}

impl Crowd {
    /// Whom an entry is about; nobody yet, if they are new and came without an id.
    fn find(&self, entry: &Entry, key: &Key) -> Option<UserId> {
        let address = match key {
            Key::Id(id) => return Some(id.clone()),
            Key::Address(address) => address,
        };
        let is_there = |id: &&UserId| self.people.get(*id).is_some_and(|person| !person::is_deleted(person));
        let holder = self.holders.get(address).filter(is_there);
        // A new person with a deleted one's address is somebody else, unless the entry is about a deleted one itself.
        let deleted = self.deleted.get(address).filter(|_| person::says_deleted(entry));
        let deleted = deleted.map_or(&[][..], Vec::as_slice);
        // Whose deletion it repeats, it is about: the address may have been given to somebody else since.
        let is_repeated = |person: &Person| person::repeats_deletion(entry, person);
        let repeated = deleted.iter().find(|id| self.people.get(*id).is_some_and(is_repeated));
        repeated.or(holder).or(deleted.last()).cloned()
    }

    fn change(&mut self, before: Option<&Addresses>, after: Person) -> Result<(), String> {
        let id = after.user.id.clone();
        let addresses = person::addresses(&after)?;
        if person::is_deleted(&after) {
            self.left.insert(id.clone());
            self.deleted.entry(after.user.primary_email.clone()).or_default().push(id.clone());
        }
        if before != Some(&addresses) {
            self.moved.insert(id.clone());
            for address in addresses.primary.iter().chain(&addresses.aliases) {
                self.holders.entry(address.clone()).or_insert_with(|| id.clone());
            }
        }
        self.changed.insert(id.clone());
        self.people.insert(id, after);
        Ok(())
    }
}
