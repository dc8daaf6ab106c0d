//! `usher emulate workspace`: serves until told to stop.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use usher_emulator::clock::Clock as _;
use usher_emulator::server::Listening;
use usher_emulator::workspace::courier::LoopbackCourier;
use usher_emulator::workspace::{MAX_BODY_BYTES, Opened, Options, Workspace};

use self::started::Started;
use crate::cli::emulate::Workspace as Args;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signals::Signals;
use crate::system::SystemClock;

mod ready;
mod started;

/// How long answers that are under way at the end are waited for.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until told to stop.
pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let listening = Listening::on(args.port).await.map_err(|error| {
        Failure::new(format!("cannot listen on 127.0.0.1:{}: {error}; choose another --port", args.port))
    })?;
    let listening = listening.taking(MAX_BODY_BYTES);
    let workspace = open(context, args, &listening.base_url())?;
    if args.unlimited {
        workspace.change_settings(workspace.settings().unlimited())?;
    }
    for file in &args.import {
        let body = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let seeded = workspace.seed(&body).await;
        seeded.with_context(|| format!("cannot take in {}", file.display()))?;
    }
    let ready = match &args.key_file {
        Some(file) => Some(ready::account(&workspace, file).await?),
        None => None,
    };
    let summary = workspace.summary().await?;
    context.output.answer(&Started::new(workspace.base_url(), args.state.as_deref(), summary, ready))?;
    serve(listening, &workspace, &mut signals).await?;
    workspace.sync()?;
    Ok(Exit::Ok)
}

fn open(context: &Context, args: &Args, base_url: &str) -> Result<Workspace, Failure> {
    let options = Options::at(base_url);
    let Some(file) = &args.state else { return Ok(Workspace::new(Arc::new(SystemClock), options)) };
    let Opened { workspace, cut_line } = Workspace::open(Arc::new(SystemClock), options, file)?;
    if let Some(line) = cut_line {
        context.output.note(&format!(
            "{} line {line} was cut when it was written, and is left out: nobody was answered for it",
            file.display()
        ));
    }
    Ok(workspace)
}

async fn serve(listening: Listening, workspace: &Workspace, signals: &mut Signals) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let answering = workspace.clone();
    let answer = move |request| {
        let workspace = answering.clone();
        async move { workspace.answer(request).await }
    };
    let served = listening.serve(answer, stop.clone());
    tokio::pin!(served);
    tokio::select! {
        ended = &mut served => return Ok(ended?),
        lost = workspace.state_lost() => return Err(lost.into()),
        () = workspace.deliver(&LoopbackCourier, stop.clone()) => {}
        () = signals.next() => stop.cancel(),
    }
    // A client may have left a request half sent, or a slow answer be under way: neither keeps the process.
    tokio::select! {
        ended = &mut served => ended?,
        lost = workspace.state_lost() => return Err(lost.into()),
        () = SystemClock.sleep_until(SystemClock.now() + GRACE) => {}
        () = signals.next() => {}
    }
    Ok(())
}
