//! The customer: the Google Workspace account as a whole (`Customer` in the discovery document).

use serde::{Deserialize, Serialize};

/// A customer, as far as Usher asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Never changes: `C03az79cb`. An answer without it is none.
    pub id: String,
    /// The primary domain's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_domain: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_has_an_id() {
        let body = r#"{"kind":"admin#directory#customer","id":"C03az79cb","customerDomain":"x.org"}"#;
        let customer: Customer = serde_json::from_str(body).unwrap();
        assert_eq!((customer.id.as_str(), customer.customer_domain.as_deref()), ("C03az79cb", Some("x.org")));
        assert!(serde_json::from_str::<Customer>("{}").is_err());
    }
}
