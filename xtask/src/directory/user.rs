//! A person as the Directory API shows them.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Recipe;
use super::company::{ALIAS_DOMAIN, CUSTOMER_ID, GUESTS_PATH, PRIMARY_DOMAIN};
use super::kind::{Kind, days, suspended_for};
use super::person::{Person, address, id, local_part, manager};
use super::wire;

const SUSPENSION_REASONS: [&str; 3] = ["ADMIN", "WEB_LOGIN_REQUIRED", "ABUSE"];
const SKILLS: [&str; 6] = ["Rust", "Negotiation", "First aid", "日本語", "Kubernetes", "Bookkeeping"];

/// The entry of the person at `index`.
pub(super) fn user(recipe: &Recipe, index: u64) -> wire::User {
    let person = Person::of(recipe, index);
    let kind = person.kind;
    let primary_email = address(recipe, index);
    let ago = |how_long: SignedDuration| rfc3339(recipe.as_of - how_long);
    let aliases = aliases(recipe, &person);
    let non_editable_aliases = non_editable_aliases(&primary_email, kind);
    let is_guest = kind == Kind::Guest;
    wire::User {
        kind: "admin#directory#user",
        id: id(index),
        emails: emails(&primary_email, &aliases, &non_editable_aliases),
        primary_email,
        is_admin: index == 0,
        is_delegated_admin: index == 1,
        last_login_time: last_login(&person).map_or("1970-01-01T00:00:00.000Z".to_owned(), ago),
        creation_time: ago(days(person.days_employed)),
        deletion_time: kind.deleted_for().map(ago),
        agreed_to_terms: true,
        suspended: kind.is_suspended(),
        suspension_reason: kind.is_suspended().then(|| SUSPENSION_REASONS[nth(index, 3)]),
        suspension_time: kind.is_suspended().then(|| ago(suspended_for(index))),
        archived: kind.is_archived(),
        archival_time: kind.is_archived().then(|| ago(days(40))),
        change_password_at_next_login: false,
        ip_whitelisted: false,
        is_mailbox_setup: !is_guest,
        include_in_global_address_list: !is_guest,
        customer_id: CUSTOMER_ID,
        org_unit_path: if is_guest { GUESTS_PATH.to_owned() } else { person.post.org_unit_path() },
        aliases,
        non_editable_aliases,
        external_ids: vec![wire::Typed { value: format!("E{index:07}"), kind: "organization" }],
        relations: relations(recipe, index),
        organizations: vec![organization(&person)],
        phones: phones(&person),
        locations: vec![wire::Location {
            kind: "desk",
            area: "desk",
            building_id: person.post.office.building,
        }],
        languages: vec![wire::Language {
            language_code: person.post.office.language,
            preference: "preferred",
        }],
        custom_schemas: (!is_guest).then(|| custom_schemas(recipe, &person)),
        is_guest_user: is_guest.then_some(true),
        guest_account_info: is_guest.then(|| wire::GuestAccountInfo {
            primary_guest_email: format!("{}{index}@partner.example", person.name.address),
        }),
        name: wire::UserName {
            full_name: person.name.full(),
            given_name: person.name.given,
            family_name: person.name.family,
        },
    }
}

/// Every tenth person has an alias: what their address was before they changed their name. The swapped pair
/// is not among them.
fn aliases(recipe: &Recipe, person: &Person) -> Vec<String> {
    let index = person.index;
    if person.kind == Kind::DeletedRecently && Kind::of(index + 1) == Kind::FormerAlias {
        return vec![address(recipe, index + 1)];
    }
    if index % 10 != 3 || person.kind == Kind::Guest {
        return Vec::new();
    }
    vec![format!("formerly.{}@{PRIMARY_DOMAIN}", local_part(recipe, index))]
}

fn non_editable_aliases(primary_email: &str, kind: Kind) -> Vec<String> {
    match primary_email.split_once('@') {
        Some((local, PRIMARY_DOMAIN)) if kind != Kind::Guest => vec![format!("{local}@{ALIAS_DOMAIN}")],
        _ => Vec::new(),
    }
}

/// Google lists every address of a person here, the primary one marked.
fn emails(primary: &str, aliases: &[String], non_editable: &[String]) -> Vec<wire::Email> {
    let mut emails =
        vec![wire::Email { address: primary.to_owned(), kind: Some("work"), primary: Some(true) }];
    let others = aliases.iter().chain(non_editable);
    emails.extend(others.map(|alias| wire::Email { address: alias.clone(), kind: None, primary: None }));
    emails
}

/// How long ago they signed in last; somebody who left signed in before that.
fn last_login(person: &Person) -> Option<SignedDuration> {
    if person.kind == Kind::Guest {
        return None;
    }
    let minutes = i64::try_from(person.extension).expect("invariant: four digits");
    Some(if person.kind.is_active() { SignedDuration::from_mins(minutes) } else { days(50) })
}

fn relations(recipe: &Recipe, index: u64) -> Vec<wire::Typed> {
    let manager = manager(index).map(|above| wire::Typed { value: address(recipe, above), kind: "manager" });
    manager.into_iter().collect()
}

fn organization(person: &Person) -> wire::Organization {
    wire::Organization {
        name: if person.kind == Kind::Guest { "Partner Example" } else { "Example" },
        title: person.post.title,
        primary: true,
        kind: "work",
        department: person.post.department.name,
        cost_center: cost_center(person),
        description: if person.index % 15 == 4 { "Contractor" } else { "Employee" },
    }
}

fn cost_center(person: &Person) -> String {
    let teams = person.post.department.teams;
    let team = teams.iter().position(|&team| team == person.post.team).unwrap_or(0);
    format!("CC-{}-{team}", person.post.department.cost_center)
}

fn phones(person: &Person) -> Vec<wire::Typed> {
    let number = |suffix: u64| format!("{} {suffix:04}", person.post.office.phone_prefix);
    let mut phones = vec![wire::Typed { value: number(person.extension), kind: "work" }];
    if person.index.is_multiple_of(3) {
        phones.push(wire::Typed { value: number(9_999 - person.extension), kind: "mobile" });
    }
    phones
}

fn custom_schemas(recipe: &Recipe, person: &Person) -> wire::CustomSchemas {
    let start = recipe.as_of - days(person.days_employed);
    let first = nth(person.index, SKILLS.len());
    let second = nth(person.index / 2 + 1, SKILLS.len());
    let mut skills = vec![SKILLS[first]];
    if second != first {
        skills.push(SKILLS[second]);
    }
    wire::CustomSchemas {
        employment: wire::Employment {
            cost_center: cost_center(person),
            start_date: TimeZone::UTC.to_datetime(start).date().to_string(),
            full_time: person.index % 7 != 2,
            skills: skills.into_iter().map(|s| wire::Typed { value: s.to_owned(), kind: "work" }).collect(),
        },
    }
}

/// With milliseconds, as Google writes instants.
fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn nth(index: u64, length: usize) -> usize {
    usize::try_from(index % length as u64).expect("invariant: an index below a length fits")
}
