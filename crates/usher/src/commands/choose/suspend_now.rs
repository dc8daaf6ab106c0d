//! `usher choose … suspend-now`: does not wait for the delay of what somebody is losing.

use serde::Serialize;
use usher_model::id::{Email, UserId};
use usher_store::app::App;
use usher_store::{Store, Tx, account, app};

use crate::cli::Choose;
use crate::commands::lookup::{self, Subject};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::Answer;

/// Whose time is up, and where.
#[derive(Debug, Serialize)]
struct BroughtForward {
    app: String,
    user: String,
    choice: &'static str,
}

/// Brings somebody's due date forward; the next run suspends their account, unless a guard holds that.
pub(super) async fn run(
    context: &Context,
    store: &Store,
    args: &Choose,
    email: &Email,
) -> Result<Exit, Failure> {
    let mut tx = store.begin("usher::suspend_now").await?;
    let made = find_and_set(context, &mut tx, args, email).await;
    let made = tx.commit_or_roll_back(made).await?;
    context.output.answer(&made)?;
    Ok(Exit::Ok)
}

async fn find_and_set(
    context: &Context,
    tx: &mut Tx,
    args: &Choose,
    email: &Email,
) -> Result<BroughtForward, Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    match lookup::subject(tx, &app, email).await? {
        Subject::Person(user) => {
            let who = user.primary_email.to_string();
            if !set(context, tx, &app, &user.id).await? {
                return Err(Failure::new(format!(
                    "{who} at {name}: they are losing no account, so there is nothing to bring forward; `usher explain {name} \
                     {who}` says how they stand",
                    name = app.name
                )));
            }
            Ok(BroughtForward { app: app.name, user: who, choice: "suspend_now" })
        }
        Subject::Group(group) => {
            Err(Failure::new(format!("{}: a group has nothing to suspend", group.email)))
        }
    }
}

/// Brings the due date of `user` forward. Says whether there is one: whoever is losing nothing has none.
pub(crate) async fn set(context: &Context, tx: &mut Tx, app: &App, user: &UserId) -> Result<bool, Failure> {
    // A cause whose trigger is not selected suspends nobody, however early.
    let record = account::of(tx, &app.id, std::slice::from_ref(user)).await?.remove(user);
    let settings = app.settings.as_ref();
    let due = record.zip(settings).and_then(|(record, settings)| record.causes.due(&settings.deprovisioning));
    if due.is_none() || !account::bring_forward(tx, &app.id, user, context.now()).await? {
        return Ok(false);
    }
    app::wake(tx, &app.id, context.now()).await?;
    Ok(true)
}

impl Answer for BroughtForward {
    fn text(&self) -> String {
        format!("{} at {}: their account is suspended with the next run.\n", self.user, self.app)
    }
}
