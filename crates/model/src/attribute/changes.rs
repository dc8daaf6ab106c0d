//! What to write to an account so that it says what is wanted, and nothing more.
//!
//! Three sides meet here: what is *wanted* now, what we *sent* last, and what the app *returned* to it. An attribute
//! is written when what is wanted differs from what we sent, unless the app says so already. Hence:
//!
//! 1. an app that normalizes values (returned differs from sent, wanted does not) is not written to for ever;
//! 2. an attribute we sent and that is no longer wanted is cleared, and only where the app has it;
//! 3. what we neither want nor sent is never touched.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Attributes;
use super::fold::fold;
use super::path::AttributePath;

/// One attribute and the value it is to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which attribute.
    pub path: AttributePath,
    /// Its new value; nothing clears it.
    pub to: Option<Value>,
}

/// The changes of one account, in path order. Empty means the account is as wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many attributes are written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes, in path order.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// Whether the account gets another `userName`, which a guard counts.
    pub fn changes_user_name(&self) -> bool {
        self.0.iter().any(|change| change.path.is("userName"))
    }

    /// The attributes that are cleared, which a guard counts.
    pub fn cleared(&self) -> impl Iterator<Item = &AttributePath> {
        self.0.iter().filter(|change| change.to.is_none()).map(|change| &change.path)
    }
}

impl FromIterator<Change> for Changes {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        let mut changes: Vec<_> = changes.into_iter().collect();
        changes.sort_by(|one, two| one.path.cmp(&two.path));
        Self(changes)
    }
}

impl IntoIterator for Changes {
    type Item = Change;
    type IntoIter = std::vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What to write to an account, given what is wanted, what we sent last and what the app returned to it.
///
/// An attribute that the mapping no longer names is to stay as it is at the app; the caller drops it from `sent`
/// ([`Attributes::retain`]), for otherwise it counts as no longer wanted. For an adopted account `sent` is empty and
/// `returned` is what the app says about the wanted paths.
pub fn changes(want: &Attributes, sent: &Attributes, returned: &Attributes) -> Changes {
    if want == sent {
        return Changes::default();
    }
    let written = want.iter().filter_map(|(path, value)| {
        let sent_so = sent.get(path).is_some_and(|sent| same(value, sent));
        let is_so = returned.get(path).is_some_and(|returned| says(path, returned, value));
        (!sent_so && !is_so).then(|| Change { path: path.clone(), to: Some(value.clone()) })
    });
    let cleared = sent
        .paths()
        .filter(|path| want.get(path).is_none() && returned.get(path).is_some())
        .map(|path| Change { path: path.clone(), to: None });
    written.chain(cleared).collect()
}

/// Whether two of our own values are the same; the order of a list does not matter.
fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Array(one), Value::Array(two)) => match_up(one, two, |one, two| one == two),
        _ => one == two,
    }
}

/// Whether what an app returned says what is wanted.
fn says(path: &AttributePath, returned: &Value, wanted: &Value) -> bool {
    match (returned, wanted) {
        // A user name is not case-exact (RFC 7643 §4.1.1): another case is the same name.
        (Value::String(returned), Value::String(wanted)) if path.is("userName") => {
            fold(returned) == fold(wanted)
        }
        _ => means(returned, wanted),
    }
}

/// Whether a returned value means the wanted one, whatever the app added to it or however it spells it.
fn means(returned: &Value, wanted: &Value) -> bool {
    match (returned, wanted) {
        (Value::String(returned), Value::Bool(wanted)) => returned.eq_ignore_ascii_case(&wanted.to_string()),
        (Value::String(returned), Value::Number(wanted)) => *returned == wanted.to_string(),
        (Value::Array(returned), Value::Array(wanted)) => match_up(returned, wanted, means),
        (Value::Object(returned), Value::Object(wanted)) => has_all(returned, wanted),
        _ => returned == wanted,
    }
}

/// Whether the returned object has every field we sent; fields the app added do not count.
fn has_all(returned: &Map<String, Value>, wanted: &Map<String, Value>) -> bool {
    wanted.iter().all(|(name, wanted)| {
        returned.iter().any(|(given, returned)| given.eq_ignore_ascii_case(name) && means(returned, wanted))
    })
}

/// Whether the lists pair up one to one, in any order. Lists are as long as a person has telephones.
fn match_up(returned: &[Value], wanted: &[Value], fits: fn(&Value, &Value) -> bool) -> bool {
    let mut left: Vec<&Value> = returned.iter().collect();
    returned.len() == wanted.len()
        && wanted.iter().all(|wanted| {
            let found = left.iter().position(|returned| fits(returned, wanted));
            found.map(|position| left.swap_remove(position)).is_some()
        })
}

#[cfg(test)]
mod tests;
