//! What tests of the shell need: simulated time, apps that lie, and people to provision.
//!
//! - [`clock`]: time that only a test moves;
//! - [`scim`]: a SCIM app in this process that is honest until a test tells it how to lie;
//! - [`identity_center`]: the emulated IAM Identity Center in this process, without HTTP;
//! - [`workspace`]: the emulated Google Workspace on a loopback port;
//! - [`openid`]: an OpenID provider on a loopback port, honest until a test tells it how to lie;
//! - [`scim2_server`]: a SCIM app that others wrote, as a child process;
//! - [`proxy`]: a loopback proxy that counts what goes to an app and acts at a chosen request;
//! - [`http`]: the small client with which tests look at an app past the code under test;
//! - [`builders`]: users, groups and OUs as the Directory API writes them;
//! - [`fuzz`]: what the fuzz targets check;
//! - [`sim`]: the simulation of the whole, with everything that can go wrong.
//!
//! Nothing here sleeps, and every wait is for a state (so many requests have come), never for a change, so that a
//! test cannot miss what it waits for. Tests alone may depend on this crate, as a dev-dependency. What breaks a
//! test here panics with a sentence: nobody would match on the error.
//!
//! The servers speak no TLS, listen on 127.0.0.1 alone and read no SCIM with `usher-protocol`: an app that reads
//! SCIM with our own code would share our misreadings of it.

pub mod builders;
pub mod clock;
pub mod fuzz;
pub mod http;
pub mod identity_center;
mod in_process;
mod listen;
pub mod openid;
pub mod proxy;
pub mod scim;
pub mod scim2_server;
pub mod sim;
pub mod workspace;
