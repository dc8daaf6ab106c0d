//! JSON in the Directory API's form: one object, with a list of entries under each key.
//!
//! The object is walked as it is read; only the entries of one batch are ever in memory.

use std::fmt;
use std::io::Read;
use std::mem;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::entry::{ENTRIES_PER_BATCH, Entry, MemberEntry, Piece};
use super::error::ImportError;
use super::outlet::{ENTRY_MAX_BYTES, Outlet};

const KEYS: &str = "users, groups, members, organizationUnits, domains, schemas";

/// Sends the entries of a document. False: nobody listens any more.
pub(super) fn parse(reader: impl Read, outlet: &Outlet) -> Result<bool, ImportError> {
    let mut document = serde_json::Deserializer::from_reader(reader);
    let parsed = Document { outlet }.deserialize(&mut document).and_then(|()| document.end());
    match parsed {
        Ok(()) => Ok(true),
        Err(_) if outlet.is_closed() => Ok(false),
        Err(error) => Err(explain(error, outlet)),
    }
}

fn explain(error: serde_json::Error, outlet: &Outlet) -> ImportError {
    let path = outlet.path();
    if let Some(line) = outlet.meter().overrun() {
        return ImportError::TooLarge { path, line, max_bytes: ENTRY_MAX_BYTES };
    }
    if error.is_io() {
        return ImportError::Unreadable { path, source: error.into() };
    }
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let problem = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    if problem == "invalid unicode code point" {
        return ImportError::NotUtf8 { path, line: u64::try_from(line).unwrap_or(u64::MAX) };
    }
    let place = format!("line {line}, column {column}");
    let problem = match (error.is_eof(), column) {
        (true, 0) if line <= 1 => "the file is empty".to_owned(),
        (true, _) => format!("{problem}; the file ends in the middle: was it cut off?"),
        (false, _) => problem.to_owned(),
    };
    ImportError::Malformed { path, place, problem }
}

/// The whole document.
struct Document<'a> {
    outlet: &'a Outlet,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with any of the keys {KEYS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outlet = self.outlet;
        outlet.meter().start_entry();
        while let Some(key) = map.next_key::<String>()? {
            let piece: fn(Vec<Entry>) -> Piece = match key.as_str() {
                "users" => Piece::Users,
                "groups" => Piece::Groups,
                "organizationUnits" => Piece::OrgUnits,
                "domains" => Piece::Domains,
                "schemas" => Piece::Schemas,
                "members" => {
                    map.next_value_seed(Members { outlet })?;
                    continue;
                }
                _ => {
                    return Err(A::Error::custom(format_args!(
                        "there is no kind of thing called {key:?}; the keys are {KEYS}"
                    )));
                }
            };
            map.next_value_seed(List { outlet, piece })?;
        }
        Ok(())
    }
}

/// The entries under one key.
struct List<'a> {
    outlet: &'a Outlet,
    piece: fn(Vec<Entry>) -> Piece,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut batch = Vec::new();
        while let Some((line, change)) = entries.next_element_seed(Placed { outlet: self.outlet })? {
            batch.push(Entry { line, change, ..Entry::default() });
            if batch.len() == ENTRIES_PER_BATCH {
                send(self.outlet, (self.piece)(mem::take(&mut batch)))?;
            }
        }
        // Sent even if it is empty: that a kind was named is something too.
        send(self.outlet, (self.piece)(batch))
    }
}

/// One entry, and the line where it starts.
struct Placed<'a> {
    outlet: &'a Outlet,
}

impl<'de> DeserializeSeed<'de> for Placed<'_> {
    type Value = (u64, Map<String, Json>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let line = self.outlet.meter().start_entry();
        deserializer.deserialize_map(Object).map(|object| (line, object))
    }
}

/// A JSON object, and nothing that only looks like one.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Json>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, value)) = map.next_entry()? {
            object.insert(key, value);
        }
        Ok(object)
    }
}

/// The object under `members`: a group's address to the list of its members.
struct Members<'a> {
    outlet: &'a Outlet,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that gives each group's address the list of its members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut listed = Listed { outlet: self.outlet, groups: Vec::new(), members: Vec::new() };
        while let Some(group) = map.next_key::<String>()? {
            let line = self.outlet.meter().start_entry();
            listed.groups.push((line, group.into()));
            map.next_value_seed(&mut listed)?;
        }
        listed.send()
    }
}

/// Members that wait to be sent. The last group is the one whose list is being read.
struct Listed<'a> {
    outlet: &'a Outlet,
    groups: Vec<(u64, Arc<str>)>,
    members: Vec<MemberEntry>,
}

impl Listed<'_> {
    fn send<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let (groups, members) = (mem::take(&mut self.groups), mem::take(&mut self.members));
        send(self.outlet, Piece::Members { groups, members })
    }
}

impl<'de> DeserializeSeed<'de> for &mut Listed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Listed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of members")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let group = self.groups.last().map(|(_, group)| group.clone());
        let group = group.expect("invariant: a group is read before its members");
        loop {
            let line = self.outlet.meter().start_entry();
            let Some(member) = entries.next_element()? else { break };
            self.members.push(MemberEntry { line, group: group.clone(), member });
            if self.members.len() + self.groups.len() >= ENTRIES_PER_BATCH {
                self.send()?;
                // Named again, because it is the last group as long as its list goes on.
                self.groups.push((line, group.clone()));
            }
        }
        Ok(())
    }
}

/// An error here only stops the parser; whoever closed the channel knows why.
fn send<E: serde::de::Error>(outlet: &Outlet, piece: Piece) -> Result<(), E> {
    if outlet.send(piece) { Ok(()) } else { Err(E::custom("stopped")) }
}
