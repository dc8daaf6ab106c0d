//! The pages, one a file: what it shows, how it is asked for, what its forms do, and its samples.

pub(crate) mod account;
pub(crate) mod admins;
pub(crate) mod app;
pub(crate) mod apps;
pub(crate) mod audit_log;
pub(crate) mod directory;
pub(crate) mod home;
pub(crate) mod join;
pub(crate) mod openid;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod sign_out;

#[cfg(test)]
mod tests;
