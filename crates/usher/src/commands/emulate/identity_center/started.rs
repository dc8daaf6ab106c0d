//! What is said once the emulator listens: where everything is, and what to try.

use std::path::Path;

use serde::Serialize;

use super::ready::Ready;
use crate::output::{Answer, facts};

/// Where everything is. Without `--ready` there is no tenant to speak of.
#[derive(Serialize)]
pub(super) struct Started {
    listen: String,
    console: String,
    tenant: Option<String>,
    endpoint: Option<String>,
    token_file: Option<String>,
    state_file: Option<String>,
}

impl Started {
    pub(super) fn new(listen: String, state: Option<&Path>, ready: Option<Ready>) -> Self {
        let console = format!("{listen}/admin");
        let state_file = state.map(|file| file.display().to_string());
        let (tenant, endpoint, token_file) = match ready {
            Some(Ready { tenant, endpoint, token_file }) => (Some(tenant), Some(endpoint), Some(token_file)),
            None => (None, None, None),
        };
        Self { listen, console, tenant, endpoint, token_file, state_file }
    }

    fn state(&self) -> (&'static str, String) {
        let gone = "in memory alone, and gone at the end (--state FILE keeps it)";
        ("state", self.state_file.clone().unwrap_or_else(|| gone.to_owned()))
    }
}

impl Answer for Started {
    fn text(&self) -> String {
        let Self { listen, console, .. } = self;
        let admin = ("admin API", format!("{console} (GET it to see what it does)"));
        let begin = format!("IAM Identity Center is emulated on {listen}\n");
        let (known, next) = if let (Some(tenant), Some(endpoint), Some(token)) =
            (&self.tenant, &self.endpoint, &self.token_file)
        {
            let token_is = ("access token", format!("in {token}"));
            let known = facts([("SCIM endpoint", endpoint.clone()), token_is, admin, self.state()]);
            let token = quoted(token);
            let next = format!(
                "Try it, in another terminal:\n  \
                 curl -H \"Authorization: Bearer $(cat {token})\" '{endpoint}/Users?cursor='\n  \
                 curl {console}/tenants/{tenant}/requests\n\n\
                 Provision into it:\n  \
                 usher app add aws --template aws\n  \
                 usher app authorize aws --endpoint {endpoint} --token-file {token}\n"
            );
            (known, next)
        } else {
            let next = format!(
                "Make a tenant that can be provisioned into, or start with --ready --token-file FILE:\n  \
                 curl -d '{{\"ready\": true}}' {console}/tenants\n"
            );
            (facts([admin, self.state()]), next)
        };
        format!("{begin}\n{known}\n{next}\nCtrl-C ends it.\n")
    }
}

/// A file's name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}
