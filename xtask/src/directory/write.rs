//! Writes the document entry by entry, one to a line.

use std::io::{Result, Write};

use serde::Serialize;

use super::Recipe;
use super::customer::{domains, org_units, schemas};
use super::facts::Facts;
use super::group::{group, group_email, members};
use super::kind::Kind;
use super::user::user;

/// Writes the whole directory and says what was in it.
pub(super) fn directory(recipe: &Recipe, out: &mut impl Write) -> Result<Facts> {
    let mut facts = Facts::of(recipe);
    key(out, "{", "domains")?;
    array(out, domains())?;
    key(out, ",", "organizationUnits")?;
    array(out, org_units())?;
    key(out, ",", "schemas")?;
    array(out, schemas())?;
    key(out, ",", "users")?;
    let people = (0..recipe.users).inspect(|&index| facts.count_person(Kind::of(index)));
    array(out, people.map(|index| user(recipe, index)))?;
    key(out, ",", "groups")?;
    array(out, (0..recipe.groups).map(|index| group(recipe, index)))?;
    key(out, ",", "members")?;
    let mut before = "{";
    for index in 0..recipe.groups {
        key(out, before, &group_email(index))?;
        array(out, members(recipe, index).inspect(|_| facts.count_membership()))?;
        before = ",";
    }
    if recipe.groups == 0 {
        out.write_all(b"{")?;
    }
    out.write_all(b"}}\n")?;
    Ok(facts)
}

fn key(out: &mut impl Write, before: &str, key: &str) -> Result<()> {
    writeln!(out, "{before}")?;
    serde_json::to_writer(&mut *out, key)?;
    out.write_all(b": ")
}

fn array<T: Serialize>(out: &mut impl Write, entries: impl IntoIterator<Item = T>) -> Result<()> {
    let mut before: &[u8] = b"[\n";
    for entry in entries {
        out.write_all(before)?;
        serde_json::to_writer(&mut *out, &entry)?;
        before = b",\n";
    }
    if before == b"[\n" {
        out.write_all(b"[")?;
    }
    out.write_all(b"]")
}
