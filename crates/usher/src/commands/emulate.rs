//! `usher emulate`: the other side of provisioning.

pub(crate) mod identity_center;
pub(crate) mod workspace;
