//! What every page of the console is given.

use std::sync::Arc;

use usher_model::time::Timestamp;
use usher_store::Store;

use crate::clock::Clock;
use crate::hands::Hands;
use crate::openid::RelyingParty;

/// What every page is given.
#[derive(Clone, Debug)]
pub struct Console {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    hands: Arc<dyn Hands>,
    options: Options,
}

/// How the console is reached.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where browsers find it, without a slash at the end: `https://usher.example.com`. Links that are given to people begin
    /// with it, and cookies are for TLS alone where it has that.
    pub address: String,
    /// The provider where admins sign in, beside the password; none: nowhere.
    pub openid: Option<Arc<RelyingParty>>,
}

impl Console {
    /// A console on what the store knows.
    pub fn new(store: Store, clock: Arc<dyn Clock>, hands: Arc<dyn Hands>, options: Options) -> Self {
        Self { inner: Arc::new(Inner { store, clock, hands, options }) }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// What does the rest.
    pub(crate) fn hands(&self) -> &dyn Hands {
        self.inner.hands.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Where browsers find it.
    pub(crate) fn address(&self) -> &str {
        &self.inner.options.address
    }

    pub(crate) fn is_https(&self) -> bool {
        self.address().starts_with("https://")
    }

    /// The name of the session's cookie: under TLS one that no other host can set (RFC 6265bis §4.1.3.2).
    pub(crate) fn cookie(&self) -> &'static str {
        if self.is_https() { "__Host-usher_session" } else { "usher_session" }
    }

    /// The name of the cookie of a browser that was sent to the provider.
    pub(crate) fn openid_cookie(&self) -> &'static str {
        if self.is_https() { "__Host-usher_openid" } else { "usher_openid" }
    }

    /// The provider where admins sign in, beside the password.
    pub(crate) fn openid(&self) -> Option<&RelyingParty> {
        self.inner.options.openid.as_deref()
    }
}
