//! Faults and how often they happen, in words.

use crate::identity_center::fault::Fault;
use crate::when::When;

#[cfg(test)]
use crate::identity_center::fault::{ActiveFault, FaultRule};

/// What happens to a request.
pub(super) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::LostRequest => "Lost request: not carried out, no answer".to_owned(),
        Fault::LostAnswer => "Lost answer: carried out, no answer".to_owned(),
        Fault::TooManyRequests { retry_after_seconds: None } => "429".to_owned(),
        Fault::TooManyRequests { retry_after_seconds: Some(seconds) } => {
            format!("429, Retry-After: {seconds}")
        }
        Fault::TooManyRequestsUntil { seconds } => {
            format!("429, Retry-After: a date in {seconds} seconds")
        }
        Fault::ServerError => "500: not carried out".to_owned(),
        Fault::Slow { millis } => format!("Slow: {millis} milliseconds"),
        Fault::ShortPage { most } => format!("Short pages: at most {most} on each"),
        Fault::BadRequestWithEffect => "400, although it is carried out".to_owned(),
        Fault::NoEffect => "Success, although nothing is carried out".to_owned(),
        Fault::StaleRead { seconds: None } => "Stale reads: as it was when this was switched on".to_owned(),
        Fault::StaleRead { seconds: Some(seconds) } => {
            format!("Stale reads: as it was {seconds} seconds ago")
        }
        Fault::Edit { edit } => {
            let edit = serde_json::to_string(edit).expect("invariant: an edit is JSON");
            format!("Another hand edits first: {edit}")
        }
    }
}

/// How often.
pub(super) fn when(when: When) -> String {
    match when {
        When::Always => "always".to_owned(),
        When::Next { n: 1 } => "the next one".to_owned(),
        When::Next { n } => format!("the next {n}"),
        When::Every { nth } => format!("one in {nth}"),
        When::At { nth } => format!("number {nth} from then on, once"),
        When::Chance { per_mille, seed } => format!("by chance, {per_mille} in a thousand (seed {seed})"),
    }
}

/// Another hand that edits somebody, met so often.
#[cfg(test)]
pub(super) fn sample(user: &str, fired: u64) -> ActiveFault {
    use crate::identity_center::edit::Edit;
    let edit = Edit::DisableUser { user: user.to_owned() };
    let rule = FaultRule { operations: Vec::new(), fault: Fault::Edit { edit }, when: When::Always };
    ActiveFault { id: 1, rule, seen: fired, fired }
}

/// Every fault and every way of happening.
#[cfg(test)]
pub(super) fn samples() -> Vec<ActiveFault> {
    use crate::identity_center::edit::Edit;
    let edit = Edit::DisableUser { user: "<ada@example.com>".to_owned() };
    let faults = [
        (Fault::LostRequest, When::Always),
        (Fault::LostAnswer, When::Next { n: 1 }),
        (Fault::TooManyRequests { retry_after_seconds: None }, When::Next { n: 3 }),
        (Fault::TooManyRequests { retry_after_seconds: Some(3) }, When::Every { nth: 10 }),
        (Fault::TooManyRequestsUntil { seconds: 3 }, When::At { nth: 4 }),
        (Fault::ServerError, When::Chance { per_mille: 30, seed: 7 }),
        (Fault::Slow { millis: 300 }, When::Always),
        (Fault::ShortPage { most: 0 }, When::Always),
        (Fault::BadRequestWithEffect, When::Always),
        (Fault::NoEffect, When::Always),
        (Fault::StaleRead { seconds: None }, When::Always),
        (Fault::StaleRead { seconds: Some(5) }, When::Always),
        (Fault::Edit { edit }, When::Always),
    ];
    let active = |(id, (fault, when))| {
        let operations = super::rule::OPERATIONS[..usize::try_from(id).unwrap_or(0)].to_vec();
        ActiveFault { id, rule: FaultRule { operations, fault, when }, seen: id * 1_000, fired: id }
    };
    (0..).zip(faults).map(active).collect()
}
