//! The way to a Google Workspace, from what a command is given.

use std::sync::Arc;

use usher_engine::carrier::Http;
use usher_engine::google::address::Roots;
use usher_engine::google::ambient::{self, Ambient};
use usher_engine::google::credential::Credential;
use usher_engine::google::sign_in::SignIn;

use crate::cli::directory::Surroundings;
use crate::context::Context;
use crate::failure::Failure;
use crate::secret_file;

/// What signs in with this credential, at this API root (none: Google's).
pub(super) fn sign_in(
    context: &Context,
    credential: Credential,
    api_root: Option<&str>,
    surroundings: &Surroundings,
) -> Result<SignIn, Failure> {
    let reachable = context.reachable();
    let file = surroundings.application_credentials.as_deref();
    // Only who has no key asks the machine; whoever has one is not kept from using it by what is wrong there.
    let is_asked = matches!(credential, Credential::Keyless { .. });
    let read = |path| secret_file::read("the file that GOOGLE_APPLICATION_CREDENTIALS names,", path);
    let application_credentials =
        file.filter(|path| is_asked && !path.as_os_str().is_empty()).map(read).transpose()?;
    let metadata_host = surroundings.metadata_host.clone();
    let surroundings = ambient::Surroundings { metadata_host, application_credentials };
    Ok(SignIn {
        carrier: Arc::new(Http::new(reachable)?),
        clock: Arc::clone(&context.clock),
        credential,
        ambient: Ambient::of(&surroundings, reachable),
        roots: Roots::of(api_root, reachable)?,
        timeout: context.config.runs.request_timeout(),
    })
}
