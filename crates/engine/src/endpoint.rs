//! Where an app's SCIM endpoint may be.
//!
//! An endpoint is typed in by a person and then called with a secret, so it is
//! read strictly: `https`, or `http` on loopback; no credentials, query or
//! fragment; no link-local or metadata address, by name or by number (names
//! are checked again when they are resolved, in [`crate::transport`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};
use usher_model::template::Template;

/// The base URL of an app's SCIM API, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Which addresses an endpoint may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reachable {
    /// Private addresses (10/8, 172.16/12, 192.168/16, `fc00::/7`, 100.64/10) too: a configuration's choice.
    pub private: bool,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Nothing.
    #[error("enter the endpoint URL, as the app shows it")]
    Missing,
    /// Not a URL.
    #[error("`{0}` is not a URL: an endpoint looks like https://scim.example.com/scim/v2")]
    NotAUrl(String),
    /// Neither https nor http on loopback.
    #[error(
        "the endpoint {0} would send the access token unencrypted: use https (http is taken for 127.0.0.1, ::1 and localhost alone)"
    )]
    Unencrypted(String),
    /// Another scheme.
    #[error(
        "the endpoint's scheme `{0}` is not https: enter the endpoint URL as the app shows it, beginning with https://"
    )]
    Scheme(String),
    /// A user name or a password in the URL.
    #[error(
        "the endpoint must not hold a user name or password: the access token goes into a file of its own"
    )]
    Credentials,
    /// A query or a fragment.
    #[error("the endpoint must end with its path: take out everything from `?` or `#` on")]
    Tail,
    /// A link-local or metadata address.
    #[error("the endpoint {0} is a link-local or metadata address, which is never called")]
    LinkLocal(String),
    /// A private address, and those are not allowed.
    #[error(
        "the endpoint {0} is a private address: set `allow_private_endpoints = true` in the configuration file if that is meant"
    )]
    Private(String),
    /// Not one of AWS's.
    #[error(
        "`{0}` is not an IAM Identity Center endpoint: it looks like https://scim.eu-west-1.amazonaws.com/…/scim/v2 (Settings, Automatic provisioning)"
    )]
    NotAws(String),
}

impl Endpoint {
    /// Reads an endpoint for an app of this template.
    pub fn parse(text: &str, template: &Template, reachable: Reachable) -> Result<Self, EndpointError> {
        let url = address(text, reachable)?;
        if template.key == "aws" && !leads_to_loopback(&url) && !is_aws(&url) {
            return Err(EndpointError::NotAws(shown(text)));
        }
        Ok(Self(url))
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

/// Reads a URL that is called with a secret, whoever's it is.
pub(crate) fn address(text: &str, reachable: Reachable) -> Result<Url, EndpointError> {
    if text.trim().is_empty() {
        return Err(EndpointError::Missing);
    }
    let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAUrl(shown(text)))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::Tail);
    }
    let Some(host) = url.host() else { return Err(EndpointError::NotAUrl(shown(text))) };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        "http" => return Err(EndpointError::Unencrypted(shown(text))),
        other => return Err(EndpointError::Scheme(other.to_owned())),
    }
    if let Some(number) = number(&host) {
        permit(number, reachable)?;
    }
    Ok(url)
}

/// Whether a URL may be called that somebody else names: by the same rules, and it may have a query.
pub fn permit_url(text: &str, reachable: Reachable) -> Result<(), EndpointError> {
    let without_query = text.split('?').next().unwrap_or_default();
    address(without_query, reachable).map(drop)
}

/// Whether a URL stays on this machine.
pub(crate) fn leads_to_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback(&host))
}

/// What was typed, fit to be shown.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Whether an address may be called.
pub fn permit(address: IpAddr, reachable: Reachable) -> Result<(), EndpointError> {
    let address = address.to_canonical();
    if is_link_local(address) {
        return Err(EndpointError::LinkLocal(address.to_string()));
    }
    if is_private(address) && !reachable.private {
        return Err(EndpointError::Private(address.to_string()));
    }
    Ok(())
}

fn number(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
    }
}

/// 169.254/16 and `fe80::/10`, with AWS's IPv6 metadata address, multicast and the unspecified address.
fn is_link_local(address: IpAddr) -> bool {
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast(),
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast() || v6 == METADATA
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || is_shared(v4),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// 100.64/10 (RFC 6598).
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

/// `https://scim.<region>.amazonaws.com/<tenant>/scim/v2` or `https://scim.<region>.api.aws/…` (reference, aws-scim.md §1).
fn is_aws(url: &Url) -> bool {
    let Some(host) = url.host_str().and_then(|host| host.strip_prefix("scim.")) else { return false };
    let region =
        [".amazonaws.com", ".api.aws", ".amazonaws.com.cn"].iter().find_map(|end| host.strip_suffix(end));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let parts: Vec<_> = url.path().trim_matches('/').split('/').collect();
    region.is_some_and(plain)
        && url.port().is_none()
        && matches!(parts.as_slice(), [tenant, "scim", "v2"] if plain(tenant))
}

#[cfg(test)]
mod tests;
