//! `usher choose`: what to do about one person's account where Usher may not choose by itself.

use serde::Serialize;
use usher_model::account::Choice;
use usher_model::id::Email;
use usher_store::{Store, Tx, account, app};

use super::lookup;
use crate::cli::{Choose, Chosen};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::Answer;

/// What was chosen, for whom.
#[derive(Debug, Serialize)]
struct Made {
    app: String,
    user: String,
    choice: Option<Choice>,
}

/// Stores the choice; the next run acts on it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Choose) -> Result<Exit, Failure> {
    let email = lookup::email(&args.email)?;
    let mut tx = store.begin("usher::choose").await?;
    let made = match choose(context, &mut tx, args, &email).await {
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

async fn choose(context: &Context, tx: &mut Tx, args: &Choose, email: &Email) -> Result<Made, Failure> {
    let app = lookup::app(context, tx, &args.name).await?;
    let user = lookup::user(tx, &app, email).await?;
    let choice = match args.choice {
        Chosen::SwitchOn => Some(Choice::SwitchOn),
        Chosen::TakeOver => Some(Choice::TakeOver),
        Chosen::Wait => Some(Choice::Wait),
        Chosen::Nothing => None,
    };
    account::set_choice(tx, &app.id, &user.id, choice).await?;
    if app.is_enabled {
        app::set_next_run(tx, &app.id, Some(context.now())).await?;
    }
    Ok(Made { app: app.name, user: user.primary_email.to_string(), choice })
}

impl Answer for Made {
    fn text(&self) -> String {
        let Self { app, user, choice } = self;
        let what = match choice {
            Some(Choice::SwitchOn) => "their account is switched on again, if they are entitled to it",
            Some(Choice::TakeOver) => "the account that has their address is taken over",
            Some(Choice::Wait) => {
                "the account that has their address is left alone, and asked for again now and then"
            }
            None => "nothing is chosen for them any more",
        };
        format!("{user} at {app}: {what}, with the next run.\n")
    }
}
