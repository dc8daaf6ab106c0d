//! The way from this machine to Google Workspaces.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use usher_engine::carrier::Http;
use usher_engine::clock::Clock;
use usher_engine::endpoint::Reachable;
use usher_engine::environment::Workspaces;
use usher_engine::google::address::Roots;
use usher_engine::google::ambient::{self, Ambient};
use usher_engine::google::credential::Credential;
use usher_engine::google::sign_in::SignIn;

use crate::cli::directory::Surroundings;
use crate::failure::Failure;
use crate::secret_file;

/// The way from here.
#[derive(Clone, Debug)]
pub(crate) struct FromHere {
    pub(crate) reachable: Reachable,
    pub(crate) timeout: Duration,
    pub(crate) surroundings: Surroundings,
}

impl FromHere {
    /// What signs in with this credential, at this API root (none: Google's).
    pub(crate) fn sign_in(
        &self,
        clock: &Arc<dyn Clock>,
        credential: Credential,
        api_root: Option<&str>,
    ) -> Result<SignIn, Failure> {
        // Only who has no key asks the machine; whoever has one is not kept from using it by what is wrong there.
        let is_asked = matches!(credential, Credential::Keyless { .. });
        let file = self.surroundings.application_credentials.as_ref();
        let file = file.filter(|path: &&PathBuf| is_asked && !path.as_os_str().is_empty());
        let read =
            |path: &PathBuf| secret_file::read("the file that GOOGLE_APPLICATION_CREDENTIALS names,", path);
        let application_credentials = file.map(read).transpose()?;
        let metadata_host = self.surroundings.metadata_host.clone();
        let surroundings = ambient::Surroundings { metadata_host, application_credentials };
        Ok(SignIn {
            carrier: Arc::new(Http::new(self.reachable)?),
            clock: Arc::clone(clock),
            credential,
            ambient: Ambient::of(&surroundings, self.reachable),
            roots: Roots::of(api_root, self.reachable)?,
            timeout: self.timeout,
        })
    }
}

impl Workspaces for FromHere {
    fn sign_in(
        &self,
        clock: &Arc<dyn Clock>,
        credential: Credential,
        api_root: Option<&str>,
    ) -> Result<SignIn, String> {
        self.sign_in(clock, credential, api_root).map_err(|failure| failure.sentence())
    }
}
