//! The figures: as one object, whose keys scripts rely on, and as people read them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is required of the ratio of a first sync, at least.
const SYNC_RATIO: f64 = 0.7;
/// What is required of the ratio of a plan, at most.
const PLAN_RATIO: f64 = 2.0;
/// What is required of the memory of a plan for the larger directory, at most, in MiB…
const PEAK_MIB: f64 = 150.0;
/// …and as so many times that for the smaller one.
const PEAK_GROWTH: f64 = 1.2;
/// What is required of a page at the 99th percentile, at most, in milliseconds.
const PAGE_MS: f64 = 100.0;

#[derive(Serialize)]
pub(super) struct Figures {
    pub(super) first_sync: FirstSync,
    pub(super) no_change: NoChange,
    pub(super) plan: Plan,
    pub(super) pages: Pages,
}

#[derive(Serialize)]
pub(super) struct FirstSync {
    pub(super) users: u64,
    /// Requests that change something.
    pub(super) writes: u64,
    /// How many it takes at least: one for each account.
    pub(super) floor_writes: u64,
    pub(super) seconds: f64,
    /// How long the load generator took for the same bodies.
    pub(super) bare_seconds: f64,
    pub(super) ratio: f64,
    pub(super) cpu_us_per_operation: f64,
    pub(super) server_max_per_second: f64,
    /// Of the seconds, those of the plan…
    #[serde(skip)]
    pub(super) planning_seconds: f64,
    /// …and those of writing to the app, and of recording before and after each write.
    #[serde(skip)]
    pub(super) writing_seconds: f64,
}

/// The second sync, right after the first.
#[derive(Serialize)]
pub(super) struct NoChange {
    pub(super) writes: u64,
    pub(super) reads: u64,
}

#[derive(Serialize)]
pub(super) struct Plan {
    pub(super) users: u64,
    pub(super) seconds: f64,
    /// How long the store took to read the same rows.
    pub(super) scan_seconds: f64,
    pub(super) ratio: f64,
    pub(super) peak_mib: f64,
    pub(super) peak_mib_100k: f64,
}

/// The console's pages.
#[derive(Serialize)]
pub(super) struct Pages {
    pub(super) users: u64,
    #[serde(flatten)]
    pub(super) measured: Measured,
}

/// What the process that asks for them says.
#[derive(Deserialize, Serialize)]
pub(super) struct Measured {
    /// Of a page for which nothing is read.
    floor_median_ms: f64,
    floor_p99_ms: f64,
    /// How often each was asked for.
    requests: u64,
    pages: Vec<Page>,
}

/// One kind of page.
#[derive(Deserialize, Serialize)]
struct Page {
    /// Its path without ids, and what is asked for.
    #[serde(rename = "page")]
    shape: String,
    median_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Measured { floor_median_ms, floor_p99_ms, requests, pages } = &self.measured;
        writeln!(f, "pages with {} people, each asked for {requests} times", self.users)?;
        let mut slowest: Vec<_> = pages.iter().collect();
        slowest.sort_by(|a, b| b.p99_ms.total_cmp(&a.p99_ms));
        writeln!(f, "  {:>9} {:>9} {:>9}   ms", "median", "99th", "longest")?;
        for Page { shape, median_ms, p99_ms, max_ms } in &slowest {
            writeln!(f, "  {median_ms:>9.2} {p99_ms:>9.2} {max_ms:>9.2}   {shape}")?;
        }
        writeln!(
            f,
            "  {floor_median_ms:>9.2} {floor_p99_ms:>9.2} {:>9}   a page for which nothing is read",
            ""
        )?;
        let worst = slowest.first().map_or(f64::NAN, |page| page.p99_ms);
        writeln!(
            f,
            "  the slowest of {} kinds of pages: {worst:.2} ms at the 99th percentile, {:.0} times the floor; {PAGE_MS} or less is \
             required: {}",
            pages.len(),
            worst / floor_p99_ms,
            met(worst <= PAGE_MS)
        )
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_sync: sync, no_change, plan, pages } = self;
        writeln!(f, "first sync of {} people", sync.users)?;
        writeln!(f, "  writes                {:>10}   of {} at least", sync.writes, sync.floor_writes)?;
        writeln!(f, "  seconds               {:>10.2}", sync.seconds)?;
        writeln!(
            f,
            "  bare load generator   {:>10.2}   {:.0} a second",
            sync.bare_seconds, sync.server_max_per_second
        )?;
        writeln!(
            f,
            "  ratio                 {:>10.2}   {SYNC_RATIO} or more is required: {}",
            sync.ratio,
            met(sync.ratio >= SYNC_RATIO)
        )?;
        writeln!(f, "  processor             {:>10.0}   µs an operation", sync.cpu_us_per_operation)?;
        writeln!(f, "  once more             {:>10}   writes, {} reads", no_change.writes, no_change.reads)?;
        writeln!(f, "plan for {} people, with nothing to do", plan.users)?;
        writeln!(f, "  seconds               {:>10.2}", plan.seconds)?;
        writeln!(f, "  reading alone         {:>10.2}", plan.scan_seconds)?;
        writeln!(
            f,
            "  ratio                 {:>10.2}   {PLAN_RATIO} or less is required: {}",
            plan.ratio,
            met(plan.ratio <= PLAN_RATIO)
        )?;
        writeln!(
            f,
            "  memory, MiB           {:>10.1}   {PEAK_MIB} or less is required: {}",
            plan.peak_mib,
            met(plan.peak_mib <= PEAK_MIB)
        )?;
        let growth = plan.peak_mib / plan.peak_mib_100k;
        writeln!(
            f,
            "  of that for 100,000   {growth:>10.2}   {PEAK_GROWTH} or less is required: {}",
            met(growth <= PEAK_GROWTH)
        )?;
        self.rest(f)?;
        write!(f, "{pages}")
    }
}

impl Figures {
    /// Where the rest of the time goes.
    fn rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_sync: sync, plan, .. } = self;
        let per_write = |seconds: f64| seconds * 1e6 / count(sync.floor_writes);
        writeln!(
            f,
            "Of the {:.0} µs that an account takes in a first sync, planning takes {:.0} and carrying out {:.0}; in that the \
             app's answer takes {:.0}, and the rest is ours: making and reading requests, and recording the intent before each \
             write and the account and its event after it, which the disk keeps before anything else happens.",
            per_write(sync.seconds),
            per_write(sync.planning_seconds),
            per_write(sync.writing_seconds),
            per_write(sync.bare_seconds),
        )?;
        writeln!(
            f,
            "Of the {:.1} µs that a person takes in a plan, reading takes {:.1}; the rest is mapping, comparing and deciding.",
            plan.seconds * 1e6 / count(plan.users),
            plan.scan_seconds * 1e6 / count(plan.users),
        )
    }
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

/// A count that figures are divided by.
pub(super) fn count(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// The middle one.
pub(super) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
