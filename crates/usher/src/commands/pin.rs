//! `usher pin` and `usher unpin`: whose account Usher must not touch, who said so, why, and until when.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use usher_model::account;
use usher_model::id::{AppId, UserId};
use usher_model::time::Timestamp;
use usher_store::account::{PinnedAccount, pinned_list, set_pin};
use usher_store::app::{self, App};
use usher_store::{Store, StoreError, Tx};

use super::lookup;
use crate::cli::{self, Pin, Unpin};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, instant, table};

/// How many are read at a time.
const PAGE: usize = 1_000;

/// What was said of somebody.
#[derive(Debug)]
struct Said {
    app: String,
    user: String,
    /// None: they are not pinned any more.
    pin: Option<account::Pin>,
    /// Whether that is new.
    is_change: bool,
}

/// Everybody who is pinned.
#[derive(Debug)]
struct AllPins {
    app: String,
    pinned: Vec<PinnedAccount>,
    now: Timestamp,
}

/// A pin as JSON has it.
pub(super) fn object(pin: &account::Pin) -> Value {
    let account::Pin { by, why, since, until, undone } = pin;
    let until = until.map(|until| until.to_string());
    json!({"by": by, "why": why, "since": since.to_string(), "until": until, "undone": undone})
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { app, user, pin, is_change: _ } = self;
        json!({"app": app, "user": user, "pin": pin.as_ref().map(object)}).serialize(serializer)
    }
}

impl Serialize for AllPins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = |(id, email, pin): &PinnedAccount| {
            let holds = pin.holds(self.now);
            json!({"user": email, "id": id, "pin": object(pin), "holds": holds})
        };
        let pinned: Vec<Value> = self.pinned.iter().map(line).collect();
        json!({"app": self.app, "pinned": pinned}).serialize(serializer)
    }
}

/// Pins somebody, or shows who is pinned.
pub(crate) async fn run(context: &Context, store: &Store, args: &Pin) -> Result<Exit, Failure> {
    let (Some(email), Some(why)) = (&args.email, &args.why) else {
        return list(context, store, &args.name).await;
    };
    let now = context.now();
    if args.until.is_some_and(|until| until <= now) {
        return Err(Failure::usage("--until has gone by already: say when the pin ends, or leave it out"));
    }
    let by = args.by.as_deref().map(str::trim).filter(|by| !by.is_empty());
    let by = by.ok_or_else(|| Failure::usage("nobody says so: give a name with --by"))?;
    let by = cli::by(by).map_err(Failure::usage)?;
    let pin = account::Pin { by, why: why.clone(), since: now, until: args.until, undone: None };
    let email = lookup::email(email)?;
    let mut tx = store.begin("usher::pin").await?;
    let said = async {
        let app = lookup::app(context, &mut tx, &args.name).await?;
        let user = lookup::user(&mut tx, &app, &email).await?;
        set_pin(&mut tx, &app.id, &user.id, Some(&pin)).await?;
        app::wake(&mut tx, &app.id, now).await?;
        Ok(Said { app: app.name, user: user.primary_email.to_string(), pin: Some(pin), is_change: true })
    };
    let said = said.await;
    finish(context, tx, said).await
}

/// Lets somebody go again.
pub(crate) async fn unpin(context: &Context, store: &Store, args: &Unpin) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::unpin").await?;
    let said = async {
        let app = lookup::app(context, &mut tx, &args.name).await?;
        let (user, address, is_change) = whom(&mut tx, &app, &args.person).await?;
        if is_change {
            set_pin(&mut tx, &app.id, &user, None).await?;
            app::wake(&mut tx, &app.id, context.now()).await?;
        }
        Ok(Said { app: app.name, user: address, pin: None, is_change })
    };
    let said = said.await;
    finish(context, tx, said).await
}

async fn finish(context: &Context, tx: Tx, said: Result<Said, Failure>) -> Result<Exit, Failure> {
    match said {
        Ok(said) => {
            tx.commit().await?;
            context.output.answer(&said)?;
            Ok(Exit::Ok)
        }
        Err(failure) => {
            // What is wrong is worth more to the reader than that undoing failed as well.
            tx.rollback().await.ok();
            Err(failure)
        }
    }
}

/// Whoever has this id or address, and whether they are pinned. An address leads to whoever of the pinned has it or had it
/// last (deleted people have none, and somebody else may have it by now), and only then to anybody else.
async fn whom(tx: &mut Tx, app: &App, person: &str) -> Result<(UserId, String, bool), Failure> {
    let pinned = everybody(tx, &app.id).await?;
    if let Some((id, email, _)) = pinned.iter().find(|(id, ..)| id.as_str() == person) {
        let shown = email.as_ref().map_or_else(|| id.to_string(), ToString::to_string);
        return Ok((id.clone(), shown, true));
    }
    let email = lookup::email(person)?;
    let living = lookup::user(tx, app, &email).await;
    let is_living = |id: &UserId| living.as_ref().is_ok_and(|user| user.id == *id);
    let of_living = pinned.iter().find(|(id, ..)| is_living(id));
    let had_it = |(_, known, _): &&PinnedAccount| known.as_ref() == Some(&email);
    match of_living.or_else(|| pinned.iter().find(had_it)) {
        Some((id, ..)) => Ok((id.clone(), email.to_string(), true)),
        None => living.map(|user| (user.id, user.primary_email.to_string(), false)),
    }
}

async fn everybody(tx: &mut Tx, app: &AppId) -> Result<Vec<PinnedAccount>, StoreError> {
    let mut all: Vec<PinnedAccount> = Vec::new();
    loop {
        let after = all.last().map(|(user, ..)| user.clone());
        let page = pinned_list(tx, app, after.as_ref(), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn list(context: &Context, store: &Store, name: &str) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::pins").await?;
    let app = lookup::app(context, &mut tx, name).await?;
    let pinned = everybody(&mut tx, &app.id).await?;
    let now = context.now();
    context.output.answer(&AllPins { app: app.name, pinned, now })?;
    Ok(Exit::Ok)
}

impl Answer for Said {
    fn text(&self) -> String {
        let Self { app, user, pin, is_change } = self;
        match pin {
            Some(account::Pin { until: None, .. }) => {
                format!(
                    "{user} at {app}: nothing is done to their account until `usher unpin {app} {user}`.\n"
                )
            }
            Some(account::Pin { until: Some(until), .. }) => {
                format!("{user} at {app}: nothing is done to their account until {until}.\n")
            }
            None if *is_change => format!("{user} at {app}: is provisioned again, with the next run.\n"),
            None => format!("{user} at {app}: was not pinned, so nothing changes.\n"),
        }
    }
}

impl Answer for AllPins {
    fn text(&self) -> String {
        if self.pinned.is_empty() {
            return format!("Nobody is pinned at {}.\n", self.app);
        }
        let rows = self.pinned.iter().map(|(id, email, pin)| {
            let until = match pin.until {
                None if pin.undone.is_some() => "unpinned, or the directory agrees".to_owned(),
                None => "unpinned".to_owned(),
                Some(until) if pin.holds(self.now) => instant(until, self.now),
                Some(until) => format!("{} (over)", instant(until, self.now)),
            };
            let email = email.as_ref().map_or_else(|| "(no address)".to_owned(), ToString::to_string);
            [email, id.to_string(), pin.by.clone(), instant(pin.since, self.now), until, pin.why.clone()]
        });
        table(&["PINNED", "ID", "BY", "SINCE", "UNTIL", "WHY"], rows)
    }
}
