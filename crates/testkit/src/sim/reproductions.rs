//! What the simulation found, as short as it gets, each with a line of what was wrong.

use usher_model::mutant::Mutant;

use super::Play;
use super::op::Op;
use super::op::part::{Fault, Hand, Listing, On, Request, Span, When};

mod groups;

/// A bug that was found, and what it was.
#[derive(Clone, Debug)]
pub struct Reproduction {
    /// What was wrong.
    pub wrong: &'static str,
    /// The mistake that makes it wrong again.
    pub mistake: Mutant,
    /// What shows it.
    pub play: Play,
}

/// All of them: those about people, then those about groups, each the oldest first.
pub fn all() -> Vec<Reproduction> {
    people().into_iter().chain(groups::all()).collect()
}

fn found(mistake: Mutant, wrong: &'static str, seed: u64, ops: Vec<Op>) -> Reproduction {
    Reproduction { wrong, mistake, play: Play { seed, ops } }
}

#[expect(clippy::too_many_lines, reason = "a list, which grows")]
fn people() -> Vec<Reproduction> {
    let leaves = |p| Op::Guest { p, is: true };
    vec![
        found(
            Mutant::EndUnfenced,
            "a run that lost its app between its last write and its end passed for one that could not begin, and put \
             the next one off",
            50_003,
            vec![Op::Begin { r: 2, request: Request::Full, steps: 18 }, Op::Run { request: Request::Full }],
        ),
        found(
            Mutant::DriftTakenForOurs,
            "what somebody else had changed was taken for what the app makes of our value, as soon as anything else of \
             the account was written, and no audit repaired it",
            25,
            vec![
                Op::Run { request: Request::Full },
                Op::Suspend { p: 3 },
                Op::Run { request: Request::Full },
                Op::Hand { p: 3, hand: Hand::Edits },
                Op::Activate { p: 3 },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::GoneToldAsDeleted,
            "a delete that found the account gone was told as done, although somebody else had done it",
            24,
            vec![
                Op::Run { request: Request::Full },
                Op::Suspend { p: 0 },
                Op::HardDelete { days: Some(1) },
                Op::Run { request: Request::Audit },
                Op::Wait { span: Span::Days { n: 31 } },
                Op::Hand { p: 0, hand: Hand::Deletes },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::LostReadAsMapped,
            "a write whose answer was lost was held against what is mapped by now: the account of a lost create was \
             nobody's, and the log did not tell of a lost update",
            1,
            vec![
                Op::Run { request: Request::Full },
                Op::Title { p: 1, n: 5 },
                Op::Fault { fault: Fault::LostAnswer, on: On::Changes, when: When::Next { n: 1 } },
                Op::Begin { r: 2, request: Request::Full, steps: 24 },
                Op::Map { title: false },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::AdoptedWithNameOnly,
            "two people who had swapped their addresses before the app was configured anew were refused for ever, each \
             for the other's name",
            1,
            vec![Op::Run { request: Request::Full }, Op::Unconfigure, Op::Swap { p: 2, q: 1 }, Op::Configure],
        ),
        found(
            Mutant::OffAreNotCounted,
            "where hardly anybody was on any more, ten deletes passed unasked",
            50_034,
            vec![
                Op::Group { g: 0, on: true },
                Op::Unit { unit: 0, switch: Some(false) },
                Op::Run { request: Request::Full },
                Op::Recreate { p: 5 },
                Op::Vanish { g: 1, is: true },
                Op::Delete { p: 15 },
                Op::Begin { r: 0, request: Request::Full, steps: 29 },
                Op::HardDelete { days: Some(0) },
                Op::Run { request: Request::Release },
            ],
        ),
        found(
            Mutant::WakeForgotten,
            "what Usher was told of while a run was under way waited for the next cycle",
            50_002,
            vec![
                Op::Scope { g: 2, nested: Some(false) },
                Op::Run { request: Request::Release },
                Op::Begin { r: 2, request: Request::Audit, steps: 25 },
                Op::Call { p: 19, n: 6 },
                Op::Step { r: 2, steps: 51 },
            ],
        ),
        found(
            Mutant::QuarantineForgetsWake,
            "and so it did where that run found the app refusing",
            20_925,
            vec![
                Op::Begin { r: 0, request: Request::Audit, steps: 11 },
                Op::Fault { fault: Fault::Forbidden, on: On::Writes, when: When::Next { n: 3 } },
                Op::Guest { p: 6, is: true },
                Op::Step { r: 0, steps: 90 },
                Op::RenewToken,
                Op::Finish { r: 0 },
            ],
        ),
        found(
            Mutant::EditedIsDisowned,
            "an account whose adoption was lost on the way, and that somebody edited since, was nobody's",
            61_428,
            vec![
                Op::Hand { p: 8, hand: Hand::Makes },
                Op::Begin { r: 2, request: Request::Full, steps: 52 },
                Op::Hand { p: 8, hand: Hand::Edits },
                Op::Scope { g: 4, nested: Some(true) },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::LostAreNotCounted,
            "suspensions whose answers were lost did not count for the guard as long as the app could not be asked, and \
             eleven passed where ten are allowed",
            1,
            [
                vec![Op::Run { request: Request::Full }],
                (0..5).map(leaves).collect(),
                vec![
                    Op::Fault { fault: Fault::Slow, on: On::Reads, when: When::Next { n: 30 } },
                    Op::Fault { fault: Fault::LostAnswer, on: On::Changes, when: When::Next { n: 4 } },
                    Op::Begin { r: 0, request: Request::Full, steps: 9 },
                ],
                (5..12).map(leaves).collect(),
                vec![Op::Finish { r: 0 }, Op::Run { request: Request::Full }],
            ]
            .concat(),
        ),
        found(
            Mutant::EmptiedMeanwhileBelieved,
            "a group of the scope that lost its members between a run's beginning and its plan was believed",
            1,
            [
                vec![Op::Empty { g: 3 }, Op::Enter { p: 15, g: 3 }, Op::Empty { g: 2 }],
                (0..10).map(|p| Op::Enter { p, g: 2 }).collect(),
                vec![
                    Op::Scope { g: 3, nested: Some(false) },
                    Op::Scope { g: 2, nested: Some(false) },
                    Op::Run { request: Request::Full },
                    Op::Begin { r: 2, request: Request::Full, steps: 3 },
                    Op::Empty { g: 3 },
                    Op::Finish { r: 2 },
                ],
            ]
            .concat(),
        ),
        found(
            Mutant::AdoptedTwice,
            "one account was adopted for a leaver by its external id, and taken over for somebody else with the same run: \
             whoever had taken it over was suspended in the leaver's stead",
            1_002_533,
            vec![
                Op::Run { request: Request::Full },
                Op::Recreate { p: 9 },
                Op::Unconfigure,
                Op::Configure,
                Op::Archive { p: 2 },
                Op::Swap { p: 2, q: 9 },
                Op::TakeOver { p: 9 },
                Op::Archived { suspends: true },
                Op::Leavers { adopted: true },
            ],
        ),
        found(
            Mutant::AdoptionBlocked,
            "after an old backup was put back, two people who had swapped their addresses were refused for ever: the one \
             who was forgotten was not adopted because the other's account had the name",
            2_005_346,
            vec![
                Op::Unit { unit: 3, switch: Some(false) },
                Op::Move { p: 16, unit: 3 },
                Op::Run { request: Request::Release },
                Op::Group { g: 1, on: true },
                Op::Backup,
                Op::Run { request: Request::Audit },
                Op::Swap { p: 16, q: 6 },
                Op::PutBack,
            ],
        ),
        found(
            Mutant::AskedForgotten,
            "a create that asked first and was lost was nobody's once somebody had edited the account: whoever lost \
             access meanwhile kept it",
            1_004_558,
            vec![
                Op::Fault {
                    fault: Fault::BadGateway { done: true },
                    on: On::All,
                    when: When::PerMille { n: 300 },
                },
                Op::Begin { r: 1, request: Request::Audit, steps: 51 },
                Op::Hand { p: 12, hand: Hand::Makes },
                Op::Fault { fault: Fault::ServerError, on: On::Writes, when: When::PerMille { n: 300 } },
                Op::Wait { span: Span::Minutes { n: 80 } },
                Op::Hand { p: 1, hand: Hand::Makes },
                Op::Begin { r: 2, request: Request::Full, steps: 44 },
                Op::Run { request: Request::Full },
                Op::Run { request: Request::Audit },
                Op::Run { request: Request::Full },
                Op::Group { g: 4, on: false },
                Op::Run { request: Request::Release },
                Op::Fault {
                    fault: Fault::Throttled { seconds: None },
                    on: On::Writes,
                    when: When::PerMille { n: 300 },
                },
                Op::Fault {
                    fault: Fault::BadGateway { done: true },
                    on: On::Reads,
                    when: When::Next { n: 1 },
                },
                Op::Fault { fault: Fault::Forbidden, on: On::Creates, when: When::Next { n: 1 } },
                Op::Wait { span: Span::Days { n: 63 } },
                Op::Run { request: Request::Audit },
                Op::Run { request: Request::Insist },
                Op::Run { request: Request::Insist },
                Op::Fault {
                    fault: Fault::Throttled { seconds: Some(90) },
                    on: On::Changes,
                    when: When::PerMille { n: 60 },
                },
                Op::Fault { fault: Fault::Unauthorized, on: On::All, when: When::PerMille { n: 60 } },
                Op::Wait { span: Span::Days { n: 22 } },
                Op::Run { request: Request::Full },
                Op::Begin { r: 2, request: Request::Full, steps: 49 },
                Op::Run { request: Request::Full },
                Op::Scope { g: 0, nested: Some(false) },
                Op::Hand { p: 3, hand: Hand::Edits },
                Op::Suspend { p: 3 },
            ],
        ),
        found(
            Mutant::PastReadAsSwitchedOn,
            "an account that the app still showed on, right after it was suspended, passed for one that somebody had \
             switched on, and its suspension was told twice",
            20_004_590,
            vec![
                Op::Scope { g: 1, nested: Some(true) },
                Op::Fault {
                    fault: Fault::ShortPage { most: 3 },
                    on: On::Deletes,
                    when: When::PerMille { n: 300 },
                },
                Op::Fault { fault: Fault::Slow, on: On::Creates, when: When::PerMille { n: 60 } },
                Op::Fault {
                    fault: Fault::BadGateway { done: true },
                    on: On::Writes,
                    when: When::PerMille { n: 300 },
                },
                Op::Pin { p: 16, days: Some(7) },
                Op::Scope { g: 2, nested: Some(true) },
                Op::Suspend { p: 7 },
                Op::Fault { fault: Fault::BadRequestDone, on: On::Reads, when: When::Next { n: 2 } },
                Op::Run { request: Request::Audit },
                Op::Scope { g: 2, nested: None },
                Op::Fault {
                    fault: Fault::Throttled { seconds: Some(90) },
                    on: On::Writes,
                    when: When::PerMille { n: 60 },
                },
                Op::EndFaults,
                Op::Fault {
                    fault: Fault::StaleRead { seconds: 4 },
                    on: On::All,
                    when: When::PerMille { n: 300 },
                },
                Op::HardDelete { days: Some(0) },
                Op::Wait { span: Span::Days { n: 64 } },
                Op::Run { request: Request::Full },
                Op::Begin { r: 0, request: Request::Full, steps: 23 },
                Op::Run { request: Request::Release },
                Op::Wait { span: Span::Days { n: 38 } },
                Op::Begin { r: 0, request: Request::Full, steps: 40 },
                Op::Run { request: Request::Insist },
            ],
        ),
        found(
            Mutant::RenamedIsDisobeyed,
            "the suspension of an account that had been renamed since passed for one that the app did not do: no event \
             told of it, no guard counted it, and eleven passed where ten are allowed",
            21_001_581,
            vec![
                Op::Run { request: Request::Full },
                Op::Backup,
                Op::Swap { p: 17, q: 1 },
                Op::Hand { p: 9, hand: Hand::Off },
                Op::Hand { p: 19, hand: Hand::Makes },
                Op::Run { request: Request::Release },
                Op::PutBack,
                Op::Hand { p: 14, hand: Hand::Unties },
                Op::Hand { p: 12, hand: Hand::MakesForeign },
                Op::HardDelete { days: Some(0) },
                Op::Hand { p: 6, hand: Hand::Makes },
                Op::Hand { p: 3, hand: Hand::Makes },
                Op::List { listing: Listing::Short { n: 10 } },
                Op::Run { request: Request::Full },
                Op::List { listing: Listing::Shuffled },
                Op::Begin { r: 0, request: Request::Audit, steps: 58 },
                Op::Suspend { p: 15 },
                Op::Delete { p: 10 },
                Op::Finish { r: 0 },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::AdoptionBlocked,
            "the account of somebody who had been pinned was not looked for as long as their new name was held, and the \
             holder waited for the name of that very account: neither was ever renamed",
            21_005_156,
            vec![
                Op::Run { request: Request::Full },
                Op::Unconfigure,
                Op::Configure,
                Op::Pin { p: 15, days: None },
                Op::Enable,
                Op::Run { request: Request::Full },
                Op::Swap { p: 15, q: 3 },
                Op::Swap { p: 8, q: 19 },
                Op::Swap { p: 0, q: 14 },
            ],
        ),
        found(
            Mutant::ReleasedCountAsOn,
            "somebody whose suspension a person had released, and whose answer was lost, was counted among those that \
             are on, and one more went than may",
            23_009_621,
            vec![
                Op::Run { request: Request::Full },
                Op::Scope { g: 1, nested: Some(true) },
                Op::Run { request: Request::Person { p: 14 } },
                Op::Call { p: 6, n: 3 },
                Op::Fault { fault: Fault::NotSent, on: On::Writes, when: When::PerMille { n: 300 } },
                Op::Fault { fault: Fault::Unauthorized, on: On::Changes, when: When::PerMille { n: 60 } },
                Op::Fault {
                    fault: Fault::StaleRead { seconds: 4 },
                    on: On::Writes,
                    when: When::PerMille { n: 300 },
                },
                Op::Run { request: Request::Full },
                Op::Fault { fault: Fault::LostAnswer, on: On::Creates, when: When::PerMille { n: 60 } },
                Op::Fault { fault: Fault::ShortPage { most: 3 }, on: On::Changes, when: When::Next { n: 4 } },
                Op::Run { request: Request::Person { p: 2 } },
                Op::EndFaults,
                Op::Recreate { p: 6 },
                Op::Fault {
                    fault: Fault::ShortPage { most: 3 },
                    on: On::Deletes,
                    when: When::PerMille { n: 60 },
                },
                Op::Run { request: Request::Insist },
                Op::Fault { fault: Fault::ForgottenCursor, on: On::Writes, when: When::PerMille { n: 300 } },
                Op::Begin { r: 0, request: Request::Release, steps: 39 },
                Op::Fault { fault: Fault::LostRequest, on: On::Reads, when: When::PerMille { n: 300 } },
                Op::Wait { span: Span::Days { n: 2 } },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::IntentOutlived,
            "a run that stood still between its look at its intent and its request sent it when the intent was long over, \
             and whoever took the app meanwhile sent the same",
            9_000_640,
            vec![
                Op::Begin { r: 1, request: Request::Full, steps: 28 },
                Op::Finish { r: 1 },
                Op::Delete { p: 16 },
                Op::Fault { fault: Fault::Slow, on: On::Writes, when: When::Next { n: 4 } },
                Op::Begin { r: 1, request: Request::Full, steps: 16 },
                Op::Wait { span: Span::Minutes { n: 62 } },
                Op::Step { r: 1, steps: 5 },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::BroughtForwardForever,
            "somebody whose suspension had been brought forward was let in again and suspended in the directory before the \
             next run: the new cause was not waited for",
            1,
            vec![
                Op::Delays { days: [Some(30); 3] },
                Op::Run { request: Request::Full },
                Op::Guest { p: 0, is: true },
                Op::Run { request: Request::Full },
                Op::BringForward { n: 0 },
                Op::Wait { span: Span::Hours { n: 1 } },
                Op::Guest { p: 0, is: false },
                Op::Suspend { p: 0 },
                Op::Run { request: Request::Full },
            ],
        ),
    ]
}
