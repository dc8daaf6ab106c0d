//! What the checks share: requests to one tenant, and a row of findings.

use std::fmt::Debug;

use crate::http::{self, Answer};
use crate::server::Server;

/// What was found about one rule.
#[derive(Debug)]
pub struct Finding {
    pub rfc: &'static str,
    pub rule: &'static str,
    /// What was seen instead; none: the rule holds.
    pub observed: Option<String>,
}

/// The tenant under test, and what was found.
pub struct Suite {
    endpoint: String,
    token: String,
    findings: Vec<Finding>,
}

impl Suite {
    pub fn new(server: &Server) -> Self {
        Self { endpoint: server.endpoint.clone(), token: server.token.clone(), findings: Vec::new() }
    }

    /// Writes down whether a rule holds, and what was seen.
    pub fn rule(&mut self, rfc: &'static str, rule: &'static str, holds: bool, observed: impl Debug) {
        let observed = (!holds).then(|| format!("{observed:?}").chars().take(400).collect());
        self.findings.push(Finding { rfc, rule, observed });
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/scim+json")];
        http::send(method, &format!("{}{path}", self.endpoint), &headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    /// A request without a token, or with headers of its own.
    pub async fn bare(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::send(method, &format!("{}{path}", self.endpoint), headers, "").await
    }

    /// The token, for a request with headers of its own.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A new user of this name, with an e-mail address.
    pub async fn user(&self, name: &str) -> String {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","name":{{"givenName":"G","familyName":"F"}},"displayName":"G F","emails":[{{"value":"{name}@example.com","type":"work","primary":true}}]}}"#
        );
        let answer = self.send("POST", "/Users", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        id(&answer)
    }

    /// A new group of this name.
    pub async fn group(&self, name: &str) -> String {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}"}}"#
        );
        let answer = self.send("POST", "/Groups", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        id(&answer)
    }

    pub async fn patch(&self, path: &str, operations: &str) -> Answer {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
        );
        self.send("PATCH", path, &body).await
    }
}

pub fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().unwrap().to_owned()
}

/// How many resources a list holds; none: it is no list.
pub fn n_resources(answer: &Answer) -> Option<usize> {
    answer.body["Resources"].as_array().map(Vec::len)
}

/// Whether an error has this `scimType`.
pub fn has_type(answer: &Answer, scim_type: &str) -> bool {
    answer.body["scimType"] == scim_type
}
