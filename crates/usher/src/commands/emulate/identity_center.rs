//! `usher emulate identity-center`: serves until told to stop.
//!
//! A token is written to a file that its owner alone can read, and shown nowhere.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use usher_emulator::identity_center::admin::NewToken;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};
use usher_emulator::server::Listening;

use crate::cli::emulate::IdentityCenter as Args;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, facts};
use crate::signals::Signals;
use crate::system::SystemClock;

/// Serves until told to stop.
pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let listening = Listening::on(args.port).await.map_err(|error| {
        Failure::new(format!("cannot listen on 127.0.0.1:{}: {error}; choose another --port", args.port))
    })?;
    let base_url = listening.base_url();
    let settings = if args.unlimited { Settings::default().unlimited() } else { Settings::default() };
    let options = Options { settings, ..Options::at(&base_url) };
    let center = IdentityCenter::new(Arc::new(SystemClock), options);
    let ready = match &args.token_file {
        Some(file) => Some(make_ready(&center, file)?),
        None => None,
    };
    context.output.answer(&Started::new(base_url, ready))?;

    let stop = CancellationToken::new();
    let answer = move |request| {
        let center = center.clone();
        async move { center.answer(request).await }
    };
    let served = listening.serve(answer, stop.clone());
    tokio::pin!(served);
    tokio::select! {
        ended = &mut served => ended?,
        () = signals.next() => {
            stop.cancel();
            // A connection that is kept alive may have a slow answer under way: a second signal does not wait for it.
            tokio::select! {
                ended = &mut served => ended?,
                () = signals.next() => {}
            }
        }
    }
    Ok(Exit::Ok)
}

fn make_ready(center: &IdentityCenter, file: &Path) -> Result<Ready, Failure> {
    let enabled = center.ready_tenant(center.default_settings().clone())?;
    write_token(file, &enabled.token)?;
    Ok(Ready { tenant: enabled.tenant, endpoint: enabled.endpoint, token_file: file.display().to_string() })
}

/// A tenant that can be provisioned into, and where its token is.
struct Ready {
    tenant: String,
    endpoint: String,
    token_file: String,
}

fn write_token(file: &Path, token: &NewToken) -> Result<(), Failure> {
    let cannot = || format!("cannot write the token to {}", file.display());
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    let mut opened = opened.with_context(cannot)?;
    opened.write_all(token.value.expose_secret().as_bytes()).with_context(cannot)?;
    Ok(())
}

/// What is said once it listens. Without `--ready` there is no tenant to speak of.
#[derive(Serialize)]
struct Started {
    listen: String,
    console: String,
    tenant: Option<String>,
    endpoint: Option<String>,
    token_file: Option<String>,
}

impl Started {
    fn new(listen: String, ready: Option<Ready>) -> Self {
        let console = format!("{listen}/admin");
        let (tenant, endpoint, token_file) = match ready {
            Some(Ready { tenant, endpoint, token_file }) => (Some(tenant), Some(endpoint), Some(token_file)),
            None => (None, None, None),
        };
        Self { listen, console, tenant, endpoint, token_file }
    }
}

impl Answer for Started {
    fn text(&self) -> String {
        let Self { listen, console, .. } = self;
        let mut text = format!("IAM Identity Center is emulated on {listen}\n\n");
        if let (Some(tenant), Some(endpoint), Some(token)) = (&self.tenant, &self.endpoint, &self.token_file)
        {
            text += &facts([
                ("endpoint", endpoint.clone()),
                ("token", format!("in {token}")),
                ("console", format!("{console}/tenants/{tenant}")),
            ]);
            text += "\nNext, in another terminal:\n  usher app add aws --template aws\n";
            text += &format!("  usher app authorize aws --endpoint {endpoint} --token-file {token}\n");
        } else {
            text += &facts([("console", format!("{console} (GET it to see what it does)"))]);
            text += "\nNext, make a tenant, or start with --ready --token-file FILE:\n";
            text +=
                &format!("  curl -X POST -H 'Content-Type: application/json' -d '{{}}' {console}/tenants\n");
        }
        text
    }
}
