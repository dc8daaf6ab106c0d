//! What there is, for a newcomer.

use serde_json::{Value, json};

/// Each call, what it does, and a body as an example.
pub(super) const CALLS: &[(&str, &str, &str)] = &[
    ("GET /emulator", "this list", ""),
    ("GET /emulator/summary", "the customer id, the primary domain, how many users and groups there are", ""),
    (
        "POST /emulator/seed",
        "takes in a directory in the Directory API's JSON: domains, schemas, organizationUnits, users, groups, members",
        r#"{"users": [{"primaryEmail": "ada@example.com", "name": {"givenName": "Ada", "familyName": "Lovelace"}, "isAdmin": true}], "groups": [{"email": "all@example.com"}], "members": {"all@example.com": [{"email": "ada@example.com"}]}}"#,
    ),
    (
        "POST /emulator/access-tokens",
        "an access token of a user, as after a consent in a browser",
        r#"{"user": "ada@example.com", "scopes": ["https://www.googleapis.com/auth/admin.directory.user"]}"#,
    ),
    ("DELETE /emulator/access-tokens", "ends every access token", ""),
    ("GET /emulator/service-accounts", "the service accounts, never a private key", ""),
    (
        "POST /emulator/service-accounts",
        "makes a service account",
        r#"{"name": "usher", "project": "emulated"}"#,
    ),
    ("DELETE /emulator/service-accounts/{email}", "deletes a service account", ""),
    (
        "POST /emulator/service-accounts/{email}/keys",
        "adds a key and answers with Google's key file; with private_key, that one",
        "{}",
    ),
    ("DELETE /emulator/service-accounts/{email}/keys/{key}", "takes a key away", ""),
    (
        "PUT /emulator/service-accounts/{email}/scopes",
        "delegates scopes for all users: exactly these",
        r#"{"scopes": ["https://www.googleapis.com/auth/admin.directory.user.readonly"]}"#,
    ),
    (
        "PUT /emulator/service-accounts/{email}/role",
        "an administrator's role of its own: administrator, reader, users-reader, groups-reader, or null",
        r#"{"role": "reader"}"#,
    ),
    (
        "POST /emulator/service-accounts/{email}/signers",
        "lets a service account or a federated caller sign in its name (signJwt)",
        r#"{"caller": "machine@emulated.iam.gserviceaccount.com"}"#,
    ),
    (
        "PUT /emulator/machine",
        "whose machine the metadata server answers for",
        r#"{"service_account": "machine@emulated.iam.gserviceaccount.com"}"#,
    ),
    (
        "POST /emulator/federations",
        "knows a token of another identity provider for the token exchange",
        r#"{"audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q", "principal": "ci", "subject_token": "a.b.c"}"#,
    ),
    ("GET /emulator/faults", "the faults in force", ""),
    (
        "POST /emulator/faults",
        "puts a fault in force: lost-request, lost-answer, error, html, slow, short-page, missing-items, empty-list, \
         cut-list, expired-page-token, feed-lost, feed-doubled, feed-late; when: always, next, every, at, chance",
        r#"{"methods": ["directory.users.list"], "page": 2, "fault": {"kind": "error", "status": 503, "reason": "backendError"}, "when": {"kind": "always"}}"#,
    ),
    ("DELETE /emulator/faults", "ends every fault", ""),
    ("DELETE /emulator/faults/{id}", "ends one fault", ""),
    ("GET /emulator/methods", "the names that faults and counters know methods by", ""),
    ("GET /emulator/settings", "how it behaves, and its quotas", ""),
    ("PATCH /emulator/settings", "changes the settings that are named", r#"{"queries_per_minute": null}"#),
    ("GET /emulator/channels", "the push channels that are open", ""),
    ("GET /emulator/counters", "how many requests there were, by method and by status", ""),
    ("GET /emulator/requests", "the last requests, oldest first; ?after=0&limit=100", ""),
    ("DELETE /emulator/requests", "forgets the requests, and begins the counters anew", ""),
];

pub(super) fn shown() -> Value {
    let calls: Vec<Value> = CALLS
        .iter()
        .map(|(call, what, example)| match *example {
            "" => json!({ "call": call, "what": what }),
            example => json!({ "call": call, "what": what, "example": example }),
        })
        .collect();
    json!({
        "what": "the administration of an emulated Google Workspace; the APIs themselves are at /admin/directory/v1 and \
                 /admin/reports/v1",
        "calls": calls,
    })
}
