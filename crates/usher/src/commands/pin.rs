//! `usher pin` and `usher unpin`: whose account, and which group, Usher must not touch, who said so, why, and until when.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use usher_model::account;
use usher_model::group::ForeignMembers;
use usher_model::time::Timestamp;
use usher_store::group::member::KeptMember;
use usher_store::{Store, Tx, app};

use self::pinned::{Pinned, What, all, kept, meant, name};
use super::lookup;
use super::operations::{SHOWN, more};
use crate::cli::{self, Pin, Unpin};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, instant, number_of, table};

mod pinned;

/// What was said of somebody, or of a group.
#[derive(Debug)]
struct Said {
    app: String,
    what: What,
    address: String,
    /// None: it is not pinned any more.
    pin: Option<account::Pin>,
    /// Whether that is new.
    is_change: bool,
    /// The groups that an undo had put them back into, and that they may leave again.
    n_let_go: u64,
    /// Whether the next run takes out whoever is nobody's on our record.
    is_foreign_removed: bool,
}

/// Everybody who is pinned, and every group, and whom an undo put back into groups.
#[derive(Debug)]
struct AllPins {
    app: String,
    pinned: Vec<Pinned>,
    kept: Vec<KeptMember>,
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
        let Self { app, what, address, pin, n_let_go, is_change: _, is_foreign_removed: _ } = self;
        let pin = pin.as_ref().map(object);
        match what {
            What::Person(_) => json!({"app": app, "user": address, "pin": pin, "let_go": n_let_go}),
            What::Group(_) => json!({"app": app, "group": address, "pin": pin, "let_go": n_let_go}),
            What::Account(account) => json!({"app": app, "account": account, "pin": pin, "let_go": n_let_go}),
        }
        .serialize(serializer)
    }
}

impl Serialize for AllPins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut people, mut groups) = (Vec::new(), Vec::new());
        for Pinned { what, email, pin } in &self.pinned {
            let (id, pin, holds) = (what.id(), object(pin), pin.holds(self.now));
            match what {
                What::Person(_) => people.push(json!({"user": email, "id": id, "pin": pin, "holds": holds})),
                What::Group(_) => groups.push(json!({"group": email, "id": id, "pin": pin, "holds": holds})),
                What::Account(_) => {}
            }
        }
        let kept = self.kept.iter().map(|kept| {
            let KeptMember { account, user, email, group, group_email } = kept;
            json!({"user": email, "id": user, "account": account, "group": group_email, "group_id": group})
        });
        let kept: Vec<_> = kept.collect();
        json!({"app": self.app, "pinned": people, "groups": groups, "kept": kept}).serialize(serializer)
    }
}

/// Pins somebody or a group, or shows who and what is pinned.
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
        let (what, address) = lookup::subject(&mut tx, &app, &email).await?.into();
        what.set_pin(&mut tx, &app.id, Some(&pin)).await?;
        app::wake(&mut tx, &app.id, now).await?;
        let said = Said {
            n_let_go: 0,
            is_foreign_removed: false,
            app: app.name,
            what,
            address,
            pin: Some(pin),
            is_change: true,
        };
        Ok(said)
    };
    let said = said.await;
    finish(context, tx, said).await
}

/// Lets somebody or a group go again.
pub(crate) async fn unpin(context: &Context, store: &Store, args: &Unpin) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::unpin").await?;
    let said = async {
        let app = lookup::app(context, &mut tx, &args.name).await?;
        let (what, address, is_pinned) = meant(&mut tx, &app, &args.who).await?;
        let n_let_go = what.let_go(&mut tx, &app.id).await?;
        let is_change = is_pinned || n_let_go > 0;
        if is_change {
            what.set_pin(&mut tx, &app.id, None).await?;
            app::wake(&mut tx, &app.id, context.now()).await?;
        }
        let settings = app.settings.as_ref();
        let is_foreign_removed =
            settings.is_some_and(|settings| settings.groups.foreign == ForeignMembers::Remove);
        Ok(Said { app: app.name, what, address, pin: None, is_change, n_let_go, is_foreign_removed })
    };
    let said = said.await;
    finish(context, tx, said).await
}

async fn finish(context: &Context, tx: Tx, said: Result<Said, Failure>) -> Result<Exit, Failure> {
    let said = tx.commit_or_roll_back(said).await?;
    context.output.answer(&said)?;
    Ok(Exit::Ok)
}

async fn list(context: &Context, store: &Store, name: &str) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::pins").await?;
    let app = lookup::app(context, &mut tx, name).await?;
    let pinned = all(&mut tx, &app.id).await?;
    let kept = kept(&mut tx, &app.id).await?;
    let now = context.now();
    context.output.answer(&AllPins { app: app.name, pinned, kept, now })?;
    Ok(Exit::Ok)
}

impl Answer for Said {
    fn text(&self) -> String {
        let Self { app, what, address, pin, is_change, .. } = self;
        let whose = match what {
            What::Person(_) => "their account",
            What::Group(_) => "the group there",
            What::Account(_) => "it",
        };
        match pin {
            Some(account::Pin { until: None, .. }) => {
                format!(
                    "{address} at {app}: nothing is done to {whose} until `usher unpin {app} {address}`.\n"
                )
            }
            Some(account::Pin { until: Some(until), .. }) => {
                format!("{address} at {app}: nothing is done to {whose} until {until}.\n")
            }
            None if *is_change => format!("{}.\n", self.let_go()),
            None => format!("{address} was not pinned at {app}, so nothing changes.\n"),
        }
    }
}

impl Said {
    /// What comes of whoever is pinned no more: an undo may have put them into groups where the directory does not have
    /// them.
    fn let_go(&self) -> String {
        let Self { app, address, .. } = self;
        let groups = number_of(self.n_let_go, "group", "groups");
        let until = "unless the directory has them there by then";
        match (&self.what, self.n_let_go) {
            (What::Person(_) | What::Group(_) | What::Account(_), 0) => {
                format!("{address} is provisioned again at {app}, with the next run")
            }
            (What::Account(_), _) if !self.is_foreign_removed => {
                format!(
                    "{address} stays at {app} in {groups} that an undo put it back into, as a member that Usher did not add"
                )
            }
            (What::Account(_), _) => {
                format!(
                    "the next run takes {address} at {app} out again of {groups} that an undo put it back into"
                )
            }
            (What::Person(_) | What::Group(_), _) => format!(
                "{address} is provisioned again at {app}, and the next run takes them out again of {groups} that an undo put them back into, \
                 {until}"
            ),
        }
    }
}

impl AllPins {
    /// Whom an undo put back into which group: the first of them.
    fn kept(&self) -> String {
        let rows = self.kept.iter().take(SHOWN).map(|kept| {
            let KeptMember { account, user, group, group_email, .. } = kept;
            let id = user.as_ref().map_or_else(|| account.to_string(), ToString::to_string);
            let group = group_email.as_ref().map_or_else(|| group.to_string(), ToString::to_string);
            [name(kept), id, group, "unpinned, or the directory agrees".to_owned()]
        });
        let rows = table(&["PUT BACK BY AN UNDO", "ID", "INTO", "UNTIL"], rows);
        rows + &more(self.kept.len().min(SHOWN), self.kept.len() as u64)
    }
}

impl Answer for AllPins {
    fn text(&self) -> String {
        if self.pinned.is_empty() && self.kept.is_empty() {
            return format!("Nobody is pinned at {}, and no group.\n", self.app);
        }
        let rows = self.pinned.iter().map(|Pinned { what, email, pin }| {
            let until = match pin.until {
                None if pin.undone.is_some() => "unpinned, or the directory agrees".to_owned(),
                None => "unpinned".to_owned(),
                Some(until) if pin.holds(self.now) => instant(until, self.now),
                Some(until) => format!("{} (over)", instant(until, self.now)),
            };
            let email = email.as_ref().map_or_else(|| "(no address)".to_owned(), ToString::to_string);
            let (kind, id) = match what {
                What::Person(user) => ("person", user.to_string()),
                What::Group(group) => ("group", group.to_string()),
                What::Account(account) => ("account", account.to_string()),
            };
            let since = instant(pin.since, self.now);
            [email, kind.to_owned(), id, pin.by.clone(), since, until, pin.why.clone()]
        });
        let mut sections = Vec::new();
        if !self.pinned.is_empty() {
            sections.push(table(&["PINNED", "KIND", "ID", "BY", "SINCE", "UNTIL", "WHY"], rows));
        }
        if !self.kept.is_empty() {
            sections.push(self.kept());
        }
        sections.join("\n")
    }
}
