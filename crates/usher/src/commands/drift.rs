//! What an audit found, as people and scripts are told.

use serde::Serialize;
use usher_engine::audit::Audited;
use usher_model::lifecycle::DriftPolicy;

use crate::output::{grouped, number_of, table};

pub(crate) mod groups;

/// What an audit found, as scripts rely on it.
#[derive(Debug, Serialize)]
pub(crate) struct Drifts {
    /// Whether the app's listing could be believed.
    believed: bool,
    listed: u64,
    compared: u64,
    changed: u64,
    switched_off: u64,
    switched_on: u64,
    deleted: u64,
    /// Accounts that differ and were not read.
    unread: u64,
    /// Accounts that differ and were written to a moment before.
    just_written: u64,
    /// Accounts that nobody here has on record.
    unknown: u64,
    /// What happens to changed attributes.
    policy: DriftPolicy,
}

impl Drifts {
    /// Counts.
    pub(crate) fn new(audited: &Audited, policy: DriftPolicy) -> Self {
        Self {
            believed: audited.is_believed,
            listed: audited.n_listed,
            compared: audited.n_compared,
            changed: audited.n_changed,
            switched_off: audited.n_switched_off,
            switched_on: audited.n_switched_on,
            deleted: audited.n_deleted,
            unread: audited.n_unread,
            just_written: audited.n_fresh,
            unknown: audited.n_unknown,
            policy,
        }
    }
}

/// What an audit found, for people: at most so many lines of each table.
pub(crate) fn told(app: &str, audited: &Audited, policy: DriftPolicy, at_most: usize) -> String {
    [
        read(audited),
        unread(audited.n_unread),
        fresh(audited.n_fresh),
        findings(audited),
        followed(app, audited, policy),
        drifts(audited, at_most),
        unknown(audited, at_most),
    ]
    .concat()
}

fn read(audited: &Audited) -> String {
    if audited.is_believed {
        format!(
            "The app listed {}; {} on record were compared.\n",
            number_of(audited.n_listed, "account", "accounts"),
            grouped(audited.n_compared)
        )
    } else if audited.n_left_out > 0 {
        format!(
            "The app's listing left out {} there: it is not believed, and says nothing about accounts that nobody here \
             has on record.\n",
            number_of(audited.n_left_out, "account that is", "accounts that are")
        )
    } else {
        "The app's listing cannot be believed (it broke off, or contradicts itself): nothing was compared.\n"
            .to_owned()
    }
}

fn unread(n: u64) -> String {
    match n {
        0 => String::new(),
        1 => "1 more account differs and could not be read this time: the next audit reads it.\n".to_owned(),
        n => format!(
            "{} more accounts differ and could not be read this time: the next audit reads them.\n",
            grouped(n)
        ),
    }
}

fn fresh(n: u64) -> String {
    match n {
        0 => String::new(),
        1 => "1 account differs, but Usher wrote to it a moment ago, which the app may not show yet: audit again in \
              some seconds.\n"
            .to_owned(),
        n => format!(
            "{} accounts differ, but Usher wrote to them a moment ago, which the app may not show yet: audit again \
             in some seconds.\n",
            grouped(n)
        ),
    }
}

fn findings(audited: &Audited) -> String {
    let counts = [
        (audited.n_changed, "changed"),
        (audited.n_switched_off, "switched off"),
        (audited.n_switched_on, "switched on"),
        (audited.n_deleted, "deleted"),
    ];
    let findings: Vec<_> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", grouped(n)))
        .collect();
    match (findings.as_slice(), audited.is_believed) {
        ([], true) if audited.n_fresh + audited.n_unread > 0 => {
            "Nobody else changed any of the others.\n".to_owned()
        }
        ([], true) => "Nobody else changed any of them.\n".to_owned(),
        ([], false) => String::new(),
        (findings, _) => format!("Somebody else did this to them: {}.\n", findings.join(", ")),
    }
}

/// What comes of changed attributes. The switch of an account is another matter, and the same under every policy.
fn followed(app: &str, audited: &Audited, policy: DriftPolicy) -> String {
    if audited.n_changed == 0 {
        return String::new();
    }
    match policy {
        DriftPolicy::Repair => "What they changed is written over, as the policy `repair` says.\n".to_owned(),
        DriftPolicy::Report => format!(
            "What they changed stays, and every run tells of it, as the policy `report` says: `usher app drift {app} \
             repair` writes over it.\n"
        ),
        DriftPolicy::Ignore => format!(
            "What they changed stays, and nothing but an audit tells of it, as the policy `ignore` says: `usher app drift \
             {app} report` keeps it in sight.\n"
        ),
    }
}

fn drifts(audited: &Audited, at_most: usize) -> String {
    if audited.drifts.is_empty() {
        return String::new();
    }
    let lines =
        audited.drifts.iter().take(at_most).map(|(email, drift)| [email.to_string(), drift.to_string()]);
    format!("\nWhat somebody else did there:\n{}", table(&["PERSON", "WHAT"], lines))
}

fn unknown(audited: &Audited, at_most: usize) -> String {
    if audited.unknown.is_empty() {
        return String::new();
    }
    let names = audited.unknown.iter().take(at_most).map(|name| [name.clone()]);
    format!(
        "\n{} on nobody's record here, and left alone:\n{}",
        number_of(audited.n_unknown, "account is", "accounts are"),
        table(&["USER NAME"], names)
    )
}
