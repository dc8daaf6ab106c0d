//! What was asked and what was answered: the last requests, and counters of all of them. Never a token, nor a password.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use usher_model::time::Timestamp;

use crate::count::Count;
use crate::identity_center::scim::route::Operation;

pub(crate) mod body;

/// One request to the SCIM endpoint of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Its number, from 1 on.
    pub n: u64,
    /// What `x-amzn-RequestId` said.
    pub request_id: String,
    /// When it came.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// Which operation it is.
    pub operation: Option<Operation>,
    /// The user name or group name of a create.
    pub subject: Option<String>,
    /// The status; none: the connection was dropped.
    pub status: Option<u16>,
    /// AWS's name of the error.
    pub exception: Option<&'static str>,
    /// The fault that was put on it.
    pub fault: Option<&'static str>,
    /// How long the answer took.
    pub duration_micros: u64,
    /// The beginning of the body, without passwords.
    pub body: Option<String>,
    /// The beginning of the answer's body, likewise.
    pub answer: Option<String>,
}

/// Counters of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Over all requests.
    pub total: Count,
    /// Requests that were refused with 429, whatever for.
    pub throttled: u64,
    /// By operation.
    pub operations: BTreeMap<Operation, Count>,
}

/// The last requests, and the counters.
#[derive(Debug)]
pub(crate) struct Log {
    requests: VecDeque<LoggedRequest>,
    max_requests: usize,
    next: u64,
    pub(crate) counters: Counters,
}

impl Log {
    pub(crate) fn new(max_requests: usize) -> Self {
        Self { requests: VecDeque::new(), max_requests, next: 1, counters: Counters::default() }
    }

    /// Writes a request down; it is given its number.
    pub(crate) fn record(&mut self, request: LoggedRequest) {
        self.counters.total.add(request.status, request.at);
        if let Some(operation) = request.operation {
            self.counters.operations.entry(operation).or_default().add(request.status, request.at);
        }
        if request.status == Some(429) {
            self.counters.throttled += 1;
        }
        if self.max_requests > 0 {
            if self.requests.len() == self.max_requests {
                self.requests.pop_front();
            }
            self.requests.push_back(LoggedRequest { n: self.next, ..request });
        }
        self.next += 1;
    }

    /// Requests after a number, oldest first.
    pub(crate) fn after(&self, n: u64, most: usize) -> Vec<LoggedRequest> {
        let first = self.requests.partition_point(|request| request.n <= n);
        self.requests.range(first..).take(most).cloned().collect()
    }

    /// Requests before a number that are `wanted`, newest first.
    pub(crate) fn before(
        &self,
        n: Option<u64>,
        most: usize,
        wanted: impl Fn(&LoggedRequest) -> bool,
    ) -> Vec<LoggedRequest> {
        let end = n.map_or(self.requests.len(), |n| self.requests.partition_point(|request| request.n < n));
        let older = self.requests.range(..end).rev();
        older.filter(|request| wanted(request)).take(most).cloned().collect()
    }

    /// One request, unless it is forgotten.
    pub(crate) fn get(&self, n: u64) -> Option<&LoggedRequest> {
        let at = self.requests.partition_point(|request| request.n < n);
        self.requests.get(at).filter(|request| request.n == n)
    }

    /// Forgets requests and counters; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
        self.counters = Counters::default();
    }
}
