//! Faults on command: put in force, listed, ended.

use serde_json::json;

use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::fault::FaultRule;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/faults",
        what: "the faults in force, how many requests each could have met, and how many it did",
        examples: &[],
        run: list,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/faults",
        what: "puts a fault in force: lost-request, lost-answer, too-many-requests, too-many-requests-until, \
               server-error, slow, short-page, stale-read, bad-request-with-effect, no-effect, edit (by another hand); \
               when: always, next, every, at, chance",
        examples: &[
            r#"{"operations": ["CreateUser"], "fault": {"kind": "lost-answer"}, "when": {"kind": "every", "nth": 10}}"#,
        ],
        run: add,
    },
    Endpoint {
        method: "DELETE",
        path: "/admin/tenants/{tenant}/faults",
        what: "ends every fault",
        examples: &[],
        run: end_all,
    },
    Endpoint {
        method: "DELETE",
        path: "/admin/tenants/{tenant}/faults/{fault}",
        what: "ends one fault",
        examples: &[],
        run: end,
    },
];

fn list(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&json!({ "faults": call.center.faults(call.tenant())? })))
}

fn add(call: &Call<'_>) -> Result<Reply, AdminError> {
    let rule: FaultRule = call.read()?;
    Ok(Reply::created(&json!({ "id": call.center.add_fault(call.tenant(), rule)? })))
}

fn end(call: &Call<'_>) -> Result<Reply, AdminError> {
    let id = call.id("fault");
    let id = id.parse().map_err(|_| AdminError::missing("fault", id))?;
    call.center.end_fault(call.tenant(), id)?;
    Ok(Reply::nothing())
}

fn end_all(call: &Call<'_>) -> Result<Reply, AdminError> {
    call.center.end_faults(call.tenant())?;
    Ok(Reply::nothing())
}
