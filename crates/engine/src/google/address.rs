//! Where Google's APIs are, or what stands in for them.
//!
//! An address is called with a secret, so it is read as strictly as an app's endpoint: `https`, or `http` on loopback
//! (an emulator); no credentials, query or fragment; no link-local address.

use url::Url;

use crate::endpoint::{self, EndpointError, Reachable};

/// The root of the Directory and the Reports API.
const API: &str = "https://admin.googleapis.com";
/// IAM Credentials.
const IAM: &str = "https://iamcredentials.googleapis.com";
/// The token endpoint of OAuth.
pub(crate) const TOKEN: &str = "https://oauth2.googleapis.com/token";

/// A URL that is called with a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL.
    #[error("{what} `{text}` is not a URL")]
    NotAUrl {
        /// Whose address it should be.
        what: &'static str,
        /// What it says.
        text: String,
    },
    /// A URL that is not called.
    #[error("{what} is not called: {problem}")]
    Refused {
        /// Whose address it should be.
        what: &'static str,
        /// What is wrong with it.
        problem: EndpointError,
    },
}

impl Address {
    /// Reads an address. `what` says whose it is, at the beginning of a sentence about it.
    pub fn parse(what: &'static str, text: &str, reachable: Reachable) -> Result<Self, AddressError> {
        endpoint::address(text, reachable).map(Self).map_err(|problem| match problem {
            EndpointError::NotAUrl(text) => AddressError::NotAUrl { what, text },
            EndpointError::Missing
            | EndpointError::Unencrypted(_)
            | EndpointError::Scheme(_)
            | EndpointError::Credentials
            | EndpointError::Tail
            | EndpointError::LinkLocal(_)
            | EndpointError::Private(_)
            | EndpointError::NotAws(_) => AddressError::Refused { what, problem },
        })
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

/// Where everything is that is called with one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The Directory and the Reports API.
    pub api: Address,
    /// IAM Credentials, for signing without a key.
    pub iam: Address,
    /// The token endpoint of a directory without a key; a key file names its own.
    pub token: Address,
}

impl Roots {
    /// Google's own; or, with an API root of somebody else's, that. A root on loopback is an emulator, which is all of
    /// Google: IAM Credentials and the token endpoint are there too.
    pub fn of(api_root: Option<&str>, reachable: Reachable) -> Result<Self, AddressError> {
        let what = "the API root";
        let api = Address::parse(what, api_root.unwrap_or(API), reachable)?;
        let is_emulated = endpoint::leads_to_loopback(&api.0);
        let (iam, token) = if is_emulated {
            (api.as_str().to_owned(), format!("{}/token", api.as_str()))
        } else {
            (IAM.to_owned(), TOKEN.to_owned())
        };
        let [iam, token] = [iam, token].map(|text| Address::parse(what, &text, reachable));
        Ok(Self { api, iam: iam?, token: token? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(api_root: Option<&str>) -> Result<Roots, AddressError> {
        Roots::of(api_root, Reachable::default())
    }

    #[test]
    fn without_another_root_everything_is_googles() {
        let roots = roots(None).unwrap();
        assert_eq!(roots.api.as_str(), "https://admin.googleapis.com");
        assert_eq!(roots.iam.as_str(), "https://iamcredentials.googleapis.com");
        assert_eq!(roots.token.as_str(), "https://oauth2.googleapis.com/token");
    }

    #[test]
    fn an_emulator_is_all_of_google_and_another_root_is_the_api_alone() {
        let emulated = roots(Some("http://127.0.0.1:8082/")).unwrap();
        assert_eq!(emulated.token.as_str(), "http://127.0.0.1:8082/token");
        let private = roots(Some("https://admin-usher.p.googleapis.com")).unwrap();
        assert_eq!(private.iam.as_str(), IAM);
    }

    #[test]
    fn an_address_that_would_show_a_secret_is_refused_in_a_sentence() {
        let said = |text| roots(Some(text)).unwrap_err().to_string();
        assert_eq!(said("admin"), "the API root `admin` is not a URL");
        assert!(said("http://admin.example.com").starts_with("the API root is not called: the endpoint"));
        assert!(said("https://169.254.169.254").contains("never called"));
    }
}
