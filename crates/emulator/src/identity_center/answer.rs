//! From a request to its answer: who is let in, what goes wrong, who has to wait, and which handler it is for.

use std::time::Duration;

use serde::Deserialize;
use usher_model::time::Timestamp;

use crate::clock::Clock;
use crate::exchange::{Outcome, Request, Response};
use crate::identity_center::edit::{self, Edit};
use crate::identity_center::fault::{Fault, Struck};
use crate::identity_center::log::{LoggedRequest, body};
use crate::identity_center::scim::query::Query;
use crate::identity_center::scim::refusal::{Exception, Refusal};
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::route::{self, Operation, Route, Routed};
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::{discovery, groups, users};
use crate::identity_center::settings::{Settings, UnauthorizedBody};
use crate::identity_center::store::Change;
use crate::identity_center::tenant::Tenant;

/// One request, once it is known whose it is.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) request: &'a Request,
    /// The path after `/scim/v2`.
    pub(crate) path: &'a str,
    pub(crate) request_id: String,
    pub(crate) at: Timestamp,
}

impl Arrival<'_> {
    fn routed(&self) -> Routed<'_> {
        route::route(&self.request.method, self.path)
    }

    fn operation(&self) -> Option<Operation> {
        match self.routed() {
            Routed::To(route) => Some(route.operation),
            Routed::Unsupported | Routed::Nowhere => None,
        }
    }

    /// Checks token and source; says what is to go wrong. An error is answered at once.
    pub(crate) fn enter(&self, tenant: &mut Tenant) -> Result<Option<Struck>, Refusal> {
        let token = self.request.header("authorization").and_then(bearer);
        if !token.is_some_and(|token| tenant.knows(token, self.at)) {
            return Err(unauthorized());
        }
        if !tenant.record.settings.lets_in(self.request.source) {
            return Err(Refusal::new(Exception::AccessDenied, "Access denied."));
        }
        Ok(self.operation().and_then(|operation| tenant.faults.strike(operation)))
    }

    /// Does what is asked, as far as the fault lets it. `None`: no answer. Changes go into `changes` either way.
    pub(crate) fn carry_out(
        &self,
        tenant: &mut Tenant,
        struck: Option<&Struck>,
        clock: &dyn Clock,
        changes: &mut Vec<Change>,
    ) -> Option<Result<Reply, Refusal>> {
        let fault = struck.map(|struck| &struck.fault);
        match fault {
            Some(Fault::LostRequest) => return None,
            Some(Fault::TooManyRequests { retry_after_seconds }) => {
                return Some(Err(Refusal::throttled(*retry_after_seconds)));
            }
            Some(Fault::TooManyRequestsUntil { seconds }) => {
                let until = clock.now() + Duration::from_secs(u64::from(*seconds));
                return Some(Err(Refusal::throttled_until(until)));
            }
            Some(Fault::Edit { edit }) => edited(tenant, edit, clock, changes),
            Some(Fault::ServerError) => {
                return Some(Err(Refusal::new(Exception::InternalServer, "Internal server error.")));
            }
            Some(
                Fault::LostAnswer
                | Fault::Slow { .. }
                | Fault::ShortPage { .. }
                | Fault::BadRequestWithEffect
                | Fault::NoEffect
                | Fault::StaleRead { .. },
            )
            | None => {}
        }
        let done = self.handled(tenant, struck, clock, changes);
        match (fault, &done) {
            (Some(Fault::LostAnswer), Ok(_)) => None,
            (Some(Fault::BadRequestWithEffect), Ok(_)) => Some(Err(Refusal::unparsable())),
            _ => Some(done),
        }
    }

    fn handled(
        &self,
        tenant: &mut Tenant,
        struck: Option<&Struck>,
        clock: &dyn Clock,
        changes: &mut Vec<Change>,
    ) -> Result<Reply, Refusal> {
        let now = clock.now();
        let Tenant { record, store, buckets, memberships, replicas, .. } = tenant;
        let settings = &record.settings;
        let route = match self.routed() {
            Routed::To(route) => route,
            astray @ (Routed::Unsupported | Routed::Nowhere) => return Err(route::astray(astray, settings)),
        };
        let rate =
            if route.operation.is_write() { settings.writes_per_second } else { settings.reads_per_second };
        if !buckets.entry(route.operation).or_default().take(1, rate, now) {
            return Err(Refusal::throttled(settings.retry_after_seconds));
        }
        let store = match struck.and_then(|struck| replicas.get_mut(&struck.rule)) {
            Some(replica) => replica.store(now),
            None => store,
        };
        let mut session = Session::new(record, store, memberships, clock, now);
        if let Some(Struck { fault: Fault::ShortPage { most }, .. }) = struck {
            session.longest_page = Some(*most);
        }
        session.has_effect = !matches!(struck, Some(Struck { fault: Fault::NoEffect, .. }));
        let done = self.dispatch(&mut session, route);
        changes.append(&mut session.changes);
        done
    }

    fn dispatch(&self, session: &mut Session<'_>, route: Route<'_>) -> Result<Reply, Refusal> {
        let (_, query) = self.request.path_and_query();
        let body = &self.request.body;
        match route.operation {
            Operation::CreateUser => users::create::run(session, body),
            Operation::GetUser => users::get::run(session, route.id),
            Operation::ListUsers => users::list::run(session, &Query::parse(query)),
            Operation::PutUser => users::put::run(session, route.id, body),
            Operation::PatchUser => users::patch::run(session, route.id, body),
            Operation::DeleteUser => users::delete::run(session, route.id),
            Operation::CreateGroup => groups::create::run(session, body),
            Operation::GetGroup => groups::get::run(session, route.id),
            Operation::ListGroups => groups::list::run(session, &Query::parse(query)),
            Operation::PatchGroup => groups::patch::run(session, route.id, body),
            Operation::DeleteGroup => groups::delete::run(session, route.id),
            Operation::ServiceProviderConfig => Ok(discovery::config()),
            Operation::ListResourceTypes => Ok(discovery::resource_types()),
            Operation::ListSchemas => Ok(discovery::schemas()),
            Operation::GetSchema => discovery::schema(route.id),
        }
    }

    /// The answer as it leaves.
    pub(crate) fn response(
        &self,
        done: Result<Reply, Refusal>,
        settings: &Settings,
        now: Timestamp,
    ) -> Response {
        let mut headers = Vec::with_capacity(4);
        headers.push(("x-amzn-RequestId", self.request_id.clone()));
        let (status, body) = match done {
            Ok(reply) => (reply.status, reply.body),
            Err(refusal) => {
                if let Some(retry_after) = refusal.retry_after {
                    headers.push(("Retry-After", retry_after.to_string()));
                }
                if settings.error_type_header {
                    headers.push(("x-amzn-ErrorType", refusal.exception.name().to_owned()));
                }
                let body = match (refusal.exception, settings.unauthorized_body) {
                    (Exception::Unauthorized, UnauthorizedBody::Message) => {
                        br#"{"message":"Unauthorized"}"#.to_vec()
                    }
                    (Exception::Unauthorized, UnauthorizedBody::Empty) => Vec::new(),
                    _ => refusal.body(&self.request_id, now),
                };
                (refusal.exception.status(), body)
            }
        };
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        Response { status, headers, body }
    }

    /// The line of the request log.
    pub(crate) fn logged(
        &self,
        outcome: &Outcome,
        exception: Option<Exception>,
        struck: Option<&Struck>,
        now: Timestamp,
    ) -> LoggedRequest {
        let operation = self.operation();
        LoggedRequest {
            n: 0,
            request_id: self.request_id.clone(),
            at: self.at,
            method: self.request.method.clone(),
            target: self.request.target.clone(),
            operation,
            subject: operation.and_then(|operation| subject(operation, &self.request.body)),
            status: match outcome {
                Outcome::Answered(response) => Some(response.status),
                Outcome::Dropped => None,
            },
            exception: exception.map(Exception::name),
            fault: struck.map(|struck| struck.fault.name()),
            duration_micros: u64::try_from(now.since(self.at).as_micros()).unwrap_or(u64::MAX),
            body: body::kept(&self.request.body),
            answer: match outcome {
                Outcome::Answered(response) => body::kept(&response.body),
                Outcome::Dropped => None,
            },
        }
    }
}

/// Another hand edits something. Whoever it is about may be gone by now: then nothing is edited.
fn edited(tenant: &mut Tenant, edit: &Edit, clock: &dyn Clock, changes: &mut Vec<Change>) {
    let Tenant { record, store, memberships, .. } = tenant;
    let mut session = Session::new(record, store, memberships, clock, clock.now());
    edit::carry_out(&mut session, edit).ok();
    changes.append(&mut session.changes);
}

/// What is said without a token, with a wrong or expired one, and to a tenant that does not exist.
pub(crate) fn unauthorized() -> Refusal {
    Refusal::new(Exception::Unauthorized, "Unauthorized: the bearer token is missing, invalid or expired.")
}

/// The token of an `Authorization` header.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whom a create is about.
fn subject(operation: Operation, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        user_name: Option<String>,
        display_name: Option<String>,
    }
    let is_create = matches!(operation, Operation::CreateUser | Operation::CreateGroup);
    let named: Named = is_create.then(|| serde_json::from_slice(body).ok())??;
    named.user_name.or(named.display_name)
}
