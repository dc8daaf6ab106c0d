//! `usher choose`: what to do about one person's account, or one group, where Usher may not choose by itself.

use serde::{Serialize, Serializer};
use serde_json::json;
use usher_engine::explain::explain;
use usher_model::account::Choice;
use usher_model::id::{Email, GroupId, UserId};
use usher_store::{Store, Tx, account, app, group};

use super::explain::group::explained as explain_group;
use super::lookup::{self, Subject};
use crate::cli::{Choose, Chosen};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::Answer;

mod effect;
mod of_group;
pub(crate) mod suspend_now;

/// What was chosen, for whom.
#[derive(Debug)]
struct Made {
    app: String,
    about: About,
    choice: Option<Choice>,
    /// Whether a choice was on record before.
    is_change: bool,
}

/// Whom or what a choice is about, by address.
#[derive(Debug)]
enum About {
    Person(String),
    Group(String),
}

/// Stores the choice; the next run acts on it. One that could have no effect is refused.
pub(crate) async fn run(context: &Context, store: &Store, args: &Choose) -> Result<Exit, Failure> {
    let email = lookup::email(&args.email)?;
    let choice = match args.choice {
        Chosen::SuspendNow => return suspend_now::run(context, store, args, &email).await,
        Chosen::SwitchOn => Some(Choice::SwitchOn),
        Chosen::TakeOver => Some(Choice::TakeOver),
        Chosen::Wait => Some(Choice::Wait),
        Chosen::Nothing => None,
    };
    if let Some(choice) = choice {
        refuse_idle(context, store, args, &email, choice).await?;
    }
    let mut tx = store.begin("usher::choose").await?;
    let made = choose(context, &mut tx, args, &email, choice).await;
    let made = tx.commit_or_roll_back(made).await?;
    context.output.answer(&made)?;
    Ok(Exit::Ok)
}

/// Fails if nothing would come of the choice.
async fn refuse_idle(
    context: &Context,
    store: &Store,
    args: &Choose,
    email: &Email,
    choice: Choice,
) -> Result<(), Failure> {
    let mut tx = store.read("usher::choose").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    let subject = lookup::subject(&mut tx, &app, email).await?;
    drop(tx);
    let refused = match subject {
        Subject::Person(_) => {
            let environment = context.environment()?;
            let explanation = explain(store, &context.clock, &environment, &app.name, email, false).await?;
            effect::refused(choice, &explanation)
        }
        Subject::Group(group) => {
            let explained = explain_group(context, store, &app.name, &group.id).await?;
            explained.and_then(|explained| of_group::refused(choice, &explained))
        }
    };
    refused.map_or(Ok(()), |why| Err(Failure::new(why)))
}

async fn choose(
    context: &Context,
    tx: &mut Tx,
    args: &Choose,
    email: &Email,
    choice: Option<Choice>,
) -> Result<Made, Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let (about, is_change) = match lookup::subject(tx, &app, email).await? {
        Subject::Person(user) => {
            let is_change = of_person(tx, &app, &user.id, choice).await?;
            (About::Person(user.primary_email.to_string()), is_change)
        }
        Subject::Group(group) => {
            let is_change = of_the_group(tx, &app, &group.id, choice).await?;
            (About::Group(group.email.to_string()), is_change)
        }
    };
    if is_change {
        app::wake(tx, &app.id, context.now()).await?;
    }
    Ok(Made { app: app.name, about, choice, is_change })
}

/// Stores a choice about somebody; says whether that is one.
async fn of_person(
    tx: &mut Tx,
    app: &app::App,
    user: &UserId,
    choice: Option<Choice>,
) -> Result<bool, Failure> {
    let before = account::of(tx, &app.id, std::slice::from_ref(user)).await?.remove(user);
    let is_change = choice.is_some() || before.is_some_and(|record| record.choice.is_some());
    if is_change {
        account::set_choice(tx, &app.id, user, choice).await?;
    }
    Ok(is_change)
}

/// The same of a group.
async fn of_the_group(
    tx: &mut Tx,
    app: &app::App,
    id: &GroupId,
    choice: Option<Choice>,
) -> Result<bool, Failure> {
    let before = group::of(tx, &app.id, std::slice::from_ref(id)).await?.remove(id);
    let is_change = choice.is_some() || before.is_some_and(|record| record.choice.is_some());
    if is_change {
        group::set_choice(tx, &app.id, id, choice).await?;
    }
    Ok(is_change)
}

impl Serialize for Made {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { app, about, choice, is_change: _ } = self;
        match about {
            About::Person(user) => json!({"app": app, "user": user, "choice": choice}),
            About::Group(group) => json!({"app": app, "group": group, "choice": choice}),
        }
        .serialize(serializer)
    }
}

impl Answer for Made {
    fn text(&self) -> String {
        let Self { app, about, choice, is_change } = self;
        let (who, them, has_it) = match about {
            About::Person(user) => (user, "them", "account that has their address"),
            About::Group(group) => (group, "it", "group that has its name there"),
        };
        let what = match choice {
            Some(Choice::SwitchOn) => "their account is switched on again".to_owned(),
            Some(Choice::TakeOver) => format!("the {has_it} is taken over"),
            Some(Choice::Wait) => format!("the {has_it} is left alone, and asked for again now and then"),
            None if !is_change => {
                return format!("{who} at {app}: nothing was chosen for {them}, so nothing changes.\n");
            }
            None => format!("nothing is chosen for {them} any more"),
        };
        format!("{who} at {app}: {what}, with the next run.\n")
    }
}
