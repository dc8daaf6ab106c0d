//! The store's contract: every function, on SQLite and on PostgreSQL. One module per aggregate.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod access;
mod account;
mod admin;
mod app;
mod apps;
mod console;
mod db;
mod directory;
mod event;
mod group;
mod group_told;
mod hold;
mod opening;
mod plan;
mod remote;
mod run;
mod tally;
