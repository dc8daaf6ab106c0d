//! What is said once the emulator listens: where everything is, and what to try.

use std::path::Path;

use serde::Serialize;
use usher_emulator::workspace::admin::Summary;

use super::ready::Ready;
use crate::output::{Answer, facts, number_of, quoted};

/// Where everything is. Without `--ready` there is no key to speak of.
#[derive(Serialize)]
pub(super) struct Started {
    listen: String,
    /// Where the emulator itself is administered.
    console: String,
    token_uri: String,
    customer: String,
    domain: String,
    users: usize,
    groups: usize,
    admin: Option<String>,
    service_account: Option<String>,
    key_file: Option<String>,
    state_file: Option<String>,
}

impl Started {
    pub(super) fn new(listen: &str, state: Option<&Path>, summary: Summary, ready: Option<Ready>) -> Self {
        let Summary { customer, domain, users, deleted_users: _, groups } = summary;
        let (admin, service_account, key_file) = match ready {
            Some(Ready { admin, service_account, key_file }) => {
                (Some(admin), Some(service_account), Some(key_file))
            }
            None => (None, None, None),
        };
        Self {
            listen: listen.to_owned(),
            console: format!("{listen}/emulator"),
            token_uri: format!("{listen}/token"),
            customer,
            domain,
            users: users.unwrap_or(0),
            groups: groups.unwrap_or(0),
            admin,
            service_account,
            key_file,
            state_file: state.map(|file| file.display().to_string()),
        }
    }

    fn next(&self) -> String {
        let Self { listen, console, .. } = self;
        let (Some(admin), Some(key)) = (&self.admin, &self.key_file) else {
            return format!(
                "Take a directory in, or start with --ready --key-file FILE:\n  \
                 curl --data-binary @company.json {console}/seed\n"
            );
        };
        let key = quoted(key);
        format!(
            "Try it, in another terminal:\n  \
             curl {console}/counters\n  \
             usher directory add google --google --api-root {listen} --admin {admin} --key-file {key}\n\n\
             Google's clients read it with {key}, whose token_uri leads here, acting for {admin},\n\
             with {listen} as the endpoint of the API.\n"
        )
    }
}

impl Answer for Started {
    fn text(&self) -> String {
        let Self { listen, console, customer, domain, .. } = self;
        let gone = "in memory alone, and gone at the end (--state FILE keeps it)";
        let people = number_of(self.users as u64, "user", "users");
        let groups = number_of(self.groups as u64, "group", "groups");
        let mut known = vec![("organisation", format!("{domain}, customer {customer}; {people}, {groups}"))];
        if let (Some(admin), Some(account), Some(key)) = (&self.admin, &self.service_account, &self.key_file)
        {
            known.push(("administrator", admin.clone()));
            known.push(("service account", format!("{account}, its key in {key}")));
        }
        known.push(("emulator API", format!("{console} (GET it to see what it does)")));
        known.push(("state", self.state_file.clone().unwrap_or_else(|| gone.to_owned())));
        let known = facts(known);
        let next = self.next();
        format!("Google Workspace is emulated on {listen}\n\n{known}\n{next}\nCtrl-C ends it.\n")
    }
}
