//! The other side of provisioning, as a server: IAM Identity Center, emulated to its limits.
//!
//! [`identity_center::IdentityCenter`] is the emulator itself, without any I/O of its own: a request goes in as a value
//! and an answer comes out as one. [`server`] puts it on a port of the loopback interface.
//!
//! # Invariants
//!
//! 1. Nothing of the product's SCIM is used here. Client and emulator must not share one misreading, so the emulator
//!    has its own words for everything on the wire.
//! 2. Time and chance come through [`clock::Clock`] alone: equal requests at equal instants with equal chance give equal
//!    answers, faults included.
//! 3. A token's value is shown once, when it is generated. What is kept is its hash.

pub mod clock;
pub mod exchange;
pub mod identity_center;
pub mod server;
