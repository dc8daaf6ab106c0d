//! What is said once the emulator listens: where everything is, and what to try.

use std::path::Path;

use serde::Serialize;
use usher_emulator::identity_center::admin::TenantInfo;

use super::ready::Ready;
use crate::output::{Answer, facts, number_of, quoted};

/// Where everything is. Without `--ready` there is no tenant to speak of.
#[derive(Serialize)]
pub(super) struct Started {
    listen: String,
    console: String,
    tenant: Option<String>,
    endpoint: Option<String>,
    token_file: Option<String>,
    state_file: Option<String>,
    /// The tenants that were there before.
    tenants: Vec<Kept>,
}

/// A tenant that the state file held. Its tokens are shown nowhere.
#[derive(Serialize)]
struct Kept {
    tenant: String,
    /// While provisioning is on.
    endpoint: Option<String>,
    provisioning: bool,
    users: usize,
    groups: usize,
}

impl From<TenantInfo> for Kept {
    fn from(tenant: TenantInfo) -> Self {
        let TenantInfo { id, is_provisioning, endpoint, users, groups, .. } = tenant;
        Self { tenant: id, endpoint, provisioning: is_provisioning, users, groups }
    }
}

impl Kept {
    fn text(&self) -> String {
        let Self { tenant, endpoint, provisioning: _, users, groups } = self;
        let people = number_of(*users as u64, "user", "users");
        let groups = number_of(*groups as u64, "group", "groups");
        let is = endpoint.as_ref().map_or_else(
            || "provisioning is off".to_owned(),
            |endpoint| format!("provisioning is on at {endpoint}"),
        );
        format!("{tenant}: {is}; {people}, {groups}")
    }
}

impl Started {
    /// `kept`: the tenants that were there before.
    pub(super) fn new(
        listen: String,
        state: Option<&Path>,
        kept: Vec<TenantInfo>,
        ready: Option<Ready>,
    ) -> Self {
        let console = format!("{listen}/admin");
        let state_file = state.map(|file| file.display().to_string());
        let (tenant, endpoint, token_file) = match ready {
            Some(Ready { tenant, endpoint, token_file }) => (Some(tenant), Some(endpoint), Some(token_file)),
            None => (None, None, None),
        };
        let tenants = kept.into_iter().map(Kept::from).collect();
        Self { listen, console, tenant, endpoint, token_file, state_file, tenants }
    }

    /// The tenants that were there before, a line each.
    fn kept(&self) -> Option<(&'static str, String)> {
        let lines: Vec<_> = self.tenants.iter().map(Kept::text).collect();
        (!lines.is_empty()).then(|| ("tenants kept", lines.join("\n")))
    }

    /// What to try where no tenant was asked to be ready.
    fn first_steps(&self) -> String {
        let console = &self.console;
        let Some(kept) = self.tenants.iter().find(|tenant| tenant.provisioning) else {
            return format!(
                "Make a tenant that can be provisioned into, or start with --ready --token-file FILE:\n  \
                 curl -d '{{\"ready\": true}}' {console}/tenants\n"
            );
        };
        format!(
            "Access tokens go on as they were and are not shown again; another one, at most two in all:\n  \
             curl -X POST {console}/tenants/{}/tokens\n",
            kept.tenant
        )
    }

    fn state(&self) -> (&'static str, String) {
        let gone = "in memory alone, and gone at the end (--state FILE keeps it)";
        ("state", self.state_file.clone().unwrap_or_else(|| gone.to_owned()))
    }
}

impl Answer for Started {
    fn text(&self) -> String {
        let Self { listen, console, .. } = self;
        let pages = ("AWS's pages", format!("{listen} (in a browser)"));
        let admin = ("admin API", format!("{console} (GET it to see what it does)"));
        let begin = format!("IAM Identity Center is emulated on {listen}\n");
        let (known, next) = if let (Some(tenant), Some(endpoint), Some(token)) =
            (&self.tenant, &self.endpoint, &self.token_file)
        {
            let token_is = ("access token", format!("in {token}"));
            let known = [("SCIM endpoint", endpoint.clone()), token_is, pages, admin, self.state()];
            let known = facts(known.into_iter().chain(self.kept()));
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
            (facts([pages, admin, self.state()].into_iter().chain(self.kept())), self.first_steps())
        };
        format!("{begin}\n{known}\n{next}\nCtrl-C ends it.\n")
    }
}
