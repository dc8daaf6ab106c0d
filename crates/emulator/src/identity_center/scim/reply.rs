//! What a handler answers when it has done what was asked.

use serde::Serialize;

/// A status, a body, and who it was about (for the request log).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("invariant: what is shown is JSON");
        Self { status, body }
    }

    pub(crate) fn empty() -> Self {
        Self { status: 204, body: Vec::new() }
    }
}
