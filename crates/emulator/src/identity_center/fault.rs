//! What goes wrong on command.
//!
//! A [`FaultRule`] says which operations, what happens to them, and how often. Every rule sees every request that it
//! could apply to; the first that fires has it. Equal rules and equal requests give equal faults.

use serde::{Deserialize, Serialize};

use crate::identity_center::edit::Edit;
use crate::identity_center::scim::route::Operation;
use crate::when::When;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// It is not carried out, and the connection is dropped.
    LostRequest,
    /// It is carried out; where it succeeds, the connection is dropped instead of an answer.
    LostAnswer,
    /// 429.
    TooManyRequests {
        /// `Retry-After`, in seconds; none: without the header.
        #[serde(default)]
        retry_after_seconds: Option<u32>,
    },
    /// 429, and `Retry-After` is a date.
    TooManyRequestsUntil {
        /// In so many seconds.
        seconds: u32,
    },
    /// 500; nothing is carried out.
    ServerError,
    /// The answer takes so long.
    Slow {
        /// In milliseconds.
        millis: u32,
    },
    /// A page of a list by cursor holds at most so many, and goes on. None of them: an empty page that goes on.
    ShortPage {
        /// The most resources.
        most: usize,
    },
    /// 400, although the request is carried out.
    BadRequestWithEffect,
    /// It is answered as if it were carried out, and nothing is. Where the answer shows a user, it is the user as they
    /// are. No create: there would be nobody to show.
    NoEffect,
    /// A read shows what was there a while ago, though nothing from before the rule was put in force.
    StaleRead {
        /// So many seconds ago; none: when the rule was put in force.
        #[serde(default)]
        seconds: Option<u32>,
    },
    /// Another hand edits something, and then the request is carried out. An edit that is impossible is left out.
    Edit {
        /// What it does.
        edit: Edit,
    },
}

impl Fault {
    /// Its name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LostRequest => "lost-request",
            Self::LostAnswer => "lost-answer",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::TooManyRequestsUntil { .. } => "too-many-requests-until",
            Self::ServerError => "server-error",
            Self::Slow { .. } => "slow",
            Self::ShortPage { .. } => "short-page",
            Self::BadRequestWithEffect => "bad-request-with-effect",
            Self::NoEffect => "no-effect",
            Self::StaleRead { .. } => "stale-read",
            Self::Edit { .. } => "edit",
        }
    }

    /// Whether it can happen to such a request at all.
    fn suits(&self, operation: Operation) -> bool {
        match self {
            Self::LostRequest
            | Self::LostAnswer
            | Self::TooManyRequests { .. }
            | Self::TooManyRequestsUntil { .. }
            | Self::ServerError
            | Self::Slow { .. }
            | Self::Edit { .. } => true,
            Self::StaleRead { .. } => matches!(
                operation,
                Operation::GetUser | Operation::ListUsers | Operation::GetGroup | Operation::ListGroups
            ),
            Self::ShortPage { .. } => matches!(operation, Operation::ListUsers | Operation::ListGroups),
            Self::BadRequestWithEffect => operation.is_write(),
            Self::NoEffect => matches!(
                operation,
                Operation::PutUser
                    | Operation::PatchUser
                    | Operation::DeleteUser
                    | Operation::PatchGroup
                    | Operation::DeleteGroup
            ),
        }
    }
}

/// Which requests go wrong, how, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which operations; none named: all.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// What happens.
    pub fault: Fault,
    /// How often.
    pub when: When,
}

/// A rule in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActiveFault {
    /// The number by which it is ended.
    pub id: u64,
    /// The rule.
    pub rule: FaultRule,
    /// How many requests it could have happened to.
    pub seen: u64,
    /// How many it happened to.
    pub fired: u64,
}

/// What happens to a request, by which rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Struck {
    pub(crate) rule: u64,
    pub(crate) fault: Fault,
}

/// The rules of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<ActiveFault>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.last_id += 1;
        self.rules.push(ActiveFault { id: self.last_id, rule, seen: 0, fired: 0 });
        self.last_id
    }

    /// Whether a rule is in force.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.rules.iter().any(|active| active.id == id)
    }

    pub(crate) fn list(&self) -> Vec<ActiveFault> {
        self.rules.clone()
    }

    /// Ends a rule; whether there was one.
    pub(crate) fn end(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|active| active.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// What happens to this request.
    pub(crate) fn strike(&mut self, operation: Operation) -> Option<Struck> {
        let mut struck = None;
        for active in &mut self.rules {
            let ActiveFault { id, rule, seen, fired } = active;
            let is_named = rule.operations.is_empty() || rule.operations.contains(&operation);
            if !is_named || !rule.fault.suits(operation) {
                continue;
            }
            *seen += 1;
            if struck.is_none() && rule.when.is_now(*seen, *fired) {
                *fired += 1;
                struck = Some(Struck { rule: *id, fault: rule.fault.clone() });
            }
        }
        self.rules.retain(|active| !active.rule.when.is_over(active.seen, active.fired));
        struck
    }
}
