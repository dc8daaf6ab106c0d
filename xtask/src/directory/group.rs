//! Groups and who is in them. The first ones are awkward, each in its own way; the rest are teams.

use super::Recipe;
use super::chance::{Chance, Subject};
use super::company::{CUSTOMER_ID, PRIMARY_DOMAIN};
use super::kind::Kind;
use super::person::{address, id};
use super::wire;

/// How many members the big group has, where there are so many people: more than one SCIM request may hold.
const BIG_GROUP: usize = 150;

const CYCLE: [&str; 3] = ["cycle-a", "cycle-b", "cycle-c"];
const PURPOSES: [&str; 8] =
    ["Administrators", "Deployers", "On call", "Readers", "Reviewers", "Projekt", "Équipe", "Guild"];

/// What a group is, decided by its index alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Everyone who is not deleted, one by one.
    Everyone,
    /// One member: the whole customer.
    WholeCustomer,
    /// One of three groups of which each has the next as a member.
    Cycle(usize),
    NoMembers,
    /// Has a member from outside.
    External,
    /// More than 140 members.
    Big,
    /// Has the next groups as members, and every tenth umbrella the one after it, too.
    Umbrella,
    /// Has the name of the group just before.
    SameName,
    Team,
}

impl Shape {
    fn of(index: u64) -> Self {
        match index {
            0 => Self::Everyone,
            1 => Self::WholeCustomer,
            2 => Self::Cycle(0),
            3 => Self::Cycle(1),
            4 => Self::Cycle(2),
            5 => Self::NoMembers,
            6 => Self::External,
            7 => Self::Big,
            13 => Self::SameName,
            _ if index % 10 == 8 => Self::Umbrella,
            _ => Self::Team,
        }
    }
}

/// Somebody or something in a group.
#[derive(Clone, Copy)]
enum MemberOf {
    Person(u64),
    Group(u64),
    External,
    Customer,
}

pub(super) fn group_email(index: u64) -> String {
    let local = match Shape::of(index) {
        Shape::Everyone => "everyone".to_owned(),
        Shape::WholeCustomer => "whole-customer".to_owned(),
        Shape::Cycle(at) => CYCLE[at].to_owned(),
        Shape::NoMembers => "no-members".to_owned(),
        Shape::External => "with-external".to_owned(),
        Shape::Big => "big".to_owned(),
        Shape::Umbrella => format!("umbrella-{index}"),
        Shape::SameName | Shape::Team => format!("team-{index}"),
    };
    format!("{local}@{PRIMARY_DOMAIN}")
}

fn name(index: u64) -> String {
    let purpose = PURPOSES[usize::try_from(index % 8).expect("invariant: below eight")];
    match Shape::of(index) {
        Shape::Everyone => "Everyone at Example".to_owned(),
        Shape::WholeCustomer => "All accounts".to_owned(),
        Shape::Cycle(at) => format!("Cycle {}", ["A", "B", "C"][at]),
        Shape::NoMembers => "Nobody yet".to_owned(),
        Shape::External => "Joint project (with an external member)".to_owned(),
        Shape::Big => "Big".to_owned(),
        Shape::Umbrella => format!("AWS {purpose} {index}, all teams"),
        Shape::SameName => name(index - 1),
        Shape::Team => format!("AWS {purpose} {index}"),
    }
}

/// The entry of the group at `index`.
pub(super) fn group(recipe: &Recipe, index: u64) -> wire::Group {
    let people = members_of(recipe, index).filter(|member| matches!(member, MemberOf::Person(_)));
    wire::Group {
        kind: "admin#directory#group",
        id: group_id(index),
        email: group_email(index),
        name: name(index),
        description: String::new(),
        direct_members_count: people.count() as u64,
        admin_created: true,
    }
}

/// The members of the group at `index`, made one by one.
pub(super) fn members(recipe: &Recipe, index: u64) -> impl Iterator<Item = wire::Member> + use<> {
    let recipe = *recipe;
    members_of(&recipe, index).enumerate().map(move |(at, member)| entry(&recipe, member, at == 0))
}

fn members_of(recipe: &Recipe, index: u64) -> Box<dyn Iterator<Item = MemberOf>> {
    let mut chance = Chance::of(recipe.seed, Subject::Group, index);
    let groups = recipe.groups;
    let mut some_people = |limit: usize| people(recipe.users, &mut chance).take(limit);
    match Shape::of(index) {
        Shape::Everyone => Box::new((0..recipe.users).filter(|&at| exists(at)).map(MemberOf::Person)),
        Shape::WholeCustomer => Box::new([MemberOf::Customer].into_iter()),
        Shape::Cycle(at) => {
            let next = index - at as u64 + (at as u64 + 1) % 3;
            Box::new(some_people(4).chain((next < groups).then_some(MemberOf::Group(next))))
        }
        Shape::NoMembers => Box::new(std::iter::empty()),
        Shape::External => Box::new(some_people(3).chain([MemberOf::External])),
        Shape::Big => Box::new(some_people(BIG_GROUP)),
        Shape::Umbrella => {
            let teams = (index + 1..=index + 3).chain((index % 100 == 8).then_some(index + 10));
            let teams = teams.filter(move |&team| team < groups).map(MemberOf::Group);
            Box::new(some_people(1).chain(teams))
        }
        Shape::SameName | Shape::Team => {
            let size = 3 + usize::try_from(index * 7 % 28).expect("invariant: below 28");
            Box::new(some_people(size))
        }
    }
}

/// Everyone who is not deleted, once each, in an order of the group's own.
fn people(users: u64, chance: &mut Chance) -> impl Iterator<Item = MemberOf> + use<> {
    const STRIDES: [u64; 6] = [7, 11, 101, 1_009, 10_007, 1];
    let start = if users == 0 { 0 } else { chance.below(users) };
    let first = chance.below(STRIDES.len() as u64);
    // A prime that does not divide the number of people comes past all of them before it repeats.
    let stride = (first..).map(|at| STRIDES[usize::try_from(at % 6).expect("invariant: below six")]);
    let stride = stride.into_iter().find(|&prime| prime == 1 || !users.is_multiple_of(prime)).unwrap_or(1);
    (0..users).map(move |at| (start + at * stride) % users).filter(|&at| exists(at)).map(MemberOf::Person)
}

/// Deleted people leave their groups.
fn exists(index: u64) -> bool {
    !Kind::of(index).is_deleted()
}

fn entry(recipe: &Recipe, member: MemberOf, is_first: bool) -> wire::Member {
    let (id, email, member_type, status) = match member {
        MemberOf::Person(at) => (id(at), Some(address(recipe, at)), "USER", Some(status(Kind::of(at)))),
        MemberOf::Group(at) => (group_id(at), Some(group_email(at)), "GROUP", Some("ACTIVE")),
        MemberOf::External => {
            (id(u64::MAX >> 2), Some("ext.advisor@partner.example".to_owned()), "EXTERNAL", None)
        }
        MemberOf::Customer => (CUSTOMER_ID.to_owned(), None, "CUSTOMER", None),
    };
    let role = if is_first && member_type == "USER" { "OWNER" } else { "MEMBER" };
    wire::Member { kind: "admin#directory#member", id, email, role, member_type, status }
}

fn status(kind: Kind) -> &'static str {
    if kind.is_archived() {
        "ARCHIVED"
    } else if kind.is_suspended() {
        "SUSPENDED"
    } else {
        "ACTIVE"
    }
}

/// Fifteen characters, as Google's group ids are.
fn group_id(index: u64) -> String {
    format!("03x8tuz{index:08x}")
}
