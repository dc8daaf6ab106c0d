//! Why a process has no token by being where it is, each in a sentence with what mends it.

use usher_protocol::oauth::TokenError;
use usher_protocol::oauth::keyless::CloudError;

use crate::google::address::AddressError;

/// Why there is no ambient token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmbientError {
    /// The metadata server is said to be somewhere else.
    #[error(
        "the metadata server cannot be at `{0}`: GCE_METADATA_HOST is metadata.google.internal, 169.254.169.254, or \
         an address of this machine"
    )]
    MetadataHost(String),
    /// No metadata server.
    #[error(
        "no metadata server answers at {url} ({said}): --keyless needs a machine of Google Cloud, or elsewhere \
         GOOGLE_APPLICATION_CREDENTIALS with the configuration file of a workload identity pool"
    )]
    NoMetadata {
        /// Where it was asked.
        url: String,
        /// What became of the request.
        said: String,
    },
    /// The machine has no service account.
    #[error(
        "this machine has no service account: attach one (Google Cloud console, Compute Engine > the machine > Edit > \
         Identity and API access; on GKE: Workload Identity)"
    )]
    NoMachineAccount,
    /// The metadata server refuses.
    #[error(
        "the metadata server answered {status} instead of a token: see that the machine's service account is there and \
         enabled (Google Cloud console, IAM & Admin > Service Accounts), and that the machine has the scope cloud-platform"
    )]
    MetadataRefused {
        /// The status code.
        status: u16,
    },
    /// The configuration is no JSON object.
    #[error("the file that GOOGLE_APPLICATION_CREDENTIALS names is not a JSON object: {NEW_FILE}")]
    NotJson,
    /// It is a key.
    #[error(
        "the file that GOOGLE_APPLICATION_CREDENTIALS names is a service account's key: use it with --key-file, \
         instead of --keyless"
    )]
    Key,
    /// It is a person's own sign-in.
    #[error(
        "the file that GOOGLE_APPLICATION_CREDENTIALS names is a person's own sign-in, which no server should run \
         with: {NEW_FILE}"
    )]
    Person,
    /// It is something else.
    #[error(
        "the file that GOOGLE_APPLICATION_CREDENTIALS names is not of type `external_account`: {NEW_FILE}"
    )]
    OtherType,
    /// A field is missing.
    #[error("the file that GOOGLE_APPLICATION_CREDENTIALS names has no `{0}`: {NEW_FILE}")]
    Missing(&'static str),
    /// The workload's own token comes from something that is not supported.
    #[error(
        "the file that GOOGLE_APPLICATION_CREDENTIALS names takes the workload's token from {0}, which is not \
         supported: make one that takes it from a file or a URL"
    )]
    Unsupported(&'static str),
    /// An address in it.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The workload's own token cannot be read.
    #[error("the workload's own token cannot be read from {place}: {said}")]
    Subject {
        /// The file or the host.
        place: String,
        /// Why not.
        said: String,
    },
    /// The provider's conditions.
    #[error(
        "the workload identity pool does not take this workload's token ({0}): look at the provider's issuer, \
         audiences, attribute mapping and condition (Google Cloud console, IAM & Admin > Workload Identity Federation)"
    )]
    NotTaken(String),
    /// Any other refusal of the security token service.
    #[error(
        "the security token service gave no token: {0}; compare the `audience` of the configuration file with the \
         provider (Google Cloud console, IAM & Admin > Workload Identity Federation)"
    )]
    Exchange(TokenError),
    /// The workload may not act as the service account that its configuration names.
    #[error(
        "the workload may not act as the service account that its configuration file names ({0}): grant it the role \
         Workload Identity User on that account (Google Cloud console, IAM & Admin > Service Accounts > the account > \
         Permissions)"
    )]
    Impersonation(CloudError),
    /// Somebody on the way does not answer.
    #[error("{what} cannot be reached: {said}")]
    Unreached {
        /// Who.
        what: &'static str,
        /// What became of the request.
        said: String,
    },
}

const NEW_FILE: &str = "download the client configuration of a workload identity pool (Google Cloud console, IAM & \
                        Admin > Workload Identity Federation > the pool > Connected service accounts)";

impl AmbientError {
    /// Whether asking again in a moment may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::MetadataRefused { status } => matches!(status, 408 | 429 | 500..),
            Self::Exchange(error) => error.is_transient(),
            Self::Impersonation(error) => error.is_transient(),
            Self::Unreached { .. } => true,
            Self::MetadataHost(_)
            | Self::NoMetadata { .. }
            | Self::NoMachineAccount
            | Self::NotJson
            | Self::Key
            | Self::Person
            | Self::OtherType
            | Self::Missing(_)
            | Self::Unsupported(_)
            | Self::Address(_)
            | Self::Subject { .. }
            | Self::NotTaken(_) => false,
        }
    }
}
