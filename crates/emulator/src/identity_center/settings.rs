//! How a tenant behaves where AWS's documentation is silent, and its limits.
//!
//! Each switch says what is unknown and what the default is. The defaults are the stricter reading where a client that
//! keeps to it also works under the laxer one.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::identity_center::source::Network;

/// The behaviour of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with its own default")]
pub struct Settings {
    /// What `PutUser` answers with. The documentation's example shows 201 (default); clients also accept 200.
    pub put_user: PutStatus,
    /// Whether user names, e-mail addresses and group names are compared without regard to case. Unknown; default yes,
    /// as the schema says `caseExact: false`. External ids are always compared exactly.
    pub folds_case: bool,
    /// What an operation that does not exist is answered with, as PUT of a group or `/Bulk`. Default 400: "unsupported
    /// operation" stands under `ValidationException`.
    pub unsupported_operation: BadRequestOr404,
    /// The state of a user created without `active`. Unknown; default true.
    pub active_default: bool,
    /// The answer to a new member that does not exist. Unknown; default 404, as the Identity Store says.
    pub unknown_member: BadRequestOr404,
    /// Adding somebody who is a member. Unknown; default accept, as RFC 7644 says.
    pub existing_member: Tolerance,
    /// Removing somebody who is not a member. Unknown; default accept.
    pub absent_member: Tolerance,
    /// The path `members[value eq "…"]` in a PATCH of a group. Unknown; default refuse: AWS documents lists of values.
    pub member_path: Tolerance,
    /// Paths with a filter on a user's list attribute, as `emails[type eq "work"].value`. Default accept.
    pub list_path: Tolerance,
    /// `null` for an attribute. Unknown; default accept, as though it were absent.
    pub nulls: Tolerance,
    /// Attributes that AWS names as unsupported (`password`, `photos`, `display`, …). Default refuse; accepting means
    /// ignoring.
    pub unsupported_attributes: Tolerance,
    /// Attributes that no SCIM schema of AWS knows. Unknown; default refuse; accepting means ignoring.
    pub unknown_attributes: Tolerance,
    /// `roles` in a PATCH: not in AWS's list of targets; default refuse.
    pub patched_roles: Tolerance,
    /// A `count` above 100. Unknown; default refuse; accepting means 100.
    pub oversized_count: Tolerance,
    /// A list of the users of a group that does not exist. The documentation names no 404 there; default an empty list.
    pub unknown_group_filter: EmptyOr404,
    /// Whether `profileUrl`, which is accepted, is shown. It is missing from every example; default no.
    pub shows_profile_url: bool,
    /// Whether the names `Administrator` and `AWSAdministrators` are refused. Default yes.
    pub reserves_names: bool,
    /// What replacing or emptying the members of a group does: a 400 now (default), the behaviour of 2024 otherwise.
    pub member_replace: MemberReplace,
    /// How new ids look: a UUID (default), or ten digits of the store before it, as in older stores.
    pub id_format: IdFormat,
    /// The body of a 401. No capture exists; default AWS's own error body.
    pub unauthorized_body: UnauthorizedBody,
    /// Whether errors carry `x-amzn-ErrorType`. Not confirmed; default no.
    pub error_type_header: bool,
    /// The `Retry-After` of a 429, in seconds. Not documented; default none.
    pub retry_after_seconds: Option<u32>,
    /// Writes a second for each operation; none: unlimited. Default 25.
    pub writes_per_second: Option<u32>,
    /// Reads a second for each operation; none: unlimited. Default 40.
    pub reads_per_second: Option<u32>,
    /// Changes of memberships a second, over all operations; none: unlimited. The number is not published; default 100,
    /// which is one full request.
    pub membership_changes_per_second: Option<u32>,
    /// How long a cursor is good for, in seconds; none: for ever (default). Unknown.
    pub cursor_seconds: Option<u32>,
    /// Networks that requests may come from (`192.0.2.0/24`); none: from anywhere (default). Others get 403.
    pub allowed_sources: Option<Vec<Network>>,
    /// The most users. Default 200,000. What AWS says beyond is unknown; here a 400.
    pub max_users: usize,
    /// The most groups. Default 100,000.
    pub max_groups: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            put_user: PutStatus::Created,
            folds_case: true,
            unsupported_operation: BadRequestOr404::BadRequest,
            active_default: true,
            unknown_member: BadRequestOr404::NotFound,
            existing_member: Tolerance::Accept,
            absent_member: Tolerance::Accept,
            member_path: Tolerance::Refuse,
            list_path: Tolerance::Accept,
            nulls: Tolerance::Accept,
            unsupported_attributes: Tolerance::Refuse,
            unknown_attributes: Tolerance::Refuse,
            patched_roles: Tolerance::Refuse,
            oversized_count: Tolerance::Refuse,
            unknown_group_filter: EmptyOr404::Empty,
            shows_profile_url: false,
            reserves_names: true,
            member_replace: MemberReplace::Refuse,
            id_format: IdFormat::Bare,
            unauthorized_body: UnauthorizedBody::Scim,
            error_type_header: false,
            retry_after_seconds: None,
            writes_per_second: Some(25),
            reads_per_second: Some(40),
            membership_changes_per_second: Some(100),
            cursor_seconds: None,
            allowed_sources: None,
            max_users: 200_000,
            max_groups: 100_000,
        }
    }
}

impl Settings {
    /// The same without any limit on the number of requests: for benchmarks.
    #[must_use]
    pub fn unlimited(self) -> Self {
        Self { writes_per_second: None, reads_per_second: None, membership_changes_per_second: None, ..self }
    }

    /// Whether a request from there is let in. What comes from this process is.
    pub(crate) fn lets_in(&self, source: Option<IpAddr>) -> bool {
        match (&self.allowed_sources, source) {
            (Some(networks), Some(source)) => networks.iter().any(|network| network.contains(source)),
            (Some(_), None) | (None, Some(_) | None) => true,
        }
    }
}

/// The status of a `PutUser` that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PutStatus {
    /// 201.
    Created,
    /// 200.
    Ok,
}

/// Which of two refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadRequestOr404 {
    /// 400.
    BadRequest,
    /// 404.
    NotFound,
}

/// Nothing found, or a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyOr404 {
    /// 200 without resources.
    Empty,
    /// 404.
    NotFound,
}

/// Whether something doubtful passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tolerance {
    /// It passes.
    Accept,
    /// 400 (409 where somebody is a member already, 404 where they are not).
    Refuse,
}

/// What replacing members does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberReplace {
    /// 400, and nothing happens.
    Refuse,
    /// As seen in April 2024: without members 204 and nothing happens; with an empty member 400, and the group is
    /// emptied.
    Quirks2024,
}

/// How ids look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdFormat {
    /// A UUID.
    Bare,
    /// Ten hexadecimal digits, a hyphen, a UUID.
    Prefixed,
}

/// How a 401 looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnauthorizedBody {
    /// AWS's SCIM error.
    Scim,
    /// `{"message":"Unauthorized"}`, as AWS's gateways say it.
    Message,
    /// Nothing.
    Empty,
}
