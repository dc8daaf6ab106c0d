//! The only user of SQL.
