//! Both sides of provisioning, as servers: IAM Identity Center and Google Workspace, emulated to their limits.
//!
//! [`identity_center::IdentityCenter`] and [`workspace::Workspace`] are the emulators themselves, without any I/O of
//! their own: a request goes in as a value and an answer comes out as one. [`server`] puts one on a port of the loopback
//! interface.
//!
//! # Invariants
//!
//! 1. Nothing of the product's SCIM or Directory API is used here. Client and emulator must not share one misreading, so
//!    the emulators have their own words for everything on the wire.
//! 2. Time and chance come through [`clock::Clock`] alone: equal requests at equal instants with equal chance give equal
//!    answers, faults included. New RSA keys are the exception: the library that makes them draws for itself.
//! 3. A token's value is shown once, when it is generated. What is kept is its hash.

pub mod clock;
pub mod count;
pub mod exchange;
mod gate;
pub mod identity_center;
pub mod server;
mod state_file;
pub mod when;
pub mod workspace;
