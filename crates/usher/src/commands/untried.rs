//! Who is not tried now because they failed before: a run ends as failed because of them, so it says who they are.
//!
//! Not here: whoever failed in the run itself, who is told with the reason.

use usher_model::id::Email;
use usher_store::{Store, StoreError, account, app::App, group};

use crate::output::number_of;

/// How many are named of people, and of groups.
const NAMED: usize = 10;

/// The people and groups that wait for their next try.
#[derive(Debug, Default)]
pub(super) struct Untried {
    n_people: u64,
    n_groups: u64,
    people: Vec<String>,
    groups: Vec<String>,
}

impl Untried {
    /// Names the first of so many people and groups. `failed`: those of whom the run has told already.
    pub(super) async fn read(
        store: &Store,
        app: &App,
        (n_people, n_groups): (u64, u64),
        failed: &[(Email, String)],
    ) -> Result<Self, StoreError> {
        let mut untried = Self { n_people, n_groups, ..Self::default() };
        let at_most = NAMED + failed.len();
        let mut tx = store.read("usher::untried").await?;
        if n_people > 0 {
            let failing = account::failing_list(&mut tx, &app.id, at_most).await?;
            untried.people = named(failing.into_iter().filter_map(|(_, email, _)| email), failed, n_people);
        }
        if n_groups > 0 {
            let failing = group::failing_list(&mut tx, &app.id, at_most).await?;
            untried.groups = named(failing.into_iter().filter_map(|(_, email, _)| email), failed, n_groups);
        }
        Ok(untried)
    }

    /// Who waits, and what to do about it; nothing where nobody does.
    pub(super) fn text(&self, app: &str) -> String {
        let people = (self.n_people > 0).then(|| {
            format!(
                "\n{} cannot be provisioned{}: `usher status` says why, `usher sync {app} --user EMAIL` tries again at \
                 once\n",
                number_of(self.n_people, "person", "people"),
                in_brackets(&self.people, self.n_people),
            )
        });
        let groups = (self.n_groups > 0).then(|| {
            format!(
                "\n{} cannot be brought in step{}: `usher status` says why\n",
                number_of(self.n_groups, "group", "groups"),
                in_brackets(&self.groups, self.n_groups),
            )
        });
        [people, groups].into_iter().flatten().collect()
    }
}

/// The first of those whose next try is not due, in the order of their addresses.
fn named(failing: impl Iterator<Item = Email>, failed: &[(Email, String)], n: u64) -> Vec<String> {
    let waits = failing.filter(|email| !failed.iter().any(|(other, _)| other == email));
    let n = usize::try_from(n).unwrap_or(usize::MAX).min(NAMED);
    let mut named: Vec<_> = waits.take(n).map(|email| email.to_string()).collect();
    named.sort();
    named
}

fn in_brackets(named: &[String], n_all: u64) -> String {
    let n_more = n_all.saturating_sub(named.len() as u64);
    match (named.is_empty(), n_more) {
        (true, _) => String::new(),
        (false, 0) => format!(" ({})", named.join(", ")),
        (false, n) => format!(" ({}, and {})", named.join(", "), number_of(n, "other", "others")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let people = (0..NAMED).map(|n| format!("p{n}@example.com")).collect();
        let untried =
            Untried { n_people: 12, n_groups: 1, people, groups: vec!["ops@example.com".to_owned()] };
        insta::assert_snapshot!(untried.text("aws"), @"

        12 people cannot be provisioned (p0@example.com, p1@example.com, p2@example.com, p3@example.com, p4@example.com, p5@example.com, p6@example.com, p7@example.com, p8@example.com, p9@example.com, and 2 others): `usher status` says why, `usher sync aws --user EMAIL` tries again at once

        1 group cannot be brought in step (ops@example.com): `usher status` says why
        ");
        assert_eq!(Untried::default().text("aws"), "");
    }
}
