//! What the configuration file says of every run, and the way to apps.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use usher_model::template::Limits;

use crate::carrier::Http;
use crate::clock::Clock;
use crate::endpoint::{Endpoint, Reachable};
use crate::google::credential::Credential;
use crate::google::sign_in::SignIn;
use crate::transport::{HttpTransport, Transport, TransportError};

/// Opens ways to apps. The simulation's lead to apps in the same process.
pub trait Transports: Send + Sync + Debug {
    /// A way to this endpoint, with this token.
    fn open(&self, endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport>;
}

/// Leads to Google Workspaces: knows the machine that it is on.
pub trait Workspaces: Send + Sync + Debug {
    /// What signs in with this credential, at this API root (none: Google's); or why nothing does, in a sentence.
    fn sign_in(
        &self,
        clock: &Arc<dyn Clock>,
        credential: Credential,
        api_root: Option<&str>,
    ) -> Result<SignIn, String>;
}

/// There is no way to any Workspace.
#[derive(Clone, Copy, Debug)]
pub struct NoWorkspaces;

impl Workspaces for NoWorkspaces {
    fn sign_in(&self, _: &Arc<dyn Clock>, _: Credential, _: Option<&str>) -> Result<SignIn, String> {
        Err("nothing here leads to a Google Workspace".to_owned())
    }
}

/// What every run is given.
#[derive(Clone, Debug)]
pub struct Environment {
    /// How long one request may take.
    pub request_timeout: Duration,
    /// How long an app may take to show what was written: the time between two looks that find nothing, and that between
    /// a write and an audit that judges the account.
    pub look_again_after: Duration,
    /// The time between the end of a run and the beginning of the next.
    pub cycle: Duration,
    /// How fast every app may be called, instead of what its template says: for measurements, of apps that nobody else
    /// uses. None: as published.
    pub limits: Option<Limits>,
    /// Which addresses an endpoint may have.
    pub reachable: Reachable,
    /// The way to apps.
    pub transports: Arc<dyn Transports>,
    /// The way to Google Workspaces.
    pub workspaces: Arc<dyn Workspaces>,
}

impl Environment {
    /// Runs over HTTP, with no way to Google Workspaces: whoever knows the machine gives one.
    pub fn over_http(
        request_timeout: Duration,
        look_again_after: Duration,
        cycle: Duration,
        reachable: Reachable,
    ) -> Result<Self, TransportError> {
        let transports = Arc::new(OverHttp { http: Http::new(reachable)? });
        Ok(Self {
            request_timeout,
            look_again_after,
            cycle,
            limits: None,
            reachable,
            transports,
            workspaces: Arc::new(NoWorkspaces),
        })
    }
}

/// Apps over HTTP, through one client and its connections.
#[derive(Debug)]
struct OverHttp {
    http: Http,
}

impl Transports for OverHttp {
    fn open(&self, endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport> {
        Arc::new(HttpTransport::new(self.http.clone(), endpoint, token))
    }
}
