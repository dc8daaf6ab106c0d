//! `usher emulate workspace`: serves until told to stop.

use std::fs;
use std::sync::Arc;

use anyhow::Context as _;
use usher_emulator::server::Listening;
use usher_emulator::workspace::courier::LoopbackCourier;
use usher_emulator::workspace::{MAX_BODY_BYTES, Opened, Options, Workspace};

use self::started::Started;
use super::serving;
use crate::cli::emulate::Workspace as Args;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signals::Signals;
use crate::system::SystemClock;

mod ready;
mod started;

/// Serves until told to stop.
pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let listening = serving::listen(args.port).await?;
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
    serving::note_cut_line(context, file, cut_line);
    Ok(workspace)
}

async fn serve(listening: Listening, workspace: &Workspace, signals: &mut Signals) -> Result<(), Failure> {
    let answering = workspace.clone();
    let answer = move |request| {
        let workspace = answering.clone();
        async move { workspace.answer(request).await }
    };
    let lost = async { workspace.state_lost().await.into() };
    let beside = async |stop| workspace.deliver(&LoopbackCourier, stop).await;
    serving::until_stopped(listening, answer, lost, beside, signals).await
}
