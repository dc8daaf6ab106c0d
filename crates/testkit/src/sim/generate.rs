//! Rows of ops from a seed.
//!
//! Each row has a temper of its own: some worlds are mostly about people, some about faults, some about replicas, so that
//! rare things meet each other often enough.

use super::chance::Chance;
use super::op::part::{Drifts, Fate, Fault, Hand, Listing, On, Request, Span, When};
use super::op::{GROUPS, Op, PEOPLE, REPLICAS, UNITS};

mod groups;

/// How old what an app shows may be without anybody noticing: less than the pause between two looks.
const STALE_SECONDS: u32 = 4;

/// How many ops a row has.
pub const OPS: usize = 600;

/// How often each sort of op comes, in parts of the whole.
struct Temper {
    people: u64,
    groups: u64,
    telling: u64,
    admin: u64,
    hands: u64,
    /// What is said of groups at the app, and done to them there by other hands.
    provisioned: u64,
    touched: u64,
    faults: u64,
    time: u64,
    runs: u64,
    replicas: u64,
    backups: u64,
}

/// The row of a seed.
pub fn ops(seed: u64) -> Vec<Op> {
    let mut chance = Chance::seeded(seed.wrapping_add(2));
    let temper = temper(&mut chance);
    // Some apps have accounts before Usher comes.
    let before = if chance.coin() { 0 } else { chance.below(9) };
    let made = |chance: &mut Chance| Op::Hand {
        p: person(chance),
        hand: chance.of(&[Hand::Makes, Hand::Makes, Hand::MakesForeign]),
    };
    let before: Vec<Op> = (0..before).map(|_| made(&mut chance)).collect();
    let groups = groups::beginning(&mut chance);
    let mut ops: Vec<Op> =
        before.into_iter().chain(groups).chain((0..OPS).map(|_| op(&mut chance, &temper))).collect();
    archive_pinned(&mut ops);
    // Some worlds end with many people who are entitled, half of whom swap: that alone shows who never steps aside.
    if chance.coin() {
        ops.extend([Op::EndFaults, Op::Unit { unit: 0, switch: Some(true) }, Op::Enable]);
        ops.extend([Op::List { listing: Listing::Whole }, Op::Run { request: Request::Full }]);
        ops.extend((0..PEOPLE / 4).map(|_| Op::Swap { p: person(&mut chance), q: person(&mut chance) }));
    }
    // An app that shows what is long past leaves nobody sure of who did what: few worlds have one, so that the log and the
    // guards are held to their counts in all the others.
    if !seed.is_multiple_of(4) {
        for op in &mut ops {
            if let Op::Fault { fault: Fault::StaleRead { seconds }, .. } = op {
                *seconds = (*seconds).min(STALE_SECONDS);
            }
        }
    }
    ops
}

/// Every third person who is pinned is archived as well, which would hardly ever meet.
fn archive_pinned(ops: &mut [Op]) {
    let pins =
        (1..ops.len()).filter(|at| matches!(ops[at - 1], Op::Pin { .. })).step_by(3).collect::<Vec<_>>();
    for at in pins {
        if let Op::Pin { p, .. } = ops[at - 1] {
            ops[at] = Op::Archive { p };
        }
    }
}

fn temper(chance: &mut Chance) -> Temper {
    let mut some = |least: u64, most: u64| least + chance.below(most - least + 1);
    Temper {
        people: some(150, 350),
        groups: some(20, 100),
        telling: some(10, 60),
        admin: some(20, 120),
        hands: some(0, 120),
        provisioned: some(0, 80),
        touched: some(0, 60),
        faults: some(0, 150),
        time: some(60, 140),
        runs: some(80, 160),
        replicas: some(0, 200),
        backups: if some(0, 3) == 0 { 8 } else { 0 },
    }
}

/// Makes an op of one sort.
type Sort = fn(&mut Chance) -> Op;

fn op(chance: &mut Chance, temper: &Temper) -> Op {
    let sorts: [(u64, Sort); 12] = [
        (temper.people, people),
        (temper.groups, groups::life),
        (temper.telling, telling),
        (temper.admin, admin),
        (temper.hands, hands),
        (temper.provisioned, groups::admin),
        (temper.touched, groups::hands),
        (temper.faults, faults),
        (temper.time, time),
        (temper.runs, runs),
        (temper.replicas, replicas),
        (temper.backups, backups),
    ];
    let mut at = chance.below(sorts.iter().map(|(parts, _)| parts).sum());
    for (parts, sort) in sorts {
        if at < parts {
            return sort(chance);
        }
        at -= parts;
    }
    unreachable!("invariant: the parts make the whole")
}

fn unit(chance: &mut Chance) -> u8 {
    chance.small(u8::try_from(UNITS.len()).expect("invariant: there are few"))
}

fn person(chance: &mut Chance) -> u8 {
    chance.small(PEOPLE)
}

fn people(chance: &mut Chance) -> Op {
    let p = person(chance);
    match chance.below(20) {
        0 => Op::Join { p },
        1 | 2 => Op::Call { p, n: chance.small(9) },
        3 | 4 => Op::Title { p, n: chance.small(4) },
        5 => Op::Address { p, of: p, n: chance.small(4) },
        6 => Op::Address { p, of: person(chance), n: chance.small(2) },
        7 => Op::Swap { p, q: person(chance) },
        8 | 9 => Op::Suspend { p },
        10 => Op::Archive { p },
        11 | 12 => Op::Activate { p },
        13 => Op::Delete { p },
        14 => Op::Restore { p },
        15 => Op::Recreate { p },
        16 => Op::Guest { p, is: chance.coin() },
        17 | 18 => Op::Move { p, unit: unit(chance) },
        _ => Op::Spoil { p, is: chance.below(3) == 0 },
    }
}

fn telling(chance: &mut Chance) -> Op {
    match chance.below(10) {
        0..=3 => Op::Feed { fate: chance.of(&[Fate::Lost, Fate::Doubled, Fate::Late]) },
        4..=6 => Op::List { listing: Listing::Whole },
        7 => Op::List { listing: Listing::Shuffled },
        8 => Op::List { listing: Listing::Short { n: 1 + chance.small(14) } },
        _ => Op::List { listing: chance.of(&[Listing::Empty, Listing::Interrupted]) },
    }
}

fn days(chance: &mut Chance) -> Option<u16> {
    chance.of(&[None, Some(0), Some(0), Some(1), Some(7), Some(30)])
}

fn admin(chance: &mut Chance) -> Op {
    let (p, g) = (person(chance), chance.small(GROUPS));
    match chance.below(24) {
        0 | 1 => {
            Op::Unit { unit: unit(chance), switch: chance.of(&[None, Some(true), Some(true), Some(false)]) }
        }
        2 | 3 => Op::Group { g, on: chance.coin() },
        4 | 5 => Op::Scope { g, nested: chance.of(&[None, None, Some(true), Some(false)]) },
        6 | 7 => {
            // At least one trigger is selected: activation asks for it.
            let (app_off, deleted) = (days(chance), days(chance));
            Op::Delays { days: [app_off, Some(days(chance).unwrap_or(0)), deleted] }
        }
        8 | 9 => Op::HardDelete { days: days(chance) },
        10 => Op::Archived { suspends: chance.coin() },
        11 => Op::Drifts { policy: chance.of(&[Drifts::Repair, Drifts::Report, Drifts::Ignore]) },
        12 => Op::Leavers { adopted: chance.coin() },
        13 => Op::Map { title: chance.coin() },
        14 => Op::SecondDomain { provisioned: chance.coin() },
        15 => Op::Disable,
        16 | 17 => Op::Enable,
        18 => chance.of(&[Op::Unconfigure, Op::Configure, Op::Configure]),
        19 => chance.of(&[Op::RevokeToken, Op::RenewToken, Op::RenewToken]),
        20 => Op::Pin { p, days: chance.of(&[None, Some(1), Some(7)]) },
        21 => Op::Unpin { p },
        22 => chance.of(&[
            Op::SwitchOn { p },
            Op::TakeOver { p },
            Op::BringForward { n: p },
            Op::BringForward { n: p },
        ]),
        _ => Op::Discard,
    }
}

fn hands(chance: &mut Chance) -> Op {
    let p = person(chance);
    let all = [
        Hand::Edits,
        Hand::Edits,
        Hand::Scribbles,
        Hand::Off,
        Hand::On,
        Hand::Deletes,
        Hand::Makes,
        Hand::Makes,
        Hand::Makes,
        Hand::MakesForeign,
        Hand::Unties,
        Hand::Claims,
    ];
    Op::Hand { p, hand: chance.of(&all) }
}

fn faults(chance: &mut Chance) -> Op {
    if chance.below(4) == 0 {
        return Op::EndFaults;
    }
    let fault = chance.of(&[
        Fault::NotSent,
        Fault::LostRequest,
        Fault::LostAnswer,
        Fault::LostAnswer,
        Fault::Slow,
        Fault::Throttled { seconds: None },
        Fault::Throttled { seconds: Some(90) },
        Fault::ServerError,
        Fault::BadGateway { done: true },
        Fault::BadGateway { done: false },
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::BadRequestDone,
        Fault::BadRequestEmptied,
        Fault::NothingDone,
        Fault::ForgottenCursor,
        Fault::LoopingCursor,
        Fault::ShortPage { most: 3 },
        Fault::StaleRead { seconds: STALE_SECONDS },
        Fault::StaleRead { seconds: STALE_SECONDS },
        Fault::StaleRead { seconds: 60 },
    ]);
    let on = chance.of(&[On::All, On::Reads, On::Writes, On::Creates, On::Changes, On::Deletes]);
    let when = match chance.below(3) {
        0 => When::Next { n: 1 + chance.small(4) },
        1 => When::PerMille { n: 60 },
        _ => When::PerMille { n: 300 },
    };
    Op::Fault { fault, on, when }
}

fn time(chance: &mut Chance) -> Op {
    let span = match chance.below(8) {
        0 | 1 => Span::Seconds { n: 1 + u32::from(chance.small(60)) },
        2 | 3 => Span::Minutes { n: 1 + u32::from(chance.small(90)) },
        4 | 5 => Span::Hours { n: 1 + u32::from(chance.small(40)) },
        6 => Span::Days { n: 1 + u32::from(chance.small(9)) },
        _ => Span::Days { n: 10 + u32::from(chance.small(60)) },
    };
    Op::Wait { span }
}

fn request(chance: &mut Chance) -> Request {
    match chance.below(14) {
        0..=6 => Request::Full,
        7 | 8 => Request::Audit,
        9 => Request::Insist,
        10 => Request::Release,
        11 => Request::Undo,
        12 => Request::Approved,
        _ => Request::Person { p: person(chance) },
    }
}

fn runs(chance: &mut Chance) -> Op {
    if chance.below(12) == 0 { Op::Approve } else { Op::Run { request: request(chance) } }
}

fn replicas(chance: &mut Chance) -> Op {
    let r = chance.small(REPLICAS);
    let steps = 1 + u16::from(chance.small(60));
    match chance.below(10) {
        0..=2 => Op::Begin { r, request: request(chance), steps },
        3 | 4 => Op::Step { r, steps },
        5 | 6 => Op::Mingle { steps },
        7 => Op::Finish { r },
        _ => Op::Crash { r },
    }
}

fn backups(chance: &mut Chance) -> Op {
    chance.of(&[Op::Backup, Op::Backup, Op::PutBack])
}
