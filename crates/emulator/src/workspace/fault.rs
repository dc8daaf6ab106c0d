//! What goes wrong on command: Google's bad days.
//!
//! A [`FaultRule`] says which methods, what happens to them, and how often. Every rule sees every request that it could
//! apply to; the first that fires has it. Equal rules and equal requests give equal faults.

use serde::{Deserialize, Serialize};

use crate::when::When;

/// What happens to a request, or to an activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// It is not carried out, and the connection is dropped.
    LostRequest,
    /// It is carried out; where it succeeds, the connection is dropped instead of an answer.
    LostAnswer,
    /// It is not carried out, and the answer is an error in Google's envelope.
    Error {
        /// 403, 429, 500, 502, 503, 504, or any other.
        status: u16,
        /// As `backendError`, `rateLimitExceeded`, `userRateLimitExceeded`, `quotaExceeded`.
        reason: ErrorReason,
    },
    /// It is not carried out, and the answer is a page of HTML.
    Html {
        /// 502, 503, or any other; 200 too.
        status: u16,
    },
    /// The answer takes so long.
    Slow {
        /// In milliseconds.
        millis: u32,
    },
    /// A page of a list holds at most so many, and goes on.
    ShortPage {
        /// The most items.
        most: usize,
    },
    /// 200, and every nth item of a page is missing. Pages go on as though it were there.
    MissingItems {
        /// Which: 1 is all of them.
        nth: usize,
    },
    /// 200, and the list is empty and does not go on.
    EmptyList,
    /// 200, and the list ends with this page although there is more.
    CutList,
    /// 400: the page token is not good any more.
    ExpiredPageToken,
    /// An activity is never shown.
    FeedLost,
    /// An activity is shown twice.
    FeedDoubled,
    /// An activity is shown late.
    FeedLate {
        /// So many seconds after it happened.
        seconds: u32,
    },
}

/// The reason in the envelope of an error on command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorReason {
    /// 500 or 503.
    BackendError,
    /// 500.
    InternalError,
    /// 403 or 429.
    RateLimitExceeded,
    /// 403.
    UserRateLimitExceeded,
    /// 403.
    QuotaExceeded,
    /// 403.
    Forbidden,
    /// 401.
    AuthError,
    /// 403.
    AccessNotConfigured,
    /// 403.
    DomainCannotUseApis,
    /// 404.
    NotFound,
}

impl ErrorReason {
    /// As in the envelope.
    pub fn name(self) -> &'static str {
        match self {
            Self::BackendError => "backendError",
            Self::InternalError => "internalError",
            Self::RateLimitExceeded => "rateLimitExceeded",
            Self::UserRateLimitExceeded => "userRateLimitExceeded",
            Self::QuotaExceeded => "quotaExceeded",
            Self::Forbidden => "forbidden",
            Self::AuthError => "authError",
            Self::AccessNotConfigured => "accessNotConfigured",
            Self::DomainCannotUseApis => "domainCannotUseApis",
            Self::NotFound => "notFound",
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// A request: its method, and which page of a list it asks for.
    Request { method: &'a str, page: u64 },
    /// An activity, by the name of its event.
    Activity { name: &'a str },
}

impl Fault {
    /// Its name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LostRequest => "lost-request",
            Self::LostAnswer => "lost-answer",
            Self::Error { .. } => "error",
            Self::Html { .. } => "html",
            Self::Slow { .. } => "slow",
            Self::ShortPage { .. } => "short-page",
            Self::MissingItems { .. } => "missing-items",
            Self::EmptyList => "empty-list",
            Self::CutList => "cut-list",
            Self::ExpiredPageToken => "expired-page-token",
            Self::FeedLost => "feed-lost",
            Self::FeedDoubled => "feed-doubled",
            Self::FeedLate { .. } => "feed-late",
        }
    }

    fn suits(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (
                Self::LostRequest
                | Self::LostAnswer
                | Self::Error { .. }
                | Self::Html { .. }
                | Self::Slow { .. },
                Subject::Request { .. },
            ) => true,
            (
                Self::ShortPage { .. } | Self::MissingItems { .. } | Self::EmptyList | Self::CutList,
                Subject::Request { method, .. },
            ) => method.rsplit('.').next() == Some("list"),
            (Self::ExpiredPageToken, Subject::Request { page, .. }) => page > 1,
            (Self::FeedLost | Self::FeedDoubled | Self::FeedLate { .. }, Subject::Activity { .. }) => true,
            (_, Subject::Activity { .. })
            | (Self::FeedLost | Self::FeedDoubled | Self::FeedLate { .. }, Subject::Request { .. }) => false,
        }
    }
}

/// Which requests go wrong, how, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which methods, as `directory.users.list` or `oauth.token`; of faults of the feed, names of events as
    /// `SUSPEND_USER`. None named: all.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Only requests for this page of a list, from 1 on.
    #[serde(default)]
    pub page: Option<u64>,
    /// Only requests whose path and query hold this text, as they were sent.
    #[serde(default)]
    pub target: Option<String>,
    /// What happens.
    pub fault: Fault,
    /// How often.
    pub when: When,
}

impl FaultRule {
    /// A fault that happens to every request of a method.
    pub fn always(method: &str, fault: Fault) -> Self {
        Self { methods: vec![method.to_owned()], page: None, target: None, fault, when: When::Always }
    }

    fn is_about(&self, subject: Subject<'_>, target: &str) -> bool {
        let name = match subject {
            Subject::Request { method, .. } => method,
            Subject::Activity { name } => name,
        };
        let is_page = match subject {
            Subject::Request { page, .. } => self.page.is_none_or(|wanted| wanted == page),
            Subject::Activity { .. } => true,
        };
        is_page
            && (self.methods.is_empty() || self.methods.iter().any(|method| method == name))
            && self.target.as_deref().is_none_or(|part| target.contains(part))
            && self.fault.suits(subject)
    }
}

/// A rule in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// The rules.
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

    /// What happens to this one.
    pub(crate) fn strike(&mut self, subject: Subject<'_>, target: &str) -> Option<Fault> {
        let mut struck = None;
        for active in &mut self.rules {
            let ActiveFault { id: _, rule, seen, fired } = active;
            if !rule.is_about(subject, target) {
                continue;
            }
            *seen += 1;
            if struck.is_none() && rule.when.is_now(*seen, *fired) {
                *fired += 1;
                struck = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|active| !active.rule.when.is_over(active.seen, active.fired));
        struck
    }
}

#[cfg(test)]
mod tests;
