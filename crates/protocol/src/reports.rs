//! The Reports API of Google's Admin SDK, as far as it is a change feed: what administrators did (reference §2.5).
//!
//! Entries come late, twice, or not at all, and name people by address. So an entry only says about whom to look
//! ([`activity::Touched`]); a full listing stays the authority.

pub mod activity;
pub mod request;
