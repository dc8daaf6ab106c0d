//! The query language of users: clauses joined by spaces, all of which have to hold.
//!
//! `field=value` is the whole value, `field:value` a part of it, `field:value*` its beginning; a value with spaces stands
//! in single quotes; a value without a field is the beginning of a name or an address. Letters' case does not matter.

use serde_json::Value;

use crate::workspace::directory::{User, flag, text};
use crate::workspace::refusal::Refusal;
use crate::workspace::tree::Tree;

/// The most clauses.
const MAX_CLAUSES: usize = 50;

/// A query that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    clauses: Vec<Clause>,
}

/// One clause. No field: names and addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) field: Option<String>,
    pub(crate) operator: Operator,
    /// In small letters.
    pub(crate) value: String,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Is,
    Contains,
    Begins,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let clauses = clauses(text)?;
        let known = |clause: &Clause| clause.field.as_deref().is_none_or(is_known);
        if clauses.iter().all(known) { Ok(Self { clauses }) } else { Err(wrong()) }
    }

    /// Whether a user is meant.
    pub(super) fn matches(&self, user: &User, tree: &Tree) -> bool {
        self.clauses.iter().all(|clause| holds(clause, user, tree))
    }
}

fn wrong() -> Refusal {
    Refusal::invalid("query")
}

/// Reads clauses.
pub(crate) fn clauses(text: &str) -> Result<Vec<Clause>, Refusal> {
    let mut clauses = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if clauses.len() == MAX_CLAUSES {
            return Err(wrong());
        }
        let (clause, left) = clause(rest)?;
        clauses.push(clause);
        rest = left.trim_start();
    }
    Ok(clauses)
}

fn clause(text: &str) -> Result<(Clause, &str), Refusal> {
    let is_name = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let operators = [
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::More),
        ("=", Operator::Is),
        (":", Operator::Contains),
    ];
    let found = operators.into_iter().find_map(|(sign, operator)| Some((operator, rest.strip_prefix(sign)?)));
    let Some((operator, rest)) = found.filter(|_| !name.is_empty()) else {
        let (value, rest, _) = value(text)?;
        return Ok((Clause { field: None, operator: Operator::Begins, value }, rest));
    };
    let (value, rest, is_prefix) = value(rest)?;
    let operator = if is_prefix && operator == Operator::Contains { Operator::Begins } else { operator };
    Ok((Clause { field: Some(name.to_owned()), operator, value }, rest))
}

/// A value, what follows it, and whether it ends with a star.
fn value(text: &str) -> Result<(String, &str, bool), Refusal> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    let rest = quoted.get(at + 1..).unwrap_or_default();
                    let (rest, star) = rest.strip_prefix('*').map_or((rest, false), |rest| (rest, true));
                    return Ok((value.to_lowercase(), rest, star));
                }
                '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
                letter => value.push(letter),
            }
        }
        return Err(wrong());
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    let (value, star) = value.strip_suffix('*').map_or((value, false), |value| (value, true));
    if value.is_empty() && !star { Err(wrong()) } else { Ok((value.to_lowercase(), rest, star)) }
}

/// Fields that stand for one attribute of a list of objects.
const LISTED: [(&str, &str, &str); 9] = [
    ("orgName", "organizations", "name"),
    ("orgTitle", "organizations", "title"),
    ("orgDepartment", "organizations", "department"),
    ("orgDescription", "organizations", "description"),
    ("orgCostCenter", "organizations", "costCenter"),
    ("phone", "phones", "value"),
    ("im", "ims", "im"),
    ("externalId", "externalIds", "value"),
    ("address", "addresses", "formatted"),
];

/// Fields of addresses.
const ADDRESSES: [(&str, &str); 7] = [
    ("addressPoBox", "poBox"),
    ("addressExtended", "extendedAddress"),
    ("addressStreet", "streetAddress"),
    ("addressLocality", "locality"),
    ("addressRegion", "region"),
    ("addressPostalCode", "postalCode"),
    ("addressCountry", "country"),
];

const OTHERS: [&str; 12] = [
    "name",
    "email",
    "givenName",
    "familyName",
    "isAdmin",
    "isDelegatedAdmin",
    "isSuspended",
    "isArchived",
    "manager",
    "directManager",
    "orgUnitPath",
    "managerId",
];

fn is_known(field: &str) -> bool {
    field.contains('.')
        || field == "directManagerId"
        || OTHERS.contains(&field)
        || LISTED.iter().any(|(known, _, _)| *known == field)
        || ADDRESSES.iter().any(|(known, _)| *known == field)
}

fn holds(clause: &Clause, user: &User, tree: &Tree) -> bool {
    let Some(field) = clause.field.as_deref() else {
        return names(user).iter().take(2).any(|name| compare(clause, name))
            || addresses(user).any(|address| compare(clause, address));
    };
    match field {
        "name" => names(user).iter().any(|name| compare(clause, name)),
        "givenName" => compare(clause, names(user)[0]),
        "familyName" => compare(clause, names(user)[1]),
        "email" => addresses(user).any(|address| compare(clause, address)),
        "isAdmin" | "isDelegatedAdmin" => flag(&user.fields, field) == (clause.value == "true"),
        "isSuspended" => flag(&user.fields, "suspended") == (clause.value == "true"),
        "isArchived" => flag(&user.fields, "archived") == (clause.value == "true"),
        "manager" | "directManager" | "managerId" | "directManagerId" => {
            let relations = listed(user, "relations");
            relations
                .filter(|relation| relation.get("type").and_then(Value::as_str) == Some("manager"))
                .filter_map(|relation| relation.get("value").and_then(Value::as_str))
                .any(|manager| compare(clause, manager))
        }
        "orgUnitPath" => {
            let above = tree.find(&clause.value);
            above.is_some_and(|above| tree.is_within(&user.org_unit, &above.id))
        }
        _ => other_holds(clause, field, user),
    }
}

fn other_holds(clause: &Clause, field: &str, user: &User) -> bool {
    let of_list = |list: &str, part: &str| {
        listed(user, list)
            .filter_map(|item| item.get(part).and_then(Value::as_str))
            .any(|value| compare(clause, value))
    };
    if let Some((_, list, part)) = LISTED.iter().find(|(known, _, _)| *known == field) {
        return of_list(list, part);
    }
    if let Some((_, part)) = ADDRESSES.iter().find(|(known, _)| *known == field) {
        return of_list("addresses", part);
    }
    let Some((schema, name)) = field.split_once('.') else { return false };
    let value =
        user.fields.get("customSchemas").and_then(|all| all.get(schema)).and_then(|all| all.get(name));
    match value {
        Some(Value::Array(items)) => {
            items.iter().filter_map(|item| item.get("value")).any(|value| compare(clause, &plain(value)))
        }
        Some(value) => compare(clause, &plain(value)),
        None => false,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The given, the family and the full name.
fn names(user: &User) -> [&str; 3] {
    let name = user.fields.get("name").and_then(Value::as_object);
    ["givenName", "familyName", "fullName"].map(|part| name.map_or("", |name| text(name, part)))
}

fn addresses(user: &User) -> impl Iterator<Item = &str> {
    let written = listed(user, "emails").filter_map(|entry| entry.get("address").and_then(Value::as_str));
    std::iter::once(user.email()).chain(user.aliases()).chain(written)
}

fn listed<'a>(user: &'a User, list: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    user.fields.get(list).and_then(Value::as_array).into_iter().flatten()
}

/// Whether a value is as the clause wants it.
pub(crate) fn compare(clause: &Clause, value: &str) -> bool {
    let value = value.to_lowercase();
    let wanted = clause.value.as_str();
    let ordering = match (value.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(value), Ok(wanted)) => value.partial_cmp(&wanted),
        _ => Some(value.as_str().cmp(wanted)),
    };
    match clause.operator {
        Operator::Is => value == wanted,
        Operator::Contains => value.contains(wanted),
        Operator::Begins => value.starts_with(wanted),
        Operator::Less => ordering.is_some_and(std::cmp::Ordering::is_lt),
        Operator::AtMost => ordering.is_some_and(std::cmp::Ordering::is_le),
        Operator::More => ordering.is_some_and(std::cmp::Ordering::is_gt),
        Operator::AtLeast => ordering.is_some_and(std::cmp::Ordering::is_ge),
    }
}

#[cfg(test)]
mod tests;
