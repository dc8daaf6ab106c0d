//! The rules that no code path may break (ARCHITECTURE.md), as far as one decision can break them.

use proptest::prelude::*;

use super::*;
use crate::operation::Doing;

fn instants() -> impl Strategy<Value = Timestamp> {
    (0u32..40).prop_map(day)
}

fn sinces() -> impl Strategy<Value = Option<Since>> {
    prop::option::of(prop::option::of(instants()).prop_map(Since))
}

fn losses() -> impl Strategy<Value = Losses> {
    (any::<bool>(), sinces(), sinces()).prop_map(|(off, suspended, deleted)| Losses {
        app_off: off.then_some(AppOff::OutOfScope),
        suspended: if off { suspended } else { suspended.or(Some(Since(None))) },
        deleted,
    })
}

fn standings() -> impl Strategy<Value = Standing> {
    prop_oneof![
        Just(Standing::Entitled),
        losses().prop_map(Standing::Lost),
        Just(Standing::Archived),
        Just(Standing::Unlisted)
    ]
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Ada", "Eve", "Old"])
}

fn knowns() -> impl Strategy<Value = Known> {
    (names(), names(), prop::option::of(names()), any::<bool>()).prop_map(
        |(sent, returned, seen, switched_on)| Known {
            returned: attributes(returned),
            drifted: seen.map(attributes),
            switched_on,
            ..known(sent)
        },
    )
}

fn founds() -> impl Strategy<Value = Found> {
    prop_oneof![
        Just(Found::NotLooked),
        Just(Found::Nothing),
        any::<bool>().prop_map(|on| Found::Own(Box::new(remote(on)), MatchedBy::UserName)),
        Just(Found::Conflict(Conflict::Invisible { user_name: "ada@example.com".into() })),
    ]
}

fn states() -> impl Strategy<Value = AccountState> {
    let by = prop_oneof![
        Just(SuspendedBy::Other),
        prop::option::of(0u32..30).prop_map(|seen| SuspendedBy::Us { seen: seen.map(|n| DAY * n) })
    ];
    prop_oneof![
        founds().prop_map(|found| AccountState::None { found }),
        prop::option::of(instants())
            .prop_map(|missed_at| AccountState::Unknown { doing: Doing::Creating, missed_at }),
        knowns().prop_map(AccountState::Active),
        (knowns(), by).prop_map(|(known, by)| AccountState::Suspended { known, by }),
        Just(AccountState::Gone),
    ]
}

fn delays() -> impl Strategy<Value = Option<Delay>> {
    prop::sample::select(vec![None, Some(Delay::Within24Hours), days(1), days(7), days(30)])
}

prop_compose! {
    fn lines()(
        (standing, state) in (standings(), states()),
        causes in [prop::option::of(instants()), prop::option::of(instants()), prop::option::of(instants())],
        [off, suspended, deleted, hard_delete] in [delays(), delays(), delays(), delays()],
        drift in prop::sample::select(vec![DriftPolicy::Repair, DriftPolicy::Report, DriftPolicy::Ignore]),
        (adopt_leavers, insist, mapped, on) in (any::<bool>(), any::<bool>(), any::<bool>(), 0u32..60),
    ) -> Line {
        let mut line = line(standing, state);
        line.causes = Causes { app_off: causes[0], suspended: causes[1], deleted: causes[2] };
        line.policy.deprovisioning = Deprovisioning { app_off: off, suspended, deleted };
        line.policy.hard_delete = hard_delete;
        line.policy.drift = drift;
        line.policy.adopt_leavers = adopt_leavers;
        line.insist = insist;
        line.provisioning_on = DAY * on;
        line.want = if mapped { Ok(attributes("Ada")) } else { Err("no displayName") };
        line
    }
}

/// What the app and our record of it become when an operation is carried out by a server that obeys.
fn carried_out(operation: &Operation, on: Duration) -> AccountState {
    let made = |sent: Attributes| Known {
        remote_id: RemoteId::new("r1"),
        returned: sent.clone(),
        sent,
        drifted: None,
        switched_on: false,
    };
    match operation {
        Operation::Create { attributes, .. } => AccountState::Active(made(attributes.clone())),
        Operation::Adopt { account, .. } if !account.active => {
            AccountState::Suspended { known: made(attributes("Ada")), by: SuspendedBy::Other }
        }
        Operation::Adopt { .. } | Operation::Update { .. } | Operation::Unsuspend { .. } => {
            AccountState::Active(made(attributes("Ada")))
        }
        Operation::Suspend { .. } => {
            AccountState::Suspended { known: made(attributes("Ada")), by: SuspendedBy::Us { seen: Some(on) } }
        }
        Operation::Delete { .. } => AccountState::Gone,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Rule 1: an account that Usher did not create or adopt is never changed, suspended or deleted.
    #[test]
    fn what_is_not_ours_is_only_created_beside_or_adopted(line in lines()) {
        if let (AccountState::None { .. } | AccountState::Unknown { .. } | AccountState::Gone, Next::Do(operation)) = (&line.state, line.decide().next) {
            let legal = matches!(operation, Operation::Create { .. } | Operation::Adopt { .. });
            prop_assert!(legal, "{operation:?}");
        }
    }

    /// Rule 2, for one person: absent is not deleted, and archived is not lost.
    #[test]
    fn nobody_is_removed_for_being_absent(mut line in lines()) {
        line.standing = Standing::Unlisted;
        prop_assert!(!matches!(line.decide().next, Next::Do(_)));
        prop_assert_eq!(line.decide().causes, line.causes);
    }

    /// Rule 3: no suspension before its due date.
    #[test]
    fn no_suspension_before_its_due_date(line in lines()) {
        let decision = line.decide();
        if let Next::Do(Operation::Suspend { .. }) = decision.next {
            let due = decision.causes.due(&line.policy.deprovisioning);
            prop_assert!(due.is_some_and(|due: Due| due.at <= day(20)));
            prop_assert!(!matches!(line.standing, Standing::Entitled));
        }
    }

    /// Rule 3: no delete of an account that is not suspended by us and seen so; none unless switched on.
    #[test]
    fn no_delete_of_an_account_that_is_not_suspended_and_none_unless_switched_on(line in lines()) {
        if let Next::Do(Operation::Delete { .. }) = line.decide().next {
            prop_assert!(line.policy.hard_delete.is_some());
            let seen = matches!(line.state, AccountState::Suspended { by: SuspendedBy::Us { seen: Some(_) }, .. });
            prop_assert!(seen);
            prop_assert!(!matches!(line.standing, Standing::Entitled));
        }
    }

    /// Rule 4: unknown leads only to look.
    #[test]
    fn unknown_leads_only_to_look(mut line in lines(), missed_at in prop::option::of(instants())) {
        line.state = AccountState::Unknown { doing: Doing::Updating, missed_at };
        prop_assert!(matches!(line.decide().next, Next::Look | Next::Rest));
    }

    /// Rule 5: a converged app gets no write: carrying a decision out and deciding again writes nothing more,
    /// but for the delete that may follow a suspension and the suspension of a leaver brought in.
    #[test]
    fn carrying_out_and_deciding_again_writes_nothing(mut line in lines()) {
        let mut kinds = Vec::new();
        for _ in 0..4 {
            let decision = line.decide();
            line.causes = decision.causes;
            match decision.next {
                Next::Do(operation) => {
                    kinds.push(operation.kind());
                    line.state = carried_out(&operation, line.provisioning_on);
                }
                Next::Forget => line.state = AccountState::None { found: Found::Nothing },
                Next::Rest | Next::Look | Next::Fail(_) => break,
            }
        }
        let mut again = kinds.clone();
        again.dedup();
        prop_assert_eq!(&kinds, &again, "the same kind of write twice in a row");
        prop_assert!(kinds.len() <= 3, "{kinds:?}");
        prop_assert!(!matches!(line.decide().next, Next::Do(_)), "{kinds:?} and still not done");
    }

    /// Rule 8: a failure is that account's: it is data, never a panic, and it does not outlive its pause.
    #[test]
    fn every_cell_answers_with_a_reason(line in lines()) {
        prop_assert!(!line.decide().reason.to_string().is_empty());
    }

    /// The due date is derived, never stored: the trigger of a suspension is one that is selected.
    #[test]
    fn only_selected_triggers_suspend(line in lines()) {
        if let Reason::Due(due) | Reason::SwitchedOnAtApp(due) = line.decide().reason {
            prop_assert!(line.policy.deprovisioning.delay(due.trigger).is_some());
            prop_assert!(Trigger::ALL.contains(&due.trigger));
        }
    }
}
