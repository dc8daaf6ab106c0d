//! `usher emulate identity-center`: serves until told to stop.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Opened, Options};
use usher_emulator::server::Listening;

use self::started::Started;
use super::serving;
use crate::cli::emulate::IdentityCenter as Args;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signals::Signals;
use crate::system::SystemClock;

mod ready;
mod started;

/// Serves until told to stop.
pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let listening = serving::listen(args.port).await?.refusing(IdentityCenter::refuse);
    let base_url = listening.base_url();
    let center = open(context, args, &base_url)?;
    let kept = center.tenants();
    let ready = args.token_file.as_deref().map(|file| ready::tenant(&center, file)).transpose()?;
    if let Some(ready) = ready.as_ref().filter(|_| args.unlimited) {
        note_limits(context, &center, &ready.tenant)?;
    }
    context.output.answer(&Started::new(base_url, args.state.as_deref(), kept, ready))?;
    serve(listening, &center, &mut signals).await?;
    center.sync()?;
    Ok(Exit::Ok)
}

fn open(context: &Context, args: &Args, base_url: &str) -> Result<IdentityCenter, Failure> {
    let settings = if args.unlimited { Settings::default().unlimited() } else { Settings::default() };
    let options = Options { settings, ..Options::at(base_url) };
    let Some(file) = &args.state else {
        return Ok(IdentityCenter::new(Arc::new(SystemClock), options));
    };
    let Opened { center, cut_line } = IdentityCenter::open(Arc::new(SystemClock), options, file)?;
    serving::note_cut_line(context, file, cut_line);
    Ok(center)
}

/// `--unlimited` is for new tenants; one that was there keeps what it was set to.
fn note_limits(context: &Context, center: &IdentityCenter, tenant: &str) -> Result<(), Failure> {
    let settings = center.settings(tenant)?;
    if settings != settings.clone().unlimited() {
        context.output.note(&format!(
            "tenant {tenant} was there already and keeps its limits: --unlimited is for new ones, and its settings are \
             changed below /admin"
        ));
    }
    Ok(())
}

async fn serve(listening: Listening, center: &IdentityCenter, signals: &mut Signals) -> Result<(), Failure> {
    let answering = center.clone();
    let answer = move |request| {
        let center = answering.clone();
        async move { center.answer(request).await }
    };
    let lost = async { center.state_lost().await.into() };
    let beside = async |stop: CancellationToken| stop.cancelled().await;
    serving::until_stopped(listening, answer, lost, beside, signals).await
}
