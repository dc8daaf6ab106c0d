//! What goes wrong on the way to the app; what the app does wrong itself is the emulator's own.

use usher_emulator::identity_center::{Operation, fault as emulated};
use usher_protocol::http::{Method, Request};

use super::{operations, when};
use crate::sim::chance::Chance;
use crate::sim::op::part::{Fault, On, When};

/// The faults of the way that are in force.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<(Fault, On, When)>);

impl Rules {
    pub(super) fn add(&mut self, fault: Fault, on: On, when: When) {
        self.0.push((fault, on, when));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What happens to this request.
    pub(super) fn strike(&mut self, request: &Request, chance: &mut Chance) -> Option<Fault> {
        let mut struck = None;
        for (fault, on, when) in &mut self.0 {
            if struck.is_some() || !is_meant(*on, request) || !suits(*fault, request) {
                continue;
            }
            let strikes = match when {
                When::Next { n } => {
                    let strikes = *n > 0;
                    *n = n.saturating_sub(1);
                    strikes
                }
                When::PerMille { n } => chance.per_mille(u64::from(*n)),
            };
            struck = strikes.then_some(*fault);
        }
        self.0.retain(|(_, _, when)| *when != When::Next { n: 0 });
        struck
    }
}

fn is_meant(on: On, request: &Request) -> bool {
    match on {
        On::All => true,
        On::Reads => request.method == Method::Get,
        On::Writes => request.method.is_write(),
        On::Creates => request.method == Method::Post,
        On::Changes => matches!(request.method, Method::Patch | Method::Put),
        On::Deletes => request.method == Method::Delete,
    }
}

/// Whether it can happen to such a request at all.
fn suits(fault: Fault, request: &Request) -> bool {
    let asked = request.query.iter().find(|(name, _)| name == "cursor");
    match fault {
        Fault::ForgottenCursor | Fault::LoopingCursor => asked.is_some_and(|(_, cursor)| !cursor.is_empty()),
        Fault::BadRequestEmptied => {
            let is_of_members = |body: &serde_json::Value| {
                body["Operations"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one["path"] == "members"))
            };
            request.method == Method::Patch && request.body.as_ref().is_some_and(is_of_members)
        }
        Fault::NotSent
        | Fault::LostRequest
        | Fault::LostAnswer
        | Fault::Slow
        | Fault::Throttled { .. }
        | Fault::ServerError
        | Fault::NothingDone
        | Fault::BadGateway { .. }
        | Fault::Unauthorized
        | Fault::Forbidden
        | Fault::BadRequestDone
        | Fault::ShortPage { .. }
        | Fault::StaleRead { .. } => true,
    }
}

/// The emulator's rule for what it does wrong itself.
pub(super) fn emulated(fault: Fault, on: On, how_often: When, seed: u64) -> Option<emulated::FaultRule> {
    let fault = match fault {
        Fault::Throttled { seconds } => emulated::Fault::TooManyRequests { retry_after_seconds: seconds },
        Fault::ServerError => emulated::Fault::ServerError,
        Fault::ShortPage { most } => emulated::Fault::ShortPage { most: most.into() },
        Fault::StaleRead { seconds } => emulated::Fault::StaleRead { seconds: Some(seconds) },
        Fault::BadRequestDone => emulated::Fault::BadRequestWithEffect,
        Fault::NothingDone => {
            // What an app answers about a person shows that nothing was done.
            let of_groups =
                |operation: &Operation| matches!(operation, Operation::PatchGroup | Operation::DeleteGroup);
            let mut operations = operations(on);
            operations.retain(of_groups);
            if operations.is_empty() {
                operations = vec![Operation::PatchGroup, Operation::DeleteGroup];
            }
            let when = when(how_often, seed);
            return Some(emulated::FaultRule { operations, fault: emulated::Fault::NoEffect, when });
        }
        Fault::NotSent
        | Fault::LostRequest
        | Fault::LostAnswer
        | Fault::Slow
        | Fault::BadGateway { .. }
        | Fault::Unauthorized
        | Fault::Forbidden
        | Fault::BadRequestEmptied
        | Fault::ForgottenCursor
        | Fault::LoopingCursor => return None,
    };
    Some(emulated::FaultRule { operations: operations(on), fault, when: when(how_often, seed) })
}

impl Fault {
    /// What it is called where faults are counted.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not sent",
            Self::LostRequest => "request lost",
            Self::LostAnswer => "answer lost",
            Self::Slow => "slow beyond the timeout",
            Self::Throttled { .. } => "too-many-requests",
            Self::ServerError => "server-error",
            Self::BadGateway { done: true } => "502, carried out",
            Self::BadGateway { done: false } => "502",
            Self::Unauthorized => "401",
            Self::Forbidden => "403",
            Self::BadRequestDone => "bad-request-with-effect",
            Self::BadRequestEmptied => "400 that emptied the group",
            Self::NothingDone => "no-effect",
            Self::ForgottenCursor => "forgotten cursor",
            Self::LoopingCursor => "looping cursor",
            Self::ShortPage { .. } => "short-page",
            Self::StaleRead { .. } => "stale-read",
        }
    }
}
