//! The console, beside what is served to machines: where it is, what it stands on, and how it is set up.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use secrecy::ExposeSecret as _;
use tokio_util::task::TaskTracker;
use usher_engine::clock::Clock;
use usher_engine::turns::Turns;
use usher_model::time::Timestamp;
use usher_store::Store;
use usher_web::{Console, Options, link_for_set_up};

use crate::config::Format;
use crate::context::Context;
use crate::failure::Failure;
use crate::hands::FromConsole;
use crate::openid;

/// The injected clock, as the console wants it.
#[derive(Debug)]
struct ConsoleClock(Arc<dyn Clock>);

impl usher_web::Clock for ConsoleClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn entropy(&self, into: &mut [u8]) {
        self.0.entropy(into);
    }
}

/// Where browsers find the console: as the configuration says, else where the server listens.
pub(super) fn address(context: &Context, listen: SocketAddr) -> String {
    let public = context.config.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    public.unwrap_or_else(|| format!("http://{listen}"))
}

/// Its pages. An error: what is configured of the provider where admins sign in cannot be used. What they ask for that takes a while runs in `tasks`, and takes its turns at each app.
pub(super) fn open(
    context: &Context,
    store: &Store,
    address: &str,
    turns: &Turns,
    tasks: &TaskTracker,
) -> Result<Router, Failure> {
    let hands = Arc::new(FromConsole::new(context, store, turns, tasks));
    let clock = Arc::new(ConsoleClock(Arc::clone(&context.clock)));
    let openid = openid::relying_party(context)?.map(Arc::new);
    let options = Options { address: address.to_owned(), openid };
    Ok(usher_web::router(Console::new(store.clone(), clock, hands, options)))
}

/// Gives whoever started the server the link that makes them the first super admin, for as long as nobody is one. A log
/// for machines is kept and read by others: it gets none.
pub(super) async fn say_how_to_set_up(
    context: &Context,
    store: &Store,
    address: &str,
) -> Result<(), Failure> {
    match context.config.log.format {
        Format::Text => {
            let link = link_for_set_up(store, &ConsoleClock(Arc::clone(&context.clock)), address).await?;
            if let Some(link) = link {
                let link = link.expose_secret();
                context
                    .output
                    .note(&format!("set up the console at {link}\n(the link works once, and for a day)"));
            }
        }
        Format::Json => {
            let mut tx = store.read("usher::set_up").await?;
            if !usher_store::admin::any(&mut tx).await? {
                tracing::warn!(
                    "nobody may sign in to the console yet: start the server once with log.format = \"text\", which \
                     prints the link to set it up"
                );
            }
        }
    }
    Ok(())
}
