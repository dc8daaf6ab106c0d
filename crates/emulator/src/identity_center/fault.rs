//! What goes wrong on command.
//!
//! A [`FaultRule`] says which operations, what happens to them, and how often. Every rule sees every request that it
//! could apply to; the first that fires has it. Equal rules and equal requests give equal faults.

use serde::{Deserialize, Serialize};

use crate::identity_center::edit::Edit;
use crate::identity_center::scim::route::Operation;

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
        }
    }
}

/// How often a fault happens, counted over the requests that it could happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum When {
    /// To every one of them.
    Always,
    /// To the next so many, after which the rule ends.
    Next {
        /// How many.
        n: u64,
    },
    /// To every nth.
    Every {
        /// Which.
        nth: u64,
    },
    /// Once, to the nth from now, after which the rule ends.
    At {
        /// Which, from 1 on.
        nth: u64,
    },
    /// By chance that depends on the seed alone.
    Chance {
        /// In how many of a thousand.
        per_mille: u16,
        /// Where the chance comes from.
        seed: u64,
    },
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

impl When {
    fn is_now(self, seen: u64, fired: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Next { n } => fired < n,
            Self::Every { nth } => seen.is_multiple_of(nth.max(1)),
            Self::At { nth } => seen >= nth,
            Self::Chance { per_mille, seed } => mixed(seed, seen) % 1_000 < u64::from(per_mille),
        }
    }

    fn is_over(self, seen: u64, fired: u64) -> bool {
        match self {
            Self::Always | Self::Every { .. } | Self::Chance { .. } => false,
            Self::Next { n } => fired >= n,
            Self::At { nth } => seen >= nth && fired > 0,
        }
    }
}

/// The nth number of a row that depends on the seed alone (`SplitMix64`).
fn mixed(seed: u64, n: u64) -> u64 {
    let mut mixed = seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
