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
        let mut text = format!("IAM Identity Center is emulated on {listen}\n\n");
        if let (Some(tenant), Some(endpoint), Some(token)) = (&self.tenant, &self.endpoint, &self.token_file)
        {
            let token_is = ("access token", format!("in {token}"));
            text += &facts([("SCIM endpoint", endpoint.clone()), token_is, admin, self.state()]);
            let token = quoted(token);
            text += "\nTry it, in another terminal:\n";
            text +=
                &format!("  curl -H \"Authorization: Bearer $(cat {token})\" '{endpoint}/Users?cursor='\n");
            text += &format!("  curl {console}/tenants/{tenant}/requests\n");
            text += "\nProvision into it:\n  usher app add aws --template aws\n";
            text += &format!("  usher app authorize aws --endpoint {endpoint} --token-file {token}\n");
        } else {
            text += &facts([admin, self.state()]);
            text +=
                "\nMake a tenant that can be provisioned into, or start with --ready --token-file FILE:\n";
            text += &format!("  curl -d '{{\"ready\": true}}' {console}/tenants\n");
        }
        text += "\nCtrl-C ends it.\n";
        text
    }
}

/// A file's name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}
