//! A request as it came, and what it asks for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::Refused;
use super::resources::Kind;

/// The path of the base URL.
pub(super) const BASE_PATH: &str = "/scim/v2";

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query, encoded.
    pub(super) target: String,
    /// The value of `Authorization`.
    pub(super) authorization: Option<String>,
    pub(super) body: String,
}

/// What a path means. The base path is gone, and its segments are decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    All(Kind),
    One(Kind, String),
    ServiceProviderConfig,
}

impl Asked {
    /// What the path means; below another base path, nothing does.
    pub(super) fn endpoint(&self, base_path: &str) -> Option<Endpoint> {
        let path = self.target.split('?').next().unwrap_or_default();
        let segments: Vec<String> =
            path.strip_prefix(base_path)?.strip_prefix('/')?.split('/').map(percent_decoded).collect();
        let kind = |name: &str| match name {
            "Users" => Some(Kind::User),
            "Groups" => Some(Kind::Group),
            _ => None,
        };
        match segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["ServiceProviderConfig"] => Some(Endpoint::ServiceProviderConfig),
            [name] => Some(Endpoint::All(kind(name)?)),
            [name, id] if !id.is_empty() => Some(Endpoint::One(kind(name)?, id.to_owned())),
            _ => None,
        }
    }

    /// What the path is of, if it is of users or of groups.
    pub(super) fn kind(&self, base_path: &str) -> Option<Kind> {
        match self.endpoint(base_path)? {
            Endpoint::All(kind) | Endpoint::One(kind, _) => Some(kind),
            Endpoint::ServiceProviderConfig => None,
        }
    }

    /// The query's parameters, decoded; of two with one name the later counts.
    pub(super) fn parameters(&self) -> BTreeMap<String, String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (percent_decoded(name), percent_decoded(&value.replace('+', " "))))
            .collect()
    }

    pub(super) fn json(&self) -> Result<Value, Refused> {
        serde_json::from_str(&self.body)
            .map_err(|error| Refused::new(400, "invalidSyntax", format!("the body is not JSON: {error}")))
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.get(..2).and_then(hex)).flatten();
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str) -> Asked {
        Asked { method: "GET".into(), target: target.into(), authorization: None, body: String::new() }
    }

    #[test]
    fn an_encoded_slash_belongs_to_the_id() {
        let endpoint = asked("/scim/v2/Users/a%2Fb%20c@d?x=1").endpoint("/scim/v2");
        assert_eq!(endpoint, Some(Endpoint::One(Kind::User, "a/b c@d".into())));
        assert_eq!(asked("/scim/v2/Users/a/b").endpoint("/scim/v2"), None);
        assert_eq!(asked("/other/Users").endpoint("/scim/v2"), None);
    }

    #[test]
    fn parameters_are_decoded_and_an_empty_one_is_there() {
        let parameters = asked("/Users?filter=id%20eq%20%22%2b%22&cursor=&a=b+c").parameters();
        assert_eq!(parameters["filter"], "id eq \"+\"");
        assert_eq!(parameters["cursor"], "");
        assert_eq!(parameters["a"], "b c");
    }
}
