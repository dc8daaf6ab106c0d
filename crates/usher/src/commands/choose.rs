//! `usher choose`: what to do about one person's account where Usher may not choose by itself.

use serde::Serialize;
use usher_engine::explain::explain;
use usher_model::account::Choice;
use usher_model::id::Email;
use usher_store::{Store, Tx, account, app};

use super::lookup;
use crate::cli::{Choose, Chosen};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::Answer;

mod effect;

/// What was chosen, for whom.
#[derive(Debug, Serialize)]
struct Made {
    app: String,
    user: String,
    choice: Option<Choice>,
    /// Whether a choice was on record before.
    #[serde(skip)]
    is_change: bool,
}

/// Stores the choice; the next run acts on it. One that could have no effect is refused.
pub(crate) async fn run(context: &Context, store: &Store, args: &Choose) -> Result<Exit, Failure> {
    let email = lookup::email(&args.email)?;
    let choice = chosen(args.choice);
    if let Some(choice) = choice {
        refuse_idle(context, store, args, &email, choice).await?;
    }
    let mut tx = store.begin("usher::choose").await?;
    let made = match choose(context, &mut tx, args, &email, choice).await {
        Ok(made) => made,
        Err(failure) => {
            // What is wrong is worth more to the reader than that undoing failed as well.
            tx.rollback().await.ok();
            return Err(failure);
        }
    };
    tx.commit().await?;
    context.output.answer(&made)?;
    Ok(Exit::Ok)
}

/// The choice as it is stored; none takes it back.
fn chosen(chosen: Chosen) -> Option<Choice> {
    match chosen {
        Chosen::SwitchOn => Some(Choice::SwitchOn),
        Chosen::TakeOver => Some(Choice::TakeOver),
        Chosen::Wait => Some(Choice::Wait),
        Chosen::Nothing => None,
    }
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
    drop(tx);
    let explanation =
        explain(store, &context.clock, &context.environment()?, &app.name, email, false).await?;
    effect::refused(choice, &explanation).map_or(Ok(()), |why| Err(Failure::new(why)))
}

async fn choose(
    context: &Context,
    tx: &mut Tx,
    args: &Choose,
    email: &Email,
    choice: Option<Choice>,
) -> Result<Made, Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let user = lookup::user(tx, &app, email).await?;
    let before = account::of(tx, &app.id, std::slice::from_ref(&user.id)).await?.remove(&user.id);
    let is_change = choice.is_some() || before.is_some_and(|record| record.choice.is_some());
    if is_change {
        account::set_choice(tx, &app.id, &user.id, choice).await?;
        app::wake(tx, &app.id, context.now()).await?;
    }
    Ok(Made { app: app.name, user: user.primary_email.to_string(), choice, is_change })
}

impl Answer for Made {
    fn text(&self) -> String {
        let Self { app, user, choice, is_change } = self;
        let what = match choice {
            Some(Choice::SwitchOn) => "their account is switched on again",
            Some(Choice::TakeOver) => "the account that has their address is taken over",
            Some(Choice::Wait) => {
                "the account that has their address is left alone, and asked for again now and then"
            }
            None if !is_change => {
                return format!("{user} at {app}: nothing was chosen for them, so nothing changes.\n");
            }
            None => "nothing is chosen for them any more",
        };
        format!("{user} at {app}: {what}, with the next run.\n")
    }
}
