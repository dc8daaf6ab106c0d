//! What was asked and what was answered: the last requests, and counters of all of them. Never a token.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use usher_model::time::Timestamp;

use crate::count::Count;

/// One request, or one part of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Its number, from 1 on.
    pub n: u64,
    /// When it came.
    pub at: Timestamp,
    /// The method of HTTP.
    pub http: String,
    /// The path with its query, without an access token in it.
    pub target: String,
    /// Which method it is, as `directory.users.list`.
    pub method: Option<String>,
    /// Whose token it came with.
    pub caller: Option<String>,
    /// The status; none: the connection was dropped.
    pub status: Option<u16>,
    /// Google's name of the error.
    pub reason: Option<&'static str>,
    /// The fault that was put on it.
    pub fault: Option<&'static str>,
    /// How long the answer took.
    pub duration_micros: u64,
}

/// Counters since they were begun anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Over all requests.
    pub total: Count,
    /// By method.
    pub methods: BTreeMap<String, Count>,
}

impl Counters {
    /// How many requests there were of a method.
    pub fn of(&self, method: &str) -> u64 {
        self.methods.get(method).map_or(0, |count| count.requests)
    }
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
        if let Some(method) = &request.method {
            self.counters.methods.entry(method.clone()).or_default().add(request.status, request.at);
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

    /// Forgets requests and counters; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
        self.counters = Counters::default();
    }
}
