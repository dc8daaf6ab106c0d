//! `usher demo`: a made-up company, an emulated IAM Identity Center, and thirty days of what Usher does between them.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use usher_emulator::identity_center::IdentityCenter;
use usher_emulator::server::Listening;
use usher_store::{Purpose, Store};

use super::serve;
use crate::cli::{Demo, EMULATED_PORT};
use crate::context::Context;
use crate::demo::center::{self, Center};
use crate::demo::clock::DemoClock;
use crate::demo::history::{self, Diary, Stage};
use crate::demo::next::Next;
use crate::demo::tale::Tale;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, Output, quoted};
use crate::signals::Signals;

/// What is kept of the emulated IAM Identity Center, in the data directory.
const STATE: &str = "identity-center.jsonl";

/// Is there from the beginning of a demo until all is laid out, in the data directory: one that was broken off cannot go
/// on, but it can be told apart from what somebody may need.
const UNFINISHED: &str = "unfinished-demo";

/// Shows everything at once, or with `--fresh` only lays it out.
pub(crate) async fn run(context: &Context, args: &Demo) -> Result<Exit, Failure> {
    if context.config.database_url.is_some() {
        return Err(Failure::usage("the demo works in a data directory: leave the database URL out"));
    }
    refuse_used(context).await?;
    let emulated = emulated(args.port).await?;
    let served = if args.no_serve { None } else { Some(serve::listen(listen(context, args)).await?) };
    let store = context.store(Purpose::Writing).await?;
    begin(context)?;
    if args.fresh {
        return fresh(context, store, emulated, served).await;
    }
    let ended = told(context, &store, emulated, served).await;
    store.close().await;
    ended
}

/// Tells the thirty days, and goes on from there where there is an address to serve on.
async fn told(
    context: &Context,
    store: &Store,
    emulated: Listening,
    served: Option<TcpListener>,
) -> Result<Exit, Failure> {
    let end = context.now();
    let began = history::begins(end);
    let clock = Arc::new(DemoClock::at(began));
    let center = Center::open(&clock, &emulated.base_url(), Some(&state(context)))?;
    let diary = OnStderr(context.output);
    history::play(&Stage { store, clock: clock.clone(), center: &center, diary: &diary }, end).await?;
    clock.let_go();
    finish(context)?;
    let next = next(context, &emulated, center.door.endpoint.clone(), served.is_some());
    let environment = history::environment(&center);
    let tale = Tale::read(store, clock.as_ref(), &environment, began, &next).await?;
    context.output.answer(&tale)?;
    center.emulator.sync()?;
    let Some(listener) = served else { return Ok(Exit::Ok) };
    let stop = CancellationToken::new();
    let emulating = emulate(emulated, center.emulator, stop.clone());
    serve::until_stopped(context, store, listener, &stop, emulating).await
}

/// Imports the company, runs the emulated app in which nothing is set up, and wires nothing. Where there is an address to
/// serve on, the console is for whoever does that; else the data directory is free for other commands.
async fn fresh(
    context: &Context,
    store: Store,
    emulated: Listening,
    served: Option<TcpListener>,
) -> Result<Exit, Failure> {
    history::import_organisation(&store, context.clock.as_ref()).await?;
    let clock = Arc::new(DemoClock::at(context.now()));
    clock.let_go();
    let (center, endpoint) = center::not_set_up(&clock, &emulated.base_url(), &state(context))?;
    finish(context)?;
    let next = next(context, &emulated, endpoint, served.is_some());
    let text = next.by_hand();
    let laid_out = LaidOut { aws: next.base_url, endpoint: next.endpoint, text };
    if let Some(listener) = served {
        context.output.answer(&laid_out)?;
        let stop = CancellationToken::new();
        let emulating = emulate(emulated, center, stop.clone());
        let ended = serve::until_stopped(context, &store, listener, &stop, emulating).await;
        store.close().await;
        return ended;
    }
    store.close().await;
    context.output.answer(&laid_out)?;
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let emulating = emulate(emulated, center, stop.clone());
    tokio::pin!(emulating);
    tokio::select! {
        ended = &mut emulating => ended?,
        () = signals.next() => {
            stop.cancel();
            emulating.await?;
        }
    }
    Ok(Exit::Ok)
}

/// Answers for the emulated app until told to stop.
async fn emulate(
    emulated: Listening,
    center: IdentityCenter,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let answering = center.clone();
    let answer = move |request| {
        let emulator = answering.clone();
        async move { emulator.answer(request).await }
    };
    tokio::select! {
        served = emulated.serve(answer, stop) => served?,
        lost = center.state_lost() => return Err(lost.into()),
    }
    Ok(center.sync()?)
}

/// What `--fresh` laid out.
#[derive(Debug)]
struct LaidOut {
    /// Where AWS's pages are.
    aws: String,
    /// Where the SCIM endpoint is, once provisioning is enabled there.
    endpoint: String,
    text: String,
}

impl Answer for LaidOut {
    fn text(&self) -> String {
        self.text.clone()
    }
}

impl Serialize for LaidOut {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"aws": self.aws, "endpoint": self.endpoint}).serialize(serializer)
    }
}

/// The days, as they go by, on standard error.
struct OnStderr(Output);

impl Diary for OnStderr {
    fn entry(&self, day: u32, said: &str, done: &str) {
        let done = if done.is_empty() { "" } else { &format!("  [{done}]") };
        self.0.note(&format!("day {day:>2}  {said}{done}"));
    }
}

/// A demo is made anew or not at all: what is in a data directory already may be somebody's own.
async fn refuse_used(context: &Context) -> Result<(), Failure> {
    let directory = &context.config.data_dir;
    let shown = directory.display();
    match fs::read_dir(directory).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) if unfinished(context).exists() => {
            // One that still goes on holds the directory, and that is said instead.
            context.store(Purpose::Writing).await?.close().await;
            Err(Failure::new(format!(
                "the data directory {shown} holds a demo that was broken off and cannot go on: remove it with `rm -r {}`, \
                 and begin again",
                quoted(&shown.to_string())
            )))
        }
        Ok(true) => Err(Failure::new(format!(
            "the data directory {shown} holds something already, and the demo begins with an empty one: name another with \
             `usher demo --data-dir DIRECTORY`, or remove it if nothing in it is needed"
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::new(format!("cannot look into the data directory {shown}: {error}"))),
    }
}

fn unfinished(context: &Context) -> PathBuf {
    context.config.data_dir.join(UNFINISHED)
}

/// Says in the data directory, which was empty, that what is there now is a demo's.
fn begin(context: &Context) -> Result<(), Failure> {
    let file = unfinished(context);
    let said = "A demo was begun here and is not finished.\n";
    fs::write(&file, said)
        .map_err(|error| Failure::new(format!("cannot write the file {}: {error}", file.display())))
}

/// All is laid out: what is there is worth keeping.
fn finish(context: &Context) -> Result<(), Failure> {
    let file = unfinished(context);
    fs::remove_file(&file)
        .map_err(|error| Failure::new(format!("cannot remove the file {}: {error}", file.display())))
}

/// Takes the emulator's port before anything is made.
async fn emulated(port: u16) -> Result<Listening, Failure> {
    let listening = Listening::on(port).await.map_err(|error| {
        let taken =
            format!("cannot listen on 127.0.0.1:{port} for the emulated IAM Identity Center: {error}");
        Failure::new(format!("{taken}; choose another port with --port"))
    })?;
    Ok(listening.refusing(IdentityCenter::refuse))
}

/// The file in which the emulated app is kept.
fn state(context: &Context) -> PathBuf {
    context.config.data_dir.join(STATE)
}

fn listen(context: &Context, args: &Demo) -> SocketAddr {
    args.listen.unwrap_or(context.config.listen)
}

fn next(context: &Context, emulated: &Listening, endpoint: String, serves: bool) -> Next {
    let data_dir = context.config.data_dir.clone();
    let port = emulated.address().port();
    Next {
        state: state(context),
        data_dir: (data_dir != crate::config::Config::default().data_dir).then_some(data_dir),
        endpoint,
        base_url: emulated.base_url(),
        port: (port != EMULATED_PORT).then_some(port),
        serves,
    }
}
