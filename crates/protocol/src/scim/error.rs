//! The error message of RFC 7644 §3.12, as it is written and read.
//!
//! What an error *means* for the one who asked is in
//! [`crate::scim::failure`].

use std::fmt;

use serde_json::{Map, Value, json};

use crate::json;
use crate::scim::ERROR_SCHEMA;
use crate::text::one_line;

/// The detail keywords of RFC 7644 table 9 and RFC 9865 §2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is wrong or not supported.
    InvalidFilter,
    /// The filter yields more than the server is willing to give.
    TooMany,
    /// A unique value is in use already.
    Uniqueness,
    /// The attribute may not be changed in this way.
    Mutability,
    /// The body is not what the request needs.
    InvalidSyntax,
    /// The path of an operation is wrong.
    InvalidPath,
    /// The path of an operation leads to nothing.
    NoTarget,
    /// A value is missing or does not fit its attribute.
    InvalidValue,
    /// The version of the protocol is not supported.
    InvalidVersion,
    /// The request would put something sensitive into a URL.
    Sensitive,
    /// The cursor is wrong.
    InvalidCursor,
    /// The cursor was right once.
    ExpiredCursor,
    /// The page size cannot be used.
    InvalidCount,
    /// A keyword of the server's own.
    Other(String),
}

impl ScimType {
    const KNOWN: [Self; 13] = [
        Self::InvalidFilter,
        Self::TooMany,
        Self::Uniqueness,
        Self::Mutability,
        Self::InvalidSyntax,
        Self::InvalidPath,
        Self::NoTarget,
        Self::InvalidValue,
        Self::InvalidVersion,
        Self::Sensitive,
        Self::InvalidCursor,
        Self::ExpiredCursor,
        Self::InvalidCount,
    ];

    /// The keyword as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVersion => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
            Self::Other(keyword) => keyword,
        }
    }

    /// Reads a keyword, in any case.
    pub fn parse(keyword: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(keyword))
            .unwrap_or_else(|| Self::Other(keyword.to_owned()))
    }
}

/// A SCIM error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    /// The status code. In a body it should repeat that of the answer.
    pub status: u16,
    /// The keyword, mostly with 400 and 409. AWS sends none.
    pub scim_type: Option<ScimType>,
    /// A sentence for people. AWS has dozens; never branch on it.
    pub detail: Option<String>,
}

impl ScimError {
    /// A 400 with its keyword, as a server answers it.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: Some(detail.into()) }
    }

    /// Reads the body of an answer that came with `status`. `None` where it is
    /// not a SCIM error: it must name the error's schema, in `schemas` or, as
    /// AWS once did, in `schema`. The body's own `status` may be a string or a
    /// number; where it cannot be read, that of the answer stands.
    pub fn read(status: u16, body: &Value) -> Option<Self> {
        let body = body.as_object()?;
        if !names_error_schema(body) {
            return None;
        }
        let own = json::count(body, "status").and_then(|status| u16::try_from(status).ok());
        Some(Self {
            status: own.unwrap_or(status),
            scim_type: json::text(body, "scimType").map(ScimType::parse),
            detail: json::text(body, "detail").map(str::to_owned),
        })
    }

    /// The body, `status` being a string as in RFC 7644 §3.12.
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [ERROR_SCHEMA], "status": self.status.to_string() });
        if let Some(scim_type) = &self.scim_type {
            body["scimType"] = scim_type.as_str().into();
        }
        if let Some(detail) = &self.detail {
            body["detail"] = detail.as_str().into();
        }
        body
    }
}

fn names_error_schema(body: &Map<String, Value>) -> bool {
    ["schemas", "schema"]
        .iter()
        .any(|name| json::texts(body, name).any(|urn| urn.eq_ignore_ascii_case(ERROR_SCHEMA)))
}

impl fmt::Display for ScimError {
    /// `409 uniqueness: userName is taken`, on one bounded line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.status)?;
        if let Some(scim_type) = &self.scim_type {
            write!(formatter, " {}", one_line(scim_type.as_str()))?;
        }
        match self.detail.as_deref().map(one_line).filter(|detail| !detail.is_empty()) {
            Some(detail) => write!(formatter, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ScimError {}
