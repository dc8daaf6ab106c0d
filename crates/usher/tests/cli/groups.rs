//! Groups on the command line: chosen, previewed, synced, audited.

mod chosen;
mod found;
mod ran;
