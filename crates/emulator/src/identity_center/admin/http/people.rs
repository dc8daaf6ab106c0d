//! Users and groups with their members, and edits by another hand.

use serde::Serialize;
use serde_json::json;

use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Paged, Reply};
use crate::identity_center::edit::Edit;
use crate::identity_center::people::{GroupInfo, Member};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/users",
        what: "users as SCIM shows them, in the order they were made",
        examples: &["?skip=0&limit=100"],
        run: users,
    },
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/users/{user}",
        what: "one user, by id or user name",
        examples: &[],
        run: user,
    },
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/groups",
        what: "groups with their members, which SCIM never shows, in the order they were made",
        examples: &["?skip=0&limit=100"],
        run: groups,
    },
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/groups/{group}",
        what: "one group with its members, by id or display name",
        examples: &[],
        run: group,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/edits",
        what: "an edit by another hand, past SCIM: create-user, change-user, enable-user, disable-user, delete-user, \
               create-group, rename-group, identify-group, delete-group, add-member, remove-member",
        examples: EDITS,
        run: edit,
    },
];

/// One edit of each kind, in an order in which they can be tried one after the other.
const EDITS: &[&str] = &[
    r#"{"kind": "create-user", "attributes": {"userName": "ada@example.com", "displayName": "Ada Byron", "name": {"givenName": "Ada", "familyName": "Byron"}, "nickName": "Countess"}}"#,
    r#"{"kind": "change-user", "user": "ada@example.com", "attributes": {"title": "Analyst", "name.familyName": "Lovelace", "nickName": null}}"#,
    r#"{"kind": "disable-user", "user": "ada@example.com"}"#,
    r#"{"kind": "enable-user", "user": "ada@example.com"}"#,
    r#"{"kind": "create-group", "display_name": "Engineers", "description": "whoever builds"}"#,
    r#"{"kind": "add-member", "group": "Engineers", "user": "ada@example.com"}"#,
    r#"{"kind": "remove-member", "group": "Engineers", "user": "ada@example.com"}"#,
    r#"{"kind": "rename-group", "group": "Engineers", "display_name": "Builders"}"#,
    r#"{"kind": "identify-group", "group": "Builders", "external_id": "somebody-elses"}"#,
    r#"{"kind": "delete-group", "group": "Builders"}"#,
    r#"{"kind": "delete-user", "user": "ada@example.com"}"#,
];

#[derive(Serialize)]
struct GroupView {
    id: String,
    display_name: String,
    external_id: Option<String>,
    description: Option<String>,
    created_at: String,
    modified_at: String,
    members: Vec<Member>,
}

impl From<GroupInfo> for GroupView {
    fn from(group: GroupInfo) -> Self {
        Self {
            id: group.id,
            display_name: group.display_name,
            external_id: group.external_id,
            description: group.description,
            created_at: group.created_at.to_string(),
            modified_at: group.modified_at.to_string(),
            members: group.members,
        }
    }
}

fn users(call: &Call<'_>) -> Result<Reply, AdminError> {
    let Paged { from, most } = call.paged("skip")?;
    Ok(Reply::ok(&json!({ "users": call.center.users(call.tenant(), from, most)? })))
}

fn user(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&call.center.user(call.tenant(), call.id("user"))?))
}

fn groups(call: &Call<'_>) -> Result<Reply, AdminError> {
    let Paged { from, most } = call.paged("skip")?;
    let groups = call.center.groups(call.tenant(), from, most)?;
    Ok(Reply::ok(&json!({ "groups": groups.into_iter().map(GroupView::from).collect::<Vec<_>>() })))
}

fn group(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&GroupView::from(call.center.group(call.tenant(), call.id("group"))?)))
}

fn edit(call: &Call<'_>) -> Result<Reply, AdminError> {
    let edit: Edit = call.read()?;
    Ok(Reply::ok(&json!({ "id": call.center.edit(call.tenant(), &edit)? })))
}
