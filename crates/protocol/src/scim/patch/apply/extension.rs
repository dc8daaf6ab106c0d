//! Schema extensions: objects under their URN, listed in `schemas`.

use serde_json::{Map, Value};

use super::{Change, PatchOptions, Setting, invalid_path, invalid_value, set};
use crate::json;
use crate::scim::ENTERPRISE_USER_SCHEMA;
use crate::scim::attribute::{AttributePath, is_core_schema};
use crate::scim::error::ScimError;
use crate::scim::path::PatchPath;

/// Whether the URN names an extension, and not an attribute whose schema it looks like.
pub(super) fn is_extension_of(resource: &Map<String, Value>, urn: &str) -> bool {
    !is_core_schema(urn)
        && (urn.eq_ignore_ascii_case(ENTERPRISE_USER_SCHEMA) || json::spelling(resource, urn).is_some())
}

/// The path is the extension's URN itself.
pub(super) fn change_whole(
    resource: &mut Map<String, Value>,
    urn: &str,
    change: Change,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let (setting, value) = match change {
        Change::Remove(_) => {
            let key = json::spelling(resource, urn).unwrap_or_else(|| urn.to_owned());
            keep(resource, key, Map::new());
            return Ok(());
        }
        Change::Add(value) => (Setting::Add, value),
        Change::Replace(value) => (Setting::Replace, value),
    };
    let Value::Object(attributes) = value else {
        return Err(invalid_value(format!("the extension {urn} needs an object of attributes")));
    };
    for (name, value) in attributes {
        let path = AttributePath::parse(&format!("{urn}:{name}"))
            .ok_or_else(|| invalid_path(format!("the attribute {name:?} is wrong")))?;
        set(resource, &PatchPath::Attribute(path), setting, value, options)?;
    }
    Ok(())
}

/// Puts an extension back, and keeps `schemas` in step with it (RFC 7643 §3.1).
pub(super) fn keep(resource: &mut Map<String, Value>, urn: String, extension: Map<String, Value>) {
    let listed = json::texts(resource, "schemas").any(|listed| listed.eq_ignore_ascii_case(&urn));
    let key = json::spelling(resource, "schemas");
    let schemas = key.and_then(|key| resource.get_mut(&key)).and_then(Value::as_array_mut);
    if extension.is_empty() {
        if let Some(schemas) = schemas {
            schemas.retain(|listed| !listed.as_str().is_some_and(|listed| listed.eq_ignore_ascii_case(&urn)));
        }
        resource.remove(&urn);
        return;
    }
    if let Some(schemas) = schemas
        && !listed
    {
        schemas.push(urn.clone().into());
    }
    resource.insert(urn, extension.into());
}
