//! How somebody stands at the apps of their directory, and what a change would do there: `usher explain`, and the same decision
//! about somebody who would be another.

use std::collections::BTreeSet;

use usher_engine::setting::{Setting, SettingError};
use usher_model::cause::{Causes, Trigger};
use usher_model::directory::{User, UserState};
use usher_model::entitlement::{Losses, Standing, standing};
use usher_model::id::{DirectoryId, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::App;
use usher_store::event::EventKind;
use usher_store::{Store, Tx, account, app, directory};
use usher_web::hands::{AtApp, Becomes, Consequence, Happened, Tone};

use crate::commands::explain::{self, Explained};
use crate::context::Context;
use crate::failure::Failure;

/// How somebody stands at every app of their directory.
pub(super) async fn at_apps(
    context: &Context,
    store: &Store,
    of: &DirectoryId,
    user: &UserId,
) -> Result<Vec<AtApp>, Failure> {
    let mut tx = store.read("usher::console_standing").await?;
    let user = find(&mut tx, of, user).await?;
    let apps = apps(&mut tx, of).await?;
    drop(tx);
    let mut all = Vec::new();
    for app in apps {
        let (id, name, is_configured) = (app.id.clone(), app.name.clone(), app.settings.is_some());
        let nothing = |decision: String| AtApp {
            app: id.clone(),
            name: name.clone(),
            account: "Not known".to_owned(),
            tone: Tone::Calm,
            decision,
            due: None,
            facts: Vec::new(),
            events: Vec::new(),
        };
        if !is_configured {
            all.push(nothing("nothing is done: the app is not configured".to_owned()));
            continue;
        }
        match explain::explained_user(context, store, app, user.clone()).await {
            Ok(explained) => all.push(told(&explained)),
            Err(failure) => all.push(nothing(failure.sentence())),
        }
    }
    Ok(all)
}

async fn find(tx: &mut Tx, of: &DirectoryId, user: &UserId) -> Result<User, Failure> {
    let found = directory::people(tx, of, &BTreeSet::from([user.clone()])).await?;
    let found = found.into_values().next();
    Ok(found.ok_or_else(|| Failure::new("the directory knows nobody with this id"))?.user)
}

pub(super) async fn apps(tx: &mut Tx, of: &DirectoryId) -> Result<Vec<App>, Failure> {
    Ok(app::list(tx).await?.into_iter().filter(|app| app.directory == *of).collect())
}

fn told(explained: &Explained) -> AtApp {
    let explanation = explained.explanation();
    let record = explanation.account.as_ref();
    let due = record.zip(explanation.app.settings.as_ref());
    let due = due.and_then(|(record, settings)| {
        let is_on = record.state == RecordState::Active;
        record.causes.due(&settings.deprovisioning).filter(|_| is_on)
    });
    let (account, tone) = account_words(record);
    let facts = explained.facts().into_iter().map(|(name, text)| (name.to_owned(), text));
    AtApp {
        app: explanation.app.id.clone(),
        name: explanation.app.name.clone(),
        account,
        tone: if explanation.hold.is_some() { Tone::Warn } else { tone },
        decision: explained.decision(),
        due: due.map(|due| (due.trigger.to_string(), due.at)),
        facts: facts.collect(),
        events: explained.events().into_iter().filter_map(happened).collect(),
    }
}

fn happened((at, kind, why): (Timestamp, &str, String)) -> Option<Happened> {
    Some(Happened { at, kind: EventKind::from_name(kind)?, why })
}

fn account_words(record: Option<&AccountRecord>) -> (String, Tone) {
    let Some(record) = record else { return ("No account".to_owned(), Tone::Calm) };
    if record.failing.is_some() {
        return ("Fails".to_owned(), Tone::Bad);
    }
    let words = match (record.state, record.intent.is_some()) {
        (_, true) => ("Unknown", Tone::Warn),
        (RecordState::None, _) => ("No account", Tone::Calm),
        (RecordState::Active, _) if !record.causes.is_empty() => ("Leaving", Tone::Warn),
        (RecordState::Active, _) => ("Active", Tone::Good),
        (RecordState::Suspended, _) if record.suspended_by_us => ("Suspended", Tone::Calm),
        (RecordState::Suspended, _) => ("Switched off there", Tone::Warn),
        (RecordState::Gone, _) => ("Gone at the app", Tone::Warn),
    };
    (words.0.to_owned(), words.1)
}

/// What a change would do to somebody's accounts.
pub(super) async fn consequences(
    context: &Context,
    store: &Store,
    of: &DirectoryId,
    user: &UserId,
    becomes: &Becomes,
) -> Result<Vec<Consequence>, Failure> {
    let mut tx = store.read("usher::console_consequences").await?;
    let user = find(&mut tx, of, user).await?;
    let direct = directory::direct_groups_of(&mut tx, of, std::slice::from_ref(&user.id)).await?;
    let direct = direct.into_values().next().unwrap_or_default();
    let (other, others) = become_another(&user, &direct, becomes);
    let mut all = Vec::new();
    for app in apps(&mut tx, of).await? {
        let (id, name, is_on) = (app.id.clone(), app.name.clone(), app.is_enabled);
        let setting = match setting(context, &mut tx, app).await {
            Ok(Some(setting)) => setting,
            Ok(None) => continue,
            Err(unknown) => {
                all.push(unknown);
                continue;
            }
        };
        let record = account::of(&mut tx, &id, std::slice::from_ref(&user.id)).await?.remove(&user.id);
        let before = standing(&user, &direct, &setting.entitling());
        let after = standing(&other, &others, &setting.entitling());
        let changed =
            Changed { before, after, record: record.as_ref(), setting: &setting, now: context.now() };
        if let Some((what, is_loss)) = changed.told() {
            all.push(Consequence { app: name, what: format!("{what}{}", paused(is_on)), is_loss });
        }
    }
    Ok(all)
}

/// The setting of an app; none: it is not configured, and nothing happens there. Else that nobody can say what does.
pub(super) async fn setting(
    context: &Context,
    tx: &mut Tx,
    app: App,
) -> Result<Option<Setting>, Consequence> {
    let name = app.name.clone();
    match Setting::load(tx, app, context.config.runs.look_again_after()).await {
        Ok(setting) => Ok(Some(setting)),
        Err(SettingError::NotConfigured(_)) => Ok(None),
        Err(error) => {
            let what = format!("What happens at {name} cannot be said: {error}.");
            Err(Consequence { app: name, what, is_loss: true })
        }
    }
}

/// What is added of an app where nothing happens for now.
pub(super) fn paused(is_on: bool) -> &'static str {
    if is_on { "" } else { " Provisioning is turned off there, so that nothing happens before it is on." }
}

/// The same person after a change, and their groups.
fn become_another(user: &User, direct: &BTreeSet<GroupId>, becomes: &Becomes) -> (User, BTreeSet<GroupId>) {
    let (mut other, mut groups) = (user.clone(), direct.clone());
    match becomes {
        Becomes::Suspended => other.state = UserState::Suspended { since: None },
        Becomes::Archived => other.state = UserState::Archived { since: None },
        Becomes::Deleted => {
            other.state = UserState::Deleted { since: None };
            groups.clear();
        }
        Becomes::In(unit) => other.org_unit = unit.clone(),
        Becomes::NotIn(group) => drop(groups.remove(group)),
    }
    (other, groups)
}

/// Where somebody stood and would stand.
pub(super) struct Changed<'a> {
    pub(super) before: Standing,
    pub(super) after: Standing,
    pub(super) record: Option<&'a AccountRecord>,
    pub(super) setting: &'a Setting,
    pub(super) now: Timestamp,
}

impl Changed<'_> {
    /// What that comes to, in a sentence, and whether it is a loss; none: nothing.
    pub(super) fn told(&self) -> Option<(String, bool)> {
        let has_account = self.record.is_some_and(|record| record.state == RecordState::Active);
        let name = &self.setting.app.name;
        if self.record.is_some_and(|record| record.pin.is_some()) {
            return has_account
                .then(|| (format!("Their account at {name} is pinned, and stays as it is."), false));
        }
        match &self.after {
            Standing::Lost(losses) if has_account => self.leaves(losses),
            Standing::Archived if has_account && self.before == Standing::Entitled => Some((
                format!("Their account at {name} stays on: archiving starts no timer and stops none."),
                false,
            )),
            Standing::Entitled if self.before != Standing::Entitled => {
                let what = if has_account { "keep their account" } else { "get an account" };
                Some((format!("They {what} at {name}."), false))
            }
            Standing::Entitled | Standing::Lost(_) | Standing::Archived | Standing::Unlisted => None,
        }
    }

    fn leaves(&self, losses: &Losses) -> Option<(String, bool)> {
        let name = &self.setting.app.name;
        let known = self.record.map(|record| record.causes).unwrap_or_default();
        let begins = |holds: bool, trigger: Trigger| holds.then(|| known.since(trigger).unwrap_or(self.now));
        let causes = Causes {
            app_off: begins(losses.app_off.is_some(), Trigger::AppOff),
            suspended: begins(losses.suspended.is_some(), Trigger::Suspended),
            deleted: begins(losses.deleted.is_some(), Trigger::Deleted),
        };
        if causes == known && self.before == self.after {
            return None;
        }
        let because = |trigger: Trigger| match (trigger, losses.app_off.as_ref()) {
            (Trigger::AppOff, Some(app_off)) => app_off.to_string(),
            (Trigger::AppOff, None) => "the app is turned off for them".to_owned(),
            (Trigger::Suspended, _) => "they are suspended in the directory".to_owned(),
            (Trigger::Deleted, _) => "they are deleted from the directory".to_owned(),
        };
        Some(match causes.due(&self.setting.policy.deprovisioning) {
            Some(due) if due.at <= self.now => {
                let why = because(due.trigger);
                (format!("Their account at {name} is suspended by the next run, because {why}."), true)
            }
            Some(due) => {
                let (at, why) = (due.at.minute(), because(due.trigger));
                (
                    format!("A timer starts at {name}: their account is suspended on {at}, because {why}."),
                    true,
                )
            }
            None => {
                let why: Vec<_> = causes.triggers().into_iter().map(because).collect();
                let why = why.join(", and ");
                (
                    format!(
                        "Their account at {name} stays on, although {why}: no trigger is selected for that."
                    ),
                    false,
                )
            }
        })
    }
}
