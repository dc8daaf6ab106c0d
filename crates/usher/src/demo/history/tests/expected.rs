//! Who ought to be at the app after the thirty days, and how.
//!
//! Found out from the organisation and the script alone, by rules written down here once more: nothing of the engine,
//! the model or the import is used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use crate::demo::organisation::{Organisation, SEED};
use crate::demo::script::edit::Place;
use crate::demo::script::{SCRIPT, start};

/// Where somebody's account ought to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    On,
    Off,
    Nowhere,
}

/// What ought to be true of one person.
pub(super) struct Expected {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) is: Is,
    /// What the reason has to say.
    pub(super) why: &'static str,
    /// What an account that is on has to have.
    pub(super) attributes: Vec<(&'static str, Value)>,
}

/// Whom no rule can know: what became of those who had an account and lost it, and of those with a part of their own.
const KNOWN: &[(&str, Is, &str)] = &[
    ("samira.benali", Is::On, "AWS is off for /Finance"),
    ("andre.fontaine", Is::On, "AWS is off for /Partners"),
    ("ruben.castellanos", Is::On, "suspended in the directory"),
    ("rosalind.achterberg", Is::On, "archived"),
    ("marek.zielinski", Is::Off, "turned off for them"),
    ("wen.li", Is::Off, "turned off for them"),
    ("nils.ekdahl", Is::Off, "suspended in the directory"),
    ("helena.brandt", Is::Off, "left the company"),
    ("dmitri.savchenko", Is::Nowhere, "left the company"),
    ("bogdan.ilic", Is::Off, "somebody switched the account off at AWS"),
    ("stefan.keller", Is::Nowhere, "belongs to somebody else"),
    ("suharti", Is::Nowhere, "familyName"),
    ("thirumalai", Is::Nowhere, "familyName"),
];

/// Names that AWS cannot have as the directory has them: control characters and joiners are left out.
const CLEANED: &[(&str, &str, &str)] =
    &[("jonas.weisser", "Jonas", "Weißer"), ("priyanka.rao", "Priyanka", "Rao 👩🏽\u{1F4BB}")];

/// For which units the app is on.
const ON: &[(&str, bool)] = &[
    ("/Manufacturing/Test Benches", true),
    ("/Manufacturing", false),
    ("/Finance", false),
    ("/Contractors/Onsite", true),
    ("/Contractors", false),
    ("/Partners", false),
    ("/", true),
];

/// All of whose staff was suspended at once, which is held.
const HELD_UNIT: &str = "/Engineering/Firmware";

/// What ought to be true of everybody.
pub(super) fn everybody(end: Timestamp) -> Vec<Expected> {
    let organisation = Organisation::new(SEED);
    let directory = Directory::at_the_end(&organisation, start(end));
    let whos = organisation.people().iter().map(|person| (person.id(), person.who.as_str()));
    whos.map(|(id, who)| directory.expect(id, who)).collect()
}

/// The directory, as plain values.
#[derive(Default)]
struct Directory {
    users: BTreeMap<String, Map<String, Value>>,
    members: BTreeMap<String, Vec<Value>>,
}

impl Directory {
    fn at_the_end(organisation: &Organisation, start: Timestamp) -> Self {
        let mut directory = Self::default();
        directory.lay_over(&organisation.document(start));
        for scene in SCRIPT {
            if let Place::Directory(document) = scene.edit.place(organisation, scene.instant(start)) {
                directory.lay_over(&document);
            }
        }
        directory
    }

    fn lay_over(&mut self, document: &Value) {
        for change in document["users"].as_array().into_iter().flatten() {
            let user = self.users.entry(change["id"].as_str().unwrap().to_owned()).or_default();
            user.remove("deletionTime");
            for (key, value) in change.as_object().unwrap() {
                match (user.get_mut(key), value) {
                    (Some(Value::Object(before)), Value::Object(after)) => {
                        before.remove("fullName");
                        before.extend(after.clone());
                    }
                    _ => drop(user.insert(key.clone(), value.clone())),
                }
            }
        }
        for (group, members) in document["members"].as_object().into_iter().flatten() {
            self.members.insert(group.clone(), members.as_array().unwrap().clone());
        }
    }

    fn expect(&self, id: String, who: &str) -> Expected {
        let user = &self.users[&id];
        let email = user["primaryEmail"].as_str().unwrap().to_owned();
        let (is, why) = KNOWN
            .iter()
            .find(|known| known.0 == who)
            .map_or_else(|| self.by_the_rules(user, &email), |(_, is, why)| (*is, *why));
        let attributes = attributes(user, who, &email);
        Expected { id, email, is, why, attributes }
    }

    fn by_the_rules(&self, user: &Map<String, Value>, email: &str) -> (Is, &'static str) {
        let is = |flag: &str| user.get(flag) == Some(&Value::Bool(true));
        if is("archived") {
            (Is::Nowhere, "archived")
        } else if is("isGuestUser") {
            (Is::Nowhere, "a guest")
        } else if !email.ends_with("@example.com") {
            (Is::Nowhere, "only the company's primary domain")
        } else if is("suspended") && user["orgUnitPath"] == HELD_UNIT {
            (Is::On, "their time is up")
        } else if is("suspended") {
            (Is::Nowhere, "suspended in the directory")
        } else if self.is_on(user["orgUnitPath"].as_str().unwrap(), email) {
            (Is::On, "as the directory has them")
        } else {
            (Is::Nowhere, "AWS is off for /")
        }
    }

    fn is_on(&self, unit: &str, email: &str) -> bool {
        let below = |path: &str| path == "/" || unit == path || unit.starts_with(&format!("{path}/"));
        let unit_is_on = ON.iter().find(|(path, _)| below(path)).unwrap().1;
        unit_is_on || self.belongs(email, "aws-billing@example.com", &mut BTreeSet::new())
    }

    /// Whether somebody is in a group, or in one that is in it.
    fn belongs(&self, email: &str, group: &str, seen: &mut BTreeSet<String>) -> bool {
        if !seen.insert(group.to_owned()) {
            return false;
        }
        let members = self.members.get(group).into_iter().flatten().filter_map(Value::as_str);
        members.into_iter().any(|member| member == email || self.belongs(email, member, seen))
    }
}

fn attributes(user: &Map<String, Value>, who: &str, email: &str) -> Vec<(&'static str, Value)> {
    let name = |key: &str| user["name"].get(key).and_then(Value::as_str).unwrap_or_default();
    let cleaned = CLEANED.iter().find(|cleaned| cleaned.0 == who);
    let (given, family) =
        cleaned.map_or((name("givenName"), name("familyName")), |(_, given, family)| (*given, *family));
    let post = &user["organizations"][0];
    vec![
        ("/userName", json!(email)),
        ("/name/givenName", json!(given)),
        ("/name/familyName", json!(family)),
        ("/displayName", json!(format!("{given} {family}"))),
        ("/emails/0/value", json!(email)),
        ("/emails/0/primary", json!(true)),
        ("/title", post["title"].clone()),
        (
            "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
            post["department"].clone(),
        ),
    ]
}
