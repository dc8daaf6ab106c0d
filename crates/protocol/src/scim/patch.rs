//! PATCH requests (RFC 7644 §3.5.2): the message. [`apply`] does what it says.

use serde_json::{Map, Value, json};

use crate::json;
use crate::scim::PATCH_OP_SCHEMA;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::path::PatchPath;

pub mod apply;

/// The most operations of one request that are read.
pub const MAX_OPERATIONS: usize = 1_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchOp {
    /// Adds a value, keeping those that are there.
    Add,
    /// Replaces what is there.
    Replace,
    /// Takes values away.
    Remove,
}

impl PatchOp {
    /// The operation as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
        }
    }

    /// Reads an operation, in any case: Entra writes `Add`.
    fn parse(text: &str) -> Option<Self> {
        [Self::Add, Self::Replace, Self::Remove].into_iter().find(|op| op.as_str().eq_ignore_ascii_case(text))
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOperation {
    /// What is done.
    pub op: PatchOp,
    /// To what; without a path, to the attributes that `value` names.
    pub path: Option<PatchPath>,
    /// With what. `remove` has none, or, at AWS, the list of values to take.
    pub value: Option<Value>,
}

impl PatchOperation {
    /// `add` at a path.
    pub fn add(path: PatchPath, value: Value) -> Self {
        Self { op: PatchOp::Add, path: Some(path), value: Some(value) }
    }

    /// `replace` at a path.
    pub fn replace(path: PatchPath, value: Value) -> Self {
        Self { op: PatchOp::Replace, path: Some(path), value: Some(value) }
    }

    /// `remove` at a path.
    pub fn remove(path: PatchPath) -> Self {
        Self { op: PatchOp::Remove, path: Some(path), value: None }
    }

    fn read(operation: &Value) -> Result<Self, ScimError> {
        let operation = operation.as_object().ok_or_else(|| syntax("an operation is not an object"))?;
        let op = json::text(operation, "op")
            .and_then(PatchOp::parse)
            .ok_or_else(|| syntax("an operation has no \"op\" of add, replace or remove"))?;
        let path = match json::find(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.is_empty() => None,
            Some(Value::String(path)) => Some(PatchPath::parse(path).map_err(|error| {
                ScimError::bad_request(ScimType::InvalidPath, format!("the path {path:?} is wrong: {error}"))
            })?),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(ScimError::bad_request(ScimType::InvalidPath, "a path is not a string"));
            }
        };
        Ok(Self { op, path, value: json::find(operation, "value").cloned() })
    }

    fn to_json(&self) -> Value {
        let mut operation = Map::from_iter([("op".to_owned(), self.op.as_str().into())]);
        if let Some(path) = &self.path {
            operation.insert("path".to_owned(), path.to_string().into());
        }
        if let Some(value) = &self.value {
            operation.insert("value".to_owned(), value.clone());
        }
        operation.into()
    }
}

/// A PATCH request's body: operations, done in order, all or none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatchRequest {
    /// The operations.
    pub operations: Vec<PatchOperation>,
}

impl PatchRequest {
    /// Reads a body. It must name the schema of a patch, as RFC 7644 §3.5.2 says.
    pub fn read(body: &Value) -> Result<Self, ScimError> {
        let body = body.as_object().ok_or_else(|| syntax("the body is not an object"))?;
        if !json::texts(body, "schemas").any(|urn| urn.eq_ignore_ascii_case(PATCH_OP_SCHEMA)) {
            return Err(syntax(format!("\"schemas\" does not name {PATCH_OP_SCHEMA}")));
        }
        let Some(Value::Array(operations)) = json::find(body, "Operations") else {
            return Err(syntax("\"Operations\" is not an array"));
        };
        if operations.is_empty() || operations.len() > MAX_OPERATIONS {
            return Err(syntax(format!("\"Operations\" needs 1 to {MAX_OPERATIONS} operations")));
        }
        Ok(Self { operations: operations.iter().map(PatchOperation::read).collect::<Result<_, _>>()? })
    }

    /// The body.
    pub fn to_json(&self) -> Value {
        let operations: Vec<Value> = self.operations.iter().map(PatchOperation::to_json).collect();
        json!({ "schemas": [PATCH_OP_SCHEMA], "Operations": operations })
    }
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}
