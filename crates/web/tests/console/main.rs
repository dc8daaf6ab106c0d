//! The console as a browser meets it: its router, without a socket.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod apps;
mod browser;
mod directory;
mod hands;
mod openid;
mod provider;
mod rights;
mod signing_in;
mod working;
