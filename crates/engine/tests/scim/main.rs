//! The engine at real SCIM servers: one that others wrote, and one that lies on command.

#![expect(unreachable_pub, reason = "the modules of a test are for each other")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod adoption;
mod approved;
mod audits;
mod aws;
mod faults;
mod groups;
mod guards;
mod identity_center;
mod large;
mod leaving;
mod lies;
mod mended;
mod pinned;
mod scene;
mod trusted;
mod undone;
mod world;
