//! `usher serve`: runs the schedule until it is told to stop, says how it is, and serves the console.
//!
//! The first SIGINT or SIGTERM lets requests under way end; the second ends the process at once, which costs nothing but
//! a look at what was lost (every write is on record before it is sent).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use usher_engine::clock::Clock;
use usher_engine::mirror::keep;
use usher_engine::mirror::push::{self, Notified};
use usher_engine::schedule;
use usher_engine::turns::Turns;
use usher_store::Store;

use crate::config::Format;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signals::Signals;

mod console;
mod workspace;

/// The longest message: Google's are far shorter.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Serves until told to stop.
pub(crate) async fn run(context: &Context, store: &Store) -> Result<Exit, Failure> {
    let listener = listen(context.config.listen).await?;
    let served = match context.config.workspace.listen {
        Some(address) => Some(workspace::open(context, store, address).await?),
        None => None,
    };
    let stop = CancellationToken::new();
    let beside = async {
        if let Some(served) = served {
            return served.until(&stop).await;
        }
        stop.cancelled().await;
        Ok(())
    };
    until_stopped(context, store, listener, &stop, beside).await
}

/// Serves until a signal comes, or `stop`, or the end of what goes on `beside`: all of them end together.
pub(crate) async fn until_stopped(
    context: &Context,
    store: &Store,
    listener: TcpListener,
    stop: &CancellationToken,
    beside: impl Future<Output = Result<(), Failure>>,
) -> Result<Exit, Failure> {
    let environment = context.environment()?;
    let mut signals = Signals::listen()?;
    let state = Serving { store: store.clone(), clock: Arc::clone(&context.clock), stop: stop.clone() };
    let (turns, tasks) = (Turns::default(), TaskTracker::new());
    let address = console::address(context, listener.local_addr()?);
    let console = console::open(context, store, &address, &turns, &tasks)?;
    let router = router(state).merge(console).into_make_service_with_connect_info::<SocketAddr>();
    let push_address = context.config.public_url.as_deref();
    let push_address = push_address.map(|url| format!("{}{}", url.trim_end_matches('/'), push::PATH));
    tracing::info!(listen = %listener.local_addr()?, "serving");
    note(context, &format!("usher serves on http://{}", listener.local_addr()?));
    console::say_how_to_set_up(context, store, &address).await?;

    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let schedule = async {
        let ended = schedule::serve(store, &context.clock, &environment, &turns, stop).await;
        // Without its schedule a server is of no use: it ends, and whoever watches it starts another.
        stop.cancel();
        ended
    };
    let mirrors = async {
        let ended = keep::serve(store, &context.clock, &environment, push_address.as_deref(), stop).await;
        stop.cancel();
        ended
    };
    let beside = async {
        let ended = beside.await;
        stop.cancel();
        ended
    };
    let drained = async {
        let (http, scheduled, kept, beside) = tokio::join!(async { server.await }, schedule, mirrors, beside);
        // What was asked for in the console is carried out, as a run under way is.
        tasks.close();
        tasks.wait().await;
        scheduled?;
        kept?;
        http?;
        beside?;
        Ok::<Exit, Failure>(Exit::Ok)
    };
    tokio::pin!(drained);
    tokio::select! {
        ended = &mut drained => return ended,
        () = signals.next() => {}
    }
    stop.cancel();
    note(context, "usher stops after the requests under way; a second signal ends it at once");
    tokio::select! {
        ended = &mut drained => ended,
        () = signals.next() => Err(Failure::new("stopped at once; what was under way is looked at by the next run")),
    }
}

/// Tells whoever started it by hand. Logs for machines hold nothing but their own lines.
fn note(context: &Context, note: &str) {
    match context.config.log.format {
        Format::Text => context.output.note(note),
        Format::Json => {}
    }
}

/// Takes an address.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        let advice = "choose another address with `listen` in the configuration file";
        Failure::new(format!("cannot listen on {address}: {error}; {advice}"))
    })
}

/// What answers need.
#[derive(Clone, Debug)]
struct Serving {
    store: Store,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
}

fn router(serving: Serving) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route(push::PATH, post(notified).layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES)))
        .with_state(serving)
}

/// A message of Google's, by one of our channels. Whoever comes by none is told nothing.
async fn notified(State(serving): State<Serving>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by = (header("X-Goog-Channel-ID"), header("X-Goog-Channel-Token"));
    let state = header("X-Goog-Resource-State");
    match push::notified(&serving.store, serving.clock.now(), by, state, &body).await {
        Ok(Notified::Opened | Notified::Hint) => StatusCode::NO_CONTENT,
        Ok(Notified::Stranger) => StatusCode::NOT_FOUND,
        Err(error) => {
            tracing::warn!(%error, "a message of Google's could not be taken in: it sends it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and the schedule runs.
async fn ready(State(health): State<Serving>) -> (StatusCode, &'static str) {
    if health.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let asked = async {
        let mut tx = health.store.read("usher::ready").await?;
        usher_store::app::list(&mut tx).await
    };
    match asked.await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
