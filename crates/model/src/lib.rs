//! The vocabulary and the decisions.
