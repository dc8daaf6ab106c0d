//! What a process has by being where it is: a machine of Google Cloud has a service account, a workload elsewhere has a
//! token of another identity provider that Google Cloud takes (reference §3).
//!
//! The environment is read by whoever starts the process and handed in ([`Surroundings`]). What is found with it is
//! asked anew for each sign-in, since other providers' tokens change under us.
//!
//! Not here: AWS's signed requests and executables as sources of a workload's token; each is refused in a sentence.

use std::net::{IpAddr, Ipv4Addr};

use secrecy::SecretString;
use url::{Host, Url};

pub mod configuration;
pub mod error;
pub(crate) mod subject;

use crate::endpoint::{self, Reachable};
use configuration::Workload;
use error::AmbientError;

/// The metadata server of every machine of Google Cloud, whose name is `metadata.google.internal`.
pub(crate) const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `GCE_METADATA_HOST`: where the metadata server is, if it is not where it always is.
    pub metadata_host: Option<String>,
    /// The content of the file that `GOOGLE_APPLICATION_CREDENTIALS` names.
    pub application_credentials: Option<SecretString>,
}

/// Where the token comes from with which IAM Credentials is asked.
#[derive(Clone, Debug)]
pub enum Ambient {
    /// The metadata server, at this URL.
    Machine(String),
    /// Workload identity federation.
    Workload(Box<Workload>),
}

impl Ambient {
    /// Reads the environment: workload identity federation where it is configured, else the metadata server.
    pub fn of(surroundings: &Surroundings, reachable: Reachable) -> Result<Self, AmbientError> {
        match &surroundings.application_credentials {
            Some(file) => Ok(Self::Workload(Box::new(Workload::parse(file, reachable)?))),
            None => machine(surroundings.metadata_host.as_deref()).map(Self::Machine),
        }
    }
}

/// The metadata server's URL. Its address is link-local, which nothing else may have: so it is this or loopback.
fn machine(host: Option<&str>) -> Result<String, AmbientError> {
    let Some(host) = host.map(str::trim).filter(|host| !host.is_empty()) else {
        return Ok(format!("http://{METADATA}"));
    };
    if host == "metadata.google.internal" {
        return Ok(format!("http://{METADATA}"));
    }
    let url = Url::parse(&format!("http://{host}")).ok();
    let url = url.filter(|url| url.path() == "/" && url.query().is_none() && is_near(url));
    let refused = || AmbientError::MetadataHost(host.chars().filter(|c| !c.is_control()).take(120).collect());
    url.map(|url| url.as_str().trim_end_matches('/').to_owned()).ok_or_else(refused)
}

/// Whether a URL leads to this machine or to its metadata server.
pub(crate) fn is_near(url: &Url) -> bool {
    let is_metadata = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address) == IpAddr::V4(METADATA),
        Some(Host::Ipv6(_) | Host::Domain(_)) | None => false,
    };
    is_metadata || endpoint::leads_to_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_server_is_where_it_always_is_or_on_this_machine() {
        assert_eq!(machine(None).unwrap(), "http://169.254.169.254");
        assert_eq!(machine(Some("metadata.google.internal")).unwrap(), "http://169.254.169.254");
        assert_eq!(machine(Some("127.0.0.1:8082")).unwrap(), "http://127.0.0.1:8082");
        for other in ["example.com", "169.254.169.253", "127.0.0.1/x", "a b"] {
            assert!(matches!(machine(Some(other)), Err(AmbientError::MetadataHost(_))), "{other}");
        }
    }
}
