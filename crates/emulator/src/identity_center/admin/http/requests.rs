//! The request log, by pages, and its counters.

use serde::Serialize;
use serde_json::json;

use crate::identity_center::Operation;
use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Paged, Reply};
use crate::identity_center::log::LoggedRequest;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/requests",
        what: "the last requests to the SCIM endpoint, oldest first; the next page is after `next`",
        examples: &["?after=0&limit=100"],
        run: list,
    },
    Endpoint {
        method: "DELETE",
        path: "/admin/tenants/{tenant}/requests",
        what: "forgets the requests, and begins the counters anew",
        examples: &[],
        run: clear,
    },
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/counters",
        what: "how many requests there were, by operation and by status, and the most in one second",
        examples: &[],
        run: counters,
    },
];

#[derive(Serialize)]
struct RequestView {
    n: u64,
    request_id: String,
    at: String,
    at_micros: i64,
    duration_micros: u64,
    method: String,
    target: String,
    operation: Option<Operation>,
    subject: Option<String>,
    status: Option<u16>,
    exception: Option<&'static str>,
    fault: Option<&'static str>,
}

impl From<LoggedRequest> for RequestView {
    fn from(logged: LoggedRequest) -> Self {
        Self {
            n: logged.n,
            request_id: logged.request_id,
            at: logged.at.to_string(),
            at_micros: logged.at.as_micros(),
            duration_micros: logged.duration_micros,
            method: logged.method,
            target: logged.target,
            operation: logged.operation,
            subject: logged.subject,
            status: logged.status,
            exception: logged.exception,
            fault: logged.fault,
        }
    }
}

fn list(call: &Call<'_>) -> Result<Reply, AdminError> {
    let Paged { from, most } = call.paged("after")?;
    let after = u64::try_from(from).unwrap_or(u64::MAX);
    let requests = call.center.requests(call.tenant(), after, most)?;
    let next = requests.last().map_or(after, |last| last.n);
    let requests: Vec<RequestView> = requests.into_iter().map(RequestView::from).collect();
    Ok(Reply::ok(&json!({ "requests": requests, "next": next })))
}

fn clear(call: &Call<'_>) -> Result<Reply, AdminError> {
    call.center.clear_log(call.tenant())?;
    Ok(Reply::nothing())
}

fn counters(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&call.center.counters(call.tenant())?))
}
