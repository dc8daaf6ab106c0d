//! The binary as a script sees it: arguments in, exit code, standard output and standard error out.
//!
//! No app server runs here. What a run does at an app is tested where runs are.

mod apps;
mod configuration;
mod desk;
mod directory;
mod serve;
mod stored;
mod usage;
