//! What a value is held by. More than one resource may hold a value where case began to be folded later on.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::identity_center::store::Key;

#[derive(Clone, Debug)]
pub(crate) struct Index {
    folds_case: bool,
    keys: HashMap<String, BTreeSet<Key>>,
}

impl Index {
    pub(crate) fn new(folds_case: bool) -> Self {
        Self { folds_case, keys: HashMap::new() }
    }

    fn folded<'a>(&self, value: &'a str) -> Cow<'a, str> {
        if self.folds_case { Cow::Owned(value.to_lowercase()) } else { Cow::Borrowed(value) }
    }

    pub(crate) fn insert(&mut self, value: &str, key: Key) {
        let value = self.folded(value).into_owned();
        self.keys.entry(value).or_default().insert(key);
    }

    pub(crate) fn insert_some(&mut self, value: Option<&str>, key: Key) {
        if let Some(value) = value {
            self.insert(value, key);
        }
    }

    pub(crate) fn remove(&mut self, value: &str, key: Key) {
        let value = self.folded(value).into_owned();
        let Some(keys) = self.keys.get_mut(&value) else { return };
        keys.remove(&key);
        if keys.is_empty() {
            self.keys.remove(&value);
        }
    }

    pub(crate) fn remove_some(&mut self, value: Option<&str>, key: Key) {
        if let Some(value) = value {
            self.remove(value, key);
        }
    }

    /// The first resource that holds the value.
    pub(crate) fn first(&self, value: &str) -> Option<Key> {
        self.keys.get(self.folded(value).as_ref())?.first().copied()
    }

    /// Whether another resource than this one holds the value.
    pub(crate) fn is_anothers(&self, value: &str, key: Key) -> bool {
        let keys = self.keys.get(self.folded(value).as_ref());
        keys.is_some_and(|keys| keys.iter().any(|held| *held != key))
    }
}
