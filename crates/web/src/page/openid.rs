//! Sign-in with OpenID Connect: the way to the provider ([`begin`]), the way back ([`callback`]), and who is let in
//! ([`admit`]).

mod admit;
pub(crate) mod begin;
pub(crate) mod callback;

use std::time::Duration;

use openidconnect::RedirectUrl;

use crate::console::Console;
use crate::failure::Failure;

/// How long somebody may take at the provider.
const WORKS_FOR: Duration = Duration::from_mins(10);

/// The button that leads to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// What people call the provider.
    pub(crate) name: String,
    pub(crate) href: String,
}

impl Elsewhere {
    /// The button, where a provider is configured; what is under way keeps this.
    pub(crate) fn of(console: &Console, kept: (&str, &str)) -> Option<Self> {
        let name = console.openid()?.name();
        let kept = serde_urlencoded::to_string([kept]).unwrap_or_default();
        Some(Self { name, href: format!("/sign-in/openid?{kept}") })
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self { name: "Google".into(), href: "/sign-in/openid?next=%2Fapps".into() }
    }
}

/// Where the provider sends people back to: what it was told when this console was registered there.
fn redirect(console: &Console) -> Result<RedirectUrl, Failure> {
    RedirectUrl::new(format!("{}/sign-in/openid/callback", console.address())).map_err(Failure::internal)
}
