//! Groups on the command line: chosen, previewed, synced, explained, pinned, held, audited.

mod chosen;
mod decided;
mod explained;
mod found;
mod held;
mod pinned;
mod ran;
