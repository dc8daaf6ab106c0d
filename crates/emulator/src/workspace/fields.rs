//! `fields=`: which part of an answer is wanted, as `nextPageToken,users(id,name/givenName)`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// How deep parentheses may go.
const MAX_DEPTH: usize = 16;

/// What is wanted of an object. Nothing below: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask {
    wanted: BTreeMap<String, Mask>,
}

impl Mask {
    /// Reads a mask.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut reader = Reader { rest: text, whole: text };
        let mask = reader.list(0)?;
        if reader.rest.is_empty() { Ok(mask) } else { Err(reader.wrong()) }
    }

    /// What is wanted of a value.
    pub(crate) fn of(&self, value: Value) -> Value {
        if self.wanted.is_empty() {
            return value;
        }
        if let Value::Array(items) = value {
            return Value::Array(items.into_iter().map(|item| self.of(item)).collect());
        }
        let Value::Object(object) = value else { return value };
        let mut kept = Map::new();
        for (name, value) in object {
            if let Some(mask) = self.wanted.get(&name).or_else(|| self.wanted.get("*")) {
                kept.insert(name, mask.of(value));
            }
        }
        Value::Object(kept)
    }

    /// The first name that a schema does not have.
    pub(crate) fn unknown<'a>(&'a self, schema: &Value, schemas: &Value) -> Option<&'a str> {
        let mut schema = schema;
        // A reference, and what a list is of.
        for _ in 0..4 {
            if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
                schema = schemas.get(name)?;
            } else if let Some(items) = schema.get("items") {
                schema = items;
            } else {
                break;
            }
        }
        let properties = schema.get("properties")?;
        self.wanted.iter().find_map(|(name, below)| {
            if name == "*" {
                return None;
            }
            match properties.get(name) {
                None => Some(name.as_str()),
                Some(property) => below.unknown(property, schemas),
            }
        })
    }

    fn add(&mut self, name: &str, below: Self) {
        match self.wanted.get_mut(name) {
            Some(there) if there.wanted.is_empty() || below.wanted.is_empty() => there.wanted.clear(),
            Some(there) => {
                for (name, mask) in below.wanted {
                    there.add(&name, mask);
                }
            }
            None => {
                self.wanted.insert(name.to_owned(), below);
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Reader<'_> {
    fn list(&mut self, depth: usize) -> Result<Mask, Refusal> {
        let mut mask = Mask::default();
        loop {
            let (name, below) = self.item(depth)?;
            mask.add(&name, below);
            let Some(rest) = self.rest.strip_prefix(',') else { return Ok(mask) };
            self.rest = rest;
        }
    }

    fn item(&mut self, depth: usize) -> Result<(String, Mask), Refusal> {
        if depth > MAX_DEPTH {
            return Err(self.wrong());
        }
        let end = self.rest.find([',', '/', '(', ')']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(self.wrong());
        }
        if let Some(rest) = rest.strip_prefix('/') {
            self.rest = rest;
            let (below, mask) = self.item(depth + 1)?;
            return Ok((name, Mask { wanted: BTreeMap::from([(below, mask)]) }));
        }
        let Some(rest) = rest.strip_prefix('(') else {
            self.rest = rest;
            return Ok((name, Mask::default()));
        };
        self.rest = rest;
        let below = self.list(depth + 1)?;
        self.rest = self.rest.strip_prefix(')').ok_or_else(|| self.wrong())?;
        Ok((name, below))
    }

    fn wrong(&self) -> Refusal {
        invalid(self.whole)
    }
}

/// What is said of a mask that is none.
pub(crate) fn invalid(what: &str) -> Refusal {
    Refusal::invalid_parameter("fields", format!("Invalid field selection {what}"))
}

#[cfg(test)]
mod tests;
