//! A resource as the server sent it, and the id it is addressed by.

use std::fmt;

use serde_json::{Map, Value};

use crate::http::Response;
use crate::json;
use crate::scim::failure::Failure;

/// The id of a resource, fit to stand in a URL.
///
/// An id is opaque (RFC 7643 §3.1): it may be an e-mail address or hold a
/// slash. It is not empty, and not `.` or `..`, which URL parsers resolve even
/// where they are encoded: a delete of such an id would go to another place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(String);

/// An id that cannot stand in a URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the app gave {0:?} as an id, which cannot stand in a URL")]
pub struct UnusableId(pub String);

impl ResourceId {
    /// Takes an id as the server gave it.
    pub fn parse(id: &str) -> Result<Self, UnusableId> {
        match id {
            "" | "." | ".." => Err(UnusableId(id.to_owned())),
            _ => Ok(Self(id.to_owned())),
        }
    }

    /// The id as the server gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A resource: a JSON object. Nothing of it is lost by reading and writing it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource(Map<String, Value>);

/// Why an answer holds no resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// The status is not one of success.
    #[error(transparent)]
    Refused(#[from] Failure),
    /// Success, without a body. What was written has to be looked up.
    #[error("the app answered {status} without a body where a resource was expected")]
    Empty {
        /// The answer's status code.
        status: u16,
    },
    /// Success, with a body that is no JSON object.
    #[error("the app answered {status} with a body that is not a JSON object")]
    NotAnObject {
        /// The answer's status code.
        status: u16,
    },
    /// The object has no `id`, or one that is not a string.
    #[error("the app answered {status} with a resource without an id")]
    MissingId {
        /// The answer's status code.
        status: u16,
    },
    /// The object's `id` cannot stand in a URL.
    #[error(transparent)]
    UnusableId(#[from] UnusableId),
}

impl Resource {
    /// A resource with these attributes, for example one that is about to be created.
    pub fn new(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// Reads the answer to a request for one resource, or to a write that
    /// answers with one. The result has an [`id`](Self::id).
    pub fn read(response: &Response) -> Result<Self, ResourceError> {
        let status = response.status;
        if !response.is_success() {
            return Err(Failure::read(response).into());
        }
        if response.is_empty() {
            return Err(ResourceError::Empty { status });
        }
        let Some(Value::Object(attributes)) = response.body_json() else {
            return Err(ResourceError::NotAnObject { status });
        };
        let resource = Self(attributes);
        ResourceId::parse(resource.id().ok_or(ResourceError::MissingId { status })?)?;
        Ok(resource)
    }

    /// The attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The attributes, to be changed.
    pub fn attributes_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// The attributes, by value.
    pub fn into_attributes(self) -> Map<String, Value> {
        self.0
    }

    /// An attribute by name, in any case.
    pub fn get(&self, name: &str) -> Option<&Value> {
        json::find(&self.0, name)
    }

    /// A string attribute by name, in any case.
    pub fn text(&self, name: &str) -> Option<&str> {
        json::text(&self.0, name)
    }

    /// `id`: the server's.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// `externalId`: ours. An empty one counts as absent.
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId").filter(|id| !id.is_empty())
    }

    /// `displayName`.
    pub fn display_name(&self) -> Option<&str> {
        self.text("displayName")
    }

    /// `schemas`.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        json::texts(&self.0, "schemas")
    }

    /// `meta.resourceType`.
    pub fn resource_type(&self) -> Option<&str> {
        json::text(self.meta()?, "resourceType")
    }

    /// `meta.version`: the entity tag, where the server has them.
    pub fn version(&self) -> Option<&str> {
        json::text(self.meta()?, "version")
    }

    /// `meta.lastModified`, as the server wrote it.
    pub fn last_modified(&self) -> Option<&str> {
        json::text(self.meta()?, "lastModified")
    }

    fn meta(&self) -> Option<&Map<String, Value>> {
        json::object(&self.0, "meta")
    }
}

impl From<Resource> for Value {
    fn from(resource: Resource) -> Self {
        Self::Object(resource.0)
    }
}

#[cfg(test)]
mod tests;
