//! What the app says: answers and errors as SCIM writes them (RFC 7644 §3.12).

use serde_json::{Value, json};

/// An answer before it goes out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Empty,
    Scim(Value),
    Html(&'static str),
}

/// A request that the app does not do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) scim_type: Option<&'static str>,
    pub(super) detail: String,
}

impl Answer {
    pub(super) fn scim(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Body::Scim(body) }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    pub(super) fn html(status: u16, page: &'static str) -> Self {
        Self { status, headers: Vec::new(), body: Body::Html(page) }
    }

    #[must_use]
    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// An error without a `scimType`.
    pub(super) fn error(status: u16, detail: &str) -> Self {
        Refused { status, scim_type: None, detail: detail.to_owned() }.into()
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Refused {
    pub(super) fn new(status: u16, scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }

    pub(super) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(400, "invalidValue", detail)
    }

    pub(super) fn not_found(id: &str) -> Self {
        Self { status: 404, scim_type: None, detail: format!("there is no resource {id}") }
    }
}

impl From<Refused> for Answer {
    fn from(refused: Refused) -> Self {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": refused.status.to_string(),
            "detail": refused.detail,
        });
        if let Some(scim_type) = refused.scim_type {
            body["scimType"] = scim_type.into();
        }
        Self::scim(refused.status, body)
    }
}
