//! One person on their way to a decision: who they are, where they stand, what
//! their account should hold, and what is known of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Map;
use usher_model::adoption::{Found, RemoteAccount, find_own};
use usher_model::attribute::fold::fold;
use usher_model::directory::User;
use usher_model::entitlement::{AppOff, Standing, standing};
use usher_model::id::{GroupId, UserId};
use usher_model::mapping::compiled::Mapped;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::directory::{Candidate, StoredResource};

use super::Pass;
use crate::setting::Setting;

/// How long a listing of the app is believed about people we keep no account of. After that, a create asks first.
pub const LISTING_TRUSTED: Duration = Duration::from_hours(1);

/// Somebody who needs a decision.
#[derive(Debug)]
pub struct Person {
    /// Who.
    pub user: User,
    /// Where they stand.
    pub standing: Standing,
    /// What says that nothing about them has changed, once they are settled.
    pub settled_key: String,
    /// What the directory says of them, as it is stored; taken when it is mapped.
    pub(super) resource: Option<StoredResource>,
    /// What their account should hold, once it was asked for.
    pub(super) want: Option<Result<Mapped, String>>,
    /// What is known of their account, if anything.
    pub record: Option<AccountRecord>,
    /// What the app holds that could be theirs.
    pub found: Found,
}

/// What was settled about somebody who has not changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Their account is as it should be, or its time has not come.
    Rests,
    /// Nothing is done for them, and this is why.
    Skipped(String),
}

/// Whether somebody needs a decision.
pub(super) enum Stand {
    /// No: nothing changed since the last one.
    Settled(Settled),
    /// Yes.
    Undecided(Box<Person>),
}

/// What says that a decision still holds: the person as the directory has them, the configuration, and
/// where they stand through their groups.
pub fn settled_key(fingerprint: &str, config_version: i64, standing: &Standing) -> String {
    let short = fingerprint.get(..32).unwrap_or(fingerprint);
    format!("{short}:{config_version}:{}", code(standing))
}

fn code(standing: &Standing) -> &'static str {
    match standing {
        Standing::Entitled => "e",
        Standing::Archived => "a",
        Standing::Unlisted => "u",
        Standing::Lost(losses) => match &losses.app_off {
            None => "l",
            Some(AppOff::NoAccess { .. }) => "ln",
            Some(AppOff::OutOfScope) => "ls",
            Some(AppOff::OtherDomain { .. }) => "ld",
            Some(AppOff::Guest) => "lg",
        },
    }
}

/// Why somebody without an account is passed over; none if they are entitled to one.
fn passed_over(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Entitled => None,
        Standing::Archived => Some("archived".to_owned()),
        Standing::Unlisted => Some("not listed by the directory".to_owned()),
        Standing::Lost(losses) => Some(match (&losses.app_off, losses.suspended, losses.deleted) {
            (_, _, Some(_)) => "deleted from the directory".to_owned(),
            (_, Some(_), _) => "suspended in the directory".to_owned(),
            (Some(AppOff::NoAccess { .. }), ..) => "the app is off for them".to_owned(),
            (Some(AppOff::OutOfScope), ..) => "not in the provisioning scope".to_owned(),
            (Some(AppOff::OtherDomain { .. }), ..) => "not in a provisioned domain".to_owned(),
            (Some(AppOff::Guest), ..) => "guest of the organisation".to_owned(),
            (None, None, None) => "not entitled".to_owned(),
        }),
    }
}

/// Says where somebody stands, and whether that was settled before.
pub(super) fn stand(
    setting: &Setting,
    candidate: Candidate,
    groups: &BTreeMap<UserId, BTreeSet<GroupId>>,
    pass: &Pass<'_>,
) -> Stand {
    let none = BTreeSet::new();
    let direct = groups.get(&candidate.user.id).unwrap_or(&none);
    let standing = standing(&candidate.user, direct, &setting.entitling());
    let is_nobody_yet = !candidate.has_account && !setting.policy.adopt_leavers && pass.users.is_none();
    if is_nobody_yet && let Some(why) = passed_over(&standing) {
        return Stand::Settled(Settled::Skipped(why));
    }
    let settled_key = settled_key(&candidate.fingerprint, setting.app.config_version, &standing);
    let is_awake = candidate.wake_at.is_some_and(|at| at <= pass.now);
    let settled = candidate.settled.as_deref().map(split).filter(|_| !is_awake && pass.users.is_none());
    if let Some((_, why)) = settled.filter(|(key, _)| *key == settled_key) {
        return Stand::Settled(why.map_or(Settled::Rests, |why| Settled::Skipped(why.to_owned())));
    }
    Stand::Undecided(Box::new(Person {
        user: candidate.user,
        standing,
        settled_key,
        resource: None,
        want: None,
        record: None,
        found: Found::NotLooked,
    }))
}

/// What is stored of somebody who is not settled: nothing but what the last decision rested on.
pub(super) fn unsettled(settled_key: &str) -> String {
    format!("{UNSETTLED}{settled_key}")
}

/// What the last decision rested on, settled or not.
pub(super) fn inputs(stored: &str) -> &str {
    split(stored.strip_prefix(UNSETTLED).unwrap_or(stored)).0
}

/// Before the key of somebody who is not settled.
const UNSETTLED: char = '~';

/// A stored key, with the reason for which somebody is skipped behind a bar.
fn split(stored: &str) -> (&str, Option<&str>) {
    match stored.split_once('|') {
        Some((key, why)) => (key, Some(why)),
        None => (stored, None),
    }
}

impl Person {
    /// What their account should hold, and what had to be taken out of it, or what is wrong with it: the directory's
    /// user, mapped to the app's attributes.
    pub fn want(&mut self, setting: &Setting) -> &Result<Mapped, String> {
        let (email, resource) = (&self.user.primary_email, self.resource.take());
        self.want.get_or_insert_with(|| {
            let read = |stored: StoredResource| stored.read(|user| setting.mapping.read(user));
            let user = resource.map_or(Ok(Map::new()), read).map_err(|error| error.to_string())?;
            setting.mapping.evaluate(&user, email.as_str()).map_err(|error| error.to_string())
        })
    }

    /// The name that the app's listing is searched for, for somebody we keep no account of.
    pub(super) fn unknown_name(&mut self, setting: &Setting, pass: &Pass<'_>) -> Option<(UserId, String)> {
        if !self.is_unheard_of() || !is_trusted(pass) {
            return None;
        }
        self.want(setting);
        Some((self.user.id.clone(), fold(self.user_name())))
    }

    /// Whether nothing is known of an account of theirs, and nothing was ever begun: at most it was planned. Of whoever is
    /// not entitled nothing but a listing says that there is an account to bring in, also when that failed before.
    fn is_unheard_of(&self) -> bool {
        let is_leaver = self.standing != Standing::Entitled;
        self.record.as_ref().is_none_or(|record| {
            let was_only_planned =
                record.settled.as_deref().is_some_and(|stored| stored.starts_with(UNSETTLED));
            is_blank(record) && (is_leaver || was_only_planned && record.failing.is_none())
        })
    }

    /// The name their account has, or would have.
    pub fn user_name(&self) -> &str {
        let mapped = self.want.as_ref().and_then(|want| want.as_ref().ok());
        let mapped = mapped.and_then(|mapped| mapped.attributes.user_name());
        mapped.unwrap_or(self.user.primary_email.as_str())
    }

    /// Takes what the app's listing shows of them.
    pub(super) fn find(&mut self, remotes: &[RemoteAccount], pass: &Pass<'_>) {
        if self.is_unheard_of() && is_trusted(pass) {
            self.found = find_own(&self.user.id, self.user_name(), remotes, false);
        }
    }
}

/// Whether a record holds nothing of an account: none is known, none was begun, and nobody said anything of it.
pub(super) fn is_blank(record: &AccountRecord) -> bool {
    record.state == RecordState::None
        && record.intent.is_none()
        && record.pin.is_none()
        && record.choice.is_none()
}

/// Whoever we have a record of is asked for again: the listing may be older than what we know.
fn is_trusted(pass: &Pass<'_>) -> bool {
    pass.listed_at.is_some_and(|at| pass.now.since(at) < LISTING_TRUSTED)
}
