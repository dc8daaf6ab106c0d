//! What an audit found of groups, as people and scripts are told.

use serde::Serialize;
use usher_engine::groups::audit::AuditedGroups;
use usher_model::lifecycle::DriftPolicy;

use crate::output::{grouped, number_of, table};

/// What an audit found of groups, as scripts rely on it.
#[derive(Debug, Serialize)]
pub(crate) struct GroupDrifts {
    /// Whether the app's list of groups could be believed.
    believed: bool,
    listed: u64,
    compared: u64,
    /// Renamed, or given another `externalId`.
    changed: u64,
    deleted: u64,
    /// Groups that could not be read.
    unread: u64,
    /// Members whom somebody else took out.
    members_missing: u64,
    /// Members whom somebody else put in.
    members_foreign: u64,
    /// Groups that nobody here has on record.
    unknown: u64,
    /// Their names, the first of them.
    unknown_names: Vec<String>,
}

impl GroupDrifts {
    /// Counts.
    pub(crate) fn new(audited: &AuditedGroups) -> Self {
        Self {
            believed: audited.is_believed,
            listed: audited.n_listed,
            compared: audited.n_compared,
            changed: audited.n_changed,
            deleted: audited.n_deleted,
            unread: audited.n_unread,
            members_missing: audited.n_members_missing,
            members_foreign: audited.n_members_foreign,
            unknown: audited.n_unknown,
            unknown_names: audited.unknown.clone(),
        }
    }
}

/// What an audit found of groups, for people: at most so many lines of each table.
pub(crate) fn told(app: &str, audited: &AuditedGroups, policy: DriftPolicy, at_most: usize) -> String {
    [
        read(audited),
        findings(audited),
        followed(app, audited, policy),
        drifts(audited, at_most),
        unknown(audited, at_most),
    ]
    .concat()
}

fn read(audited: &AuditedGroups) -> String {
    if !audited.is_believed {
        return "The app's listing of groups cannot be believed (it broke off, or contradicts itself): none was \
                compared.\n"
            .to_owned();
    }
    let unread = match audited.n_unread {
        0 => String::new(),
        n => format!(", and {} could not be read this time", grouped(n)),
    };
    format!(
        "It listed {}; {} on record {} compared{unread}.\n",
        number_of(audited.n_listed, "group", "groups"),
        grouped(audited.n_compared),
        if audited.n_compared == 1 { "was" } else { "were" }
    )
}

fn findings(audited: &AuditedGroups) -> String {
    let counts = [
        (audited.n_changed, "renamed"),
        (audited.n_deleted, "deleted"),
        (
            audited.n_members_missing,
            if audited.n_members_missing == 1 { "member taken out" } else { "members taken out" },
        ),
    ];
    let findings: Vec<_> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", grouped(n)))
        .collect();
    let done = match (findings.as_slice(), audited.is_believed && audited.n_unread == 0) {
        ([], true) => "Nobody else changed any of these groups.\n".to_owned(),
        ([], false) => String::new(),
        (findings, _) => format!("Somebody else did this to groups: {}.\n", findings.join(", ")),
    };
    let foreign = match audited.n_members_foreign {
        0 => String::new(),
        1 => "1 member of them is not of Usher's doing.\n".to_owned(),
        n => format!("{} members of them are not of Usher's doing.\n", grouped(n)),
    };
    done + &foreign
}

/// What comes of it.
fn followed(app: &str, audited: &AuditedGroups, policy: DriftPolicy) -> String {
    if audited.n_changed + audited.n_deleted + audited.n_members_missing == 0 {
        return String::new();
    }
    match policy {
        DriftPolicy::Repair => {
            "Names are written over and members put back, as the policy `repair` says.\n".to_owned()
        }
        DriftPolicy::Report | DriftPolicy::Ignore => format!(
            "Names and members stay as they are there, as the policy `{}` says: `usher app drift {app} repair` brings them \
             in step.\n",
            if policy == DriftPolicy::Report { "report" } else { "ignore" }
        ),
    }
}

fn drifts(audited: &AuditedGroups, at_most: usize) -> String {
    if audited.drifts.is_empty() {
        return String::new();
    }
    let lines = audited.drifts.iter().take(at_most).map(|(email, drift)| [email.to_string(), drift.clone()]);
    format!("\nWhat somebody else did to groups there:\n{}", table(&["GROUP", "WHAT"], lines))
}

fn unknown(audited: &AuditedGroups, at_most: usize) -> String {
    if audited.unknown.is_empty() {
        return String::new();
    }
    let names = audited.unknown.iter().take(at_most).map(|name| [name.clone()]);
    format!(
        "\n{} on nobody's record here, and left alone:\n{}",
        number_of(audited.n_unknown, "group is", "groups are"),
        table(&["GROUP NAME"], names)
    )
}

#[cfg(test)]
mod tests {
    use usher_model::id::Email;

    use super::*;

    #[test]
    fn what_was_found_of_groups_is_told_with_what_comes_of_it() {
        let audited = AuditedGroups {
            is_believed: true,
            n_listed: 3,
            n_compared: 2,
            n_changed: 1,
            n_members_missing: 2,
            n_members_foreign: 1,
            drifts: vec![(
                Email::parse("ops@example.com").unwrap(),
                "2 members were taken out at the app".to_owned(),
            )],
            n_unknown: 1,
            unknown: vec!["AWSControlTowerAdmins".to_owned()],
            ..AuditedGroups::default()
        };
        insta::assert_snapshot!(told("aws", &audited, DriftPolicy::Repair, 50), @r"
        It listed 3 groups; 2 on record were compared.
        Somebody else did this to groups: 1 renamed, 2 members taken out.
        1 member of them is not of Usher's doing.
        Names are written over and members put back, as the policy `repair` says.

        What somebody else did to groups there:
        GROUP            WHAT
        ops@example.com  2 members were taken out at the app

        1 group is on nobody's record here, and left alone:
        GROUP NAME
        AWSControlTowerAdmins
        ");
        let reported = told("aws", &audited, DriftPolicy::Report, 50);
        assert!(reported.contains("as the policy `report` says: `usher app drift aws repair`"), "{reported}");
    }

    #[test]
    fn what_is_as_it_was_is_told_as_such_and_what_is_not_believed_too() {
        let well =
            AuditedGroups { is_believed: true, n_listed: 1, n_compared: 1, ..AuditedGroups::default() };
        insta::assert_snapshot!(told("aws", &well, DriftPolicy::Repair, 50), @r"
        It listed 1 group; 1 on record was compared.
        Nobody else changed any of these groups.
        ");
        let not = told("aws", &AuditedGroups::default(), DriftPolicy::Repair, 50);
        assert!(not.starts_with("The app's listing of groups cannot be believed"), "{not}");
        assert!(!not.contains("Nobody"), "{not}");
    }
}
