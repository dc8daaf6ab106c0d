//! The console: sign-in, and the pages that admins see.
//!
//! Pages are rendered here and work without a script. Nothing here calls a directory or an app: it reads what the store
//! knows and marks work due; what has to be done at once, the binary is asked for ([`hands`]).
//!
//! # Invariants
//!
//! 1. Every route is either [`open`](router()) to anybody or behind a session whose role has the route's right: there is no
//!    third way to add one.
//! 2. What changes something comes from our own pages: a form carries its session's token, and a browser that says it
//!    comes from elsewhere is refused.
//! 3. No page has a script or a style in it, and none may ask another host for anything.
//! 4. What an admin did is written down in the transaction that does it; what the engine does in transactions of its own, when
//!    it was asked for.
//!
//! One page is one file in [`page`](crate) with its template and its samples, one of each kind that it can have; tests render
//! every sample.

mod assets;
mod awaited;
mod clock;
mod console;
mod crossing;
mod failure;
mod frame;
pub mod hands;
mod headers;
mod identity_provider;
mod notebook;
pub mod openid;
mod page;
mod password;
mod posted;
mod router;
#[cfg(test)]
mod sample;
mod secret;
mod session;
mod throttle;

pub use clock::Clock;
pub use console::{Console, Options};
pub use page::set_up::link_for_set_up;
pub use router::router;
