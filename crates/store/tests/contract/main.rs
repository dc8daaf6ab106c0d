//! The store's contract: every function, on SQLite and on PostgreSQL. One module per aggregate.

mod db;
mod opening;
