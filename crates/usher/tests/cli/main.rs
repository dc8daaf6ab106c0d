//! The binary as a script sees it: arguments in, exit code, standard output and standard error out.
//!
//! What a run does at an app is tested where runs are; here it is what a person is told of it.

mod approved;
mod apps;
mod aws;
mod cloud;
mod configuration;
mod decisions;
mod demo;
mod desk;
mod directory;
mod emulate;
mod google;
mod groups;
mod office;
mod pins;
mod pushed;
mod runs;
mod serve;
mod served;
mod steps;
mod stored;
mod undo;
mod usage;
mod workspace;
