//! What the endpoint says of itself. The documents are AWS's in content, drifted parts included: `maxResults` 50 is
//! stale, and nothing tells that lists go by cursor.

use std::sync::LazyLock;

use serde_json::Value;

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;

static CONFIG: LazyLock<Value> =
    LazyLock::new(|| document(include_str!("discovery/service_provider_config.json")));
static RESOURCE_TYPES: LazyLock<Value> =
    LazyLock::new(|| document(include_str!("discovery/resource_types.json")));
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| document(include_str!("discovery/schemas.json")));

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("invariant: the documents are JSON")
}

/// `GET /ServiceProviderConfig`.
pub(crate) fn config() -> Reply {
    Reply::json(200, &*CONFIG)
}

/// `GET /ResourceTypes`.
pub(crate) fn resource_types() -> Reply {
    Reply::json(200, &*RESOURCE_TYPES)
}

/// `GET /Schemas`.
pub(crate) fn schemas() -> Reply {
    Reply::json(200, &*SCHEMAS)
}

/// `GET /Schemas/{urn}`.
pub(crate) fn schema(urn: &str) -> Result<Reply, Refusal> {
    let schemas = SCHEMAS.get("Resources").and_then(Value::as_array);
    let found =
        schemas.into_iter().flatten().find(|schema| schema.get("id").and_then(Value::as_str) == Some(urn));
    found.map(|schema| Reply::json(200, schema)).ok_or(Refusal::not_found("Schema not found."))
}
