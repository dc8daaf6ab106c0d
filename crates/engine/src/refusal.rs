//! What an app said besides a status, in words.

use usher_protocol::scim::failure::Failure;

/// What the app said besides the status, which is told by itself.
pub(crate) fn said(failure: &Failure) -> String {
    let Some(error) = failure.error() else { return "without a SCIM error".to_owned() };
    let said = error.to_string();
    let said = said.strip_prefix(&error.status.to_string()).unwrap_or(&said).trim_start_matches([':', ' ']);
    if said.is_empty() { "without a reason".to_owned() } else { said.to_owned() }
}
