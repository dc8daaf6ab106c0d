//! Sign-in with OpenID Connect (Core 1.0): Usher as the relying party of one provider.
//!
//! The authorization code flow with PKCE (RFC 7636), a state and a nonce. What is said here is *who somebody is*; whether
//! they may sign in is said by `page::openid`, from the admins on record.
//!
//! # Invariants
//!
//! 1. Nothing here opens a connection: requests go through [`ToProvider`], which the binary wires, by its own rules for
//!    what is called and how much is read.
//! 2. Time and chance are the console's: a token's expiry is judged by the injected clock.
//! 3. A token is believed for its signature by a key of the provider, never for where it came from.
//! 4. No error holds a code, a token or a secret.

mod name;
mod provider;
mod refusal;
mod relying_party;
mod token;
mod wire;

pub use name::GOOGLE;
pub(crate) use name::name_of;
pub(crate) use refusal::Refusal;
pub(crate) use relying_party::{CameBack, Chance};
pub use relying_party::{Registration, RelyingParty};
pub(crate) use token::Person;
pub use wire::{NotCarried, ToProvider};
