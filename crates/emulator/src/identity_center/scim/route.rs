//! Which operation a method and a path are.

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::settings::{BadRequestOr404, Settings};
use serde::{Deserialize, Serialize};

/// The operations that AWS offers; each has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// `POST /Users`.
    CreateUser,
    /// `GET /Users/{id}`.
    GetUser,
    /// `GET /Users`.
    ListUsers,
    /// `PUT /Users/{id}`.
    PutUser,
    /// `PATCH /Users/{id}`.
    PatchUser,
    /// `DELETE /Users/{id}`.
    DeleteUser,
    /// `POST /Groups`.
    CreateGroup,
    /// `GET /Groups/{id}`.
    GetGroup,
    /// `GET /Groups`.
    ListGroups,
    /// `PATCH /Groups/{id}`.
    PatchGroup,
    /// `DELETE /Groups/{id}`.
    DeleteGroup,
    /// `GET /ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `GET /ResourceTypes`.
    ListResourceTypes,
    /// `GET /Schemas`.
    ListSchemas,
    /// `GET /Schemas/{urn}`.
    GetSchema,
}

impl Operation {
    /// AWS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateUser => "CreateUser",
            Self::GetUser => "GetUser",
            Self::ListUsers => "ListUsers",
            Self::PutUser => "PutUser",
            Self::PatchUser => "PatchUser",
            Self::DeleteUser => "DeleteUser",
            Self::CreateGroup => "CreateGroup",
            Self::GetGroup => "GetGroup",
            Self::ListGroups => "ListGroups",
            Self::PatchGroup => "PatchGroup",
            Self::DeleteGroup => "DeleteGroup",
            Self::ServiceProviderConfig => "ServiceProviderConfig",
            Self::ListResourceTypes => "ListResourceTypes",
            Self::ListSchemas => "ListSchemas",
            Self::GetSchema => "GetSchema",
        }
    }

    /// Whether it changes something.
    pub fn is_write(self) -> bool {
        match self {
            Self::CreateUser
            | Self::PutUser
            | Self::PatchUser
            | Self::DeleteUser
            | Self::CreateGroup
            | Self::PatchGroup
            | Self::DeleteGroup => true,
            Self::GetUser
            | Self::ListUsers
            | Self::GetGroup
            | Self::ListGroups
            | Self::ServiceProviderConfig
            | Self::ListResourceTypes
            | Self::ListSchemas
            | Self::GetSchema => false,
        }
    }
}

/// An operation, with the id that its path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) operation: Operation,
    pub(crate) id: &'a str,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Routed<'a> {
    To(Route<'a>),
    /// Something that SCIM knows and AWS does not offer.
    Unsupported,
    /// Nothing is there.
    Nowhere,
}

/// Finds the tenant of a path, and what follows `/scim/v2`.
pub(crate) fn tenant(path: &str) -> Option<(&str, &str)> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    let rest = rest.strip_prefix("scim/v2")?;
    Some((tenant, rest))
}

/// Finds the operation. The path is what follows `/scim/v2`; a slash at its end makes no difference.
pub(crate) fn route<'a>(method: &str, path: &'a str) -> Routed<'a> {
    let Some(path) = path.strip_prefix('/') else { return Routed::Nowhere };
    let path = path.strip_suffix('/').unwrap_or(path);
    let (collection, id) = match path.split_once('/') {
        Some((collection, id)) => (collection, Some(id)),
        None => (path, None),
    };
    if id.is_some_and(|id| id.is_empty() || id.contains('/')) {
        return Routed::Nowhere;
    }
    let operation = match (collection, method, id) {
        ("Users", "POST", None) => Operation::CreateUser,
        ("Users", "GET", Some(id)) if id != ".search" => Operation::GetUser,
        ("Users", "GET", None) => Operation::ListUsers,
        ("Users", "PUT", Some(_)) => Operation::PutUser,
        ("Users", "PATCH", Some(_)) => Operation::PatchUser,
        ("Users", "DELETE", Some(_)) => Operation::DeleteUser,
        ("Groups", "POST", None) => Operation::CreateGroup,
        ("Groups", "GET", Some(id)) if id != ".search" => Operation::GetGroup,
        ("Groups", "GET", None) => Operation::ListGroups,
        ("Groups", "PATCH", Some(_)) => Operation::PatchGroup,
        ("Groups", "DELETE", Some(_)) => Operation::DeleteGroup,
        ("ServiceProviderConfig", "GET", None) => Operation::ServiceProviderConfig,
        ("ResourceTypes", "GET", None) => Operation::ListResourceTypes,
        ("Schemas", "GET", None) => Operation::ListSchemas,
        ("Schemas", "GET", Some(_)) => Operation::GetSchema,
        ("Users" | "Groups" | "ServiceProviderConfig" | "ResourceTypes" | "Schemas", _, _)
        | ("Bulk" | "Me" | ".search", _, None) => return Routed::Unsupported,
        _ => return Routed::Nowhere,
    };
    Routed::To(Route { operation, id: id.unwrap_or_default() })
}

/// What is said of a request that goes nowhere.
pub(crate) fn astray(routed: Routed<'_>, settings: &Settings) -> Refusal {
    match (routed, settings.unsupported_operation) {
        (Routed::Unsupported, BadRequestOr404::BadRequest) => Refusal::unparsable(),
        (Routed::Unsupported, BadRequestOr404::NotFound) | (Routed::Nowhere | Routed::To(_), _) => {
            Refusal::not_found("Endpoint not found.")
        }
    }
}
