//! The engine at real SCIM servers: one that others wrote, and one that lies on command.

#![expect(unreachable_pub, reason = "the modules of a test are for each other")]

mod adoption;
mod faults;
mod guards;
mod large;
mod leaving;
mod lies;
mod scene;
mod world;
