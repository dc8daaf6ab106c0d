//! The state file: every change of the organisation and of its service accounts. No access token is in it; private keys
//! are, of service accounts whose keys Google would keep. Where somebody else keeps the directory, the file holds what is
//! beside it: service accounts and the audit log.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::accounts::{Accounts, Federation, ServiceAccount};
use super::directory::Change;
use super::directory::memory::MemoryDirectory;
use super::feed::{Activity, Feed};
use super::settings::Settings;
use crate::state_file::error::StateError;
use crate::state_file::{Format, Journal, StateFile, Writing};

const FORMAT: Format = Format { name: "usher-emulator workspace", version: 1 };
/// Of a file that holds no directory: neither is taken for the other.
const FORMAT_BESIDE: Format = Format { name: "usher-emulator workspace beside a directory", version: 1 };
/// How many changes or activities a line holds when the file is written anew.
const PER_LINE: usize = 100;

/// What has changed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// What one edit did.
    Edit { changes: Vec<Change>, activities: Vec<Activity> },
    /// A service account is made, or is another than before.
    ServiceAccount(ServiceAccount),
    /// A service account is gone.
    ServiceAccountGone(String),
    /// Somebody of another identity provider is known.
    Federation(Federation),
    /// Whose machine the metadata server answers for.
    Machine(Option<String>),
    /// How the emulator behaves.
    Settings(Settings),
}

/// A state file that was read, and made smaller.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) memory: MemoryDirectory,
    pub(crate) accounts: Accounts,
    pub(crate) settings: Settings,
    pub(crate) feed: Feed,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

/// A file that holds what is beside a directory.
#[derive(Debug)]
pub(crate) struct OpenedBeside {
    pub(crate) journal: Journal,
    pub(crate) accounts: Accounts,
    pub(crate) feed: Feed,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

#[derive(Debug, Default)]
struct Replayed {
    memory: MemoryDirectory,
    accounts: Accounts,
    settings: Option<Settings>,
    feed: Feed,
}

/// Takes a file, which need not be there, reads it, and writes it anew without what is over. A new one holds the
/// beginning.
pub(crate) fn open(path: &Path, beginning: Vec<Change>, settings: &Settings) -> Result<Opened, StateError> {
    let file = StateFile::take(path, FORMAT)?;
    let mut replayed = Replayed::default();
    let read = file.read(|entry| {
        replayed.carry_out(entry);
        Ok(())
    })?;
    if read.is_new {
        replayed.memory.apply(beginning);
    }
    let Replayed { memory, accounts, settings: kept, feed } = replayed;
    let settings = kept.unwrap_or_else(|| settings.clone());
    let journal = file.rewrite(|into| {
        into.entry(&Entry::Settings(settings.clone()))?;
        write_accounts(into, &accounts)?;
        for changes in memory.as_changes().chunks(PER_LINE) {
            into.entry(&Entry::Edit { changes: changes.to_vec(), activities: Vec::new() })?;
        }
        write_feed(into, &feed)
    })?;
    Ok(Opened { journal, memory, accounts, settings, feed, cut_line: read.cut_line })
}

/// The same for a directory that somebody else keeps. How the emulator behaves is not in this file either.
pub(crate) fn open_beside(path: &Path) -> Result<OpenedBeside, StateError> {
    let file = StateFile::take(path, FORMAT_BESIDE)?;
    let mut replayed = Replayed::default();
    let read = file.read(|entry| {
        replayed.carry_out(entry);
        Ok(())
    })?;
    let Replayed { memory: _, accounts, settings: _, feed } = replayed;
    let journal = file.rewrite(|into| {
        write_accounts(into, &accounts)?;
        write_feed(into, &feed)
    })?;
    Ok(OpenedBeside { journal, accounts, feed, cut_line: read.cut_line })
}

impl Replayed {
    fn carry_out(&mut self, entry: Entry) {
        match entry {
            Entry::Edit { changes, activities } => {
                self.memory.apply(changes);
                let newest = activities.iter().map(|activity| activity.at).max().unwrap_or_default();
                self.feed.add(activities, newest);
            }
            Entry::ServiceAccount(account) => {
                self.accounts.by_email.insert(account.email.clone(), account);
            }
            Entry::ServiceAccountGone(email) => {
                self.accounts.by_email.remove(&email);
            }
            Entry::Federation(federation) => self.accounts.federations.push(federation),
            Entry::Machine(machine) => self.accounts.machine = machine,
            Entry::Settings(settings) => self.settings = Some(settings),
        }
    }
}

fn write_accounts(into: &mut Writing<'_>, accounts: &Accounts) -> io::Result<()> {
    for account in accounts.by_email.values() {
        into.entry(&Entry::ServiceAccount(account.clone()))?;
    }
    for federation in &accounts.federations {
        into.entry(&Entry::Federation(federation.clone()))?;
    }
    into.entry(&Entry::Machine(accounts.machine.clone()))
}

fn write_feed(into: &mut Writing<'_>, feed: &Feed) -> io::Result<()> {
    let activities: Vec<Activity> = feed.all().cloned().collect();
    for activities in activities.chunks(PER_LINE) {
        into.entry(&Entry::Edit { changes: Vec::new(), activities: activities.to_vec() })?;
    }
    Ok(())
}
