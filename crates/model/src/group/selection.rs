//! Which of a directory's groups an app gets: none, those of the provisioning scope, or chosen ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{Email, GroupId};

/// Which groups an app gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// None: groups at the app are nobody's business. Nothing is done to those that were provisioned before.
    #[default]
    Off,
    /// The groups of the provisioning scope.
    Scope,
    /// These.
    Chosen(Chosen),
}

/// Groups that were chosen one by one, and by pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// One by one, by id: a group that gets another address stays chosen. With their addresses when they were.
    pub groups: BTreeMap<GroupId, Email>,
    /// Every group whose address fits one of these.
    pub patterns: BTreeSet<Pattern>,
}

/// A pattern of addresses: `*` stands for any characters, none included. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Pattern(String);

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no pattern of group addresses: write an address in which * stands for any characters, as in aws-*@example.com"
)]
pub struct NotAPattern(String);

impl Selection {
    /// Whether the app gets groups at all.
    pub fn is_on(&self) -> bool {
        *self != Self::Off
    }

    /// Whether the app gets this group. `scope`: the groups of its provisioning scope.
    pub fn takes(&self, group: &GroupId, email: &Email, scope: &BTreeSet<GroupId>) -> bool {
        self.why(group, email, scope).is_some()
    }

    /// Why the app gets this group; none: it does not.
    pub fn why(&self, group: &GroupId, email: &Email, scope: &BTreeSet<GroupId>) -> Option<Why> {
        match self {
            Self::Off => None,
            Self::Scope => scope.contains(group).then_some(Why::Scope),
            Self::Chosen(chosen) if chosen.groups.contains_key(group) => Some(Why::Chosen),
            Self::Chosen(chosen) => {
                let fitting = chosen.patterns.iter().find(|pattern| pattern.fits(email.as_str()));
                fitting.cloned().map(Why::Pattern)
            }
        }
    }
}

/// Why an app gets a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is in the provisioning scope.
    Scope,
    /// It was chosen by itself.
    Chosen,
    /// Its address fits this.
    Pattern(Pattern),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope => f.write_str("it is in the provisioning scope"),
            Self::Chosen => f.write_str("it was chosen by itself"),
            Self::Pattern(pattern) => write!(f, "its address fits {}", pattern.as_str()),
        }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Scope => f.write_str("the groups of the provisioning scope"),
            Self::Chosen(Chosen { groups, patterns }) => {
                let words = groups.values().map(Email::as_str).chain(patterns.iter().map(Pattern::as_str));
                for (n, word) in words.enumerate() {
                    write!(f, "{}{word}", if n == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, NotAPattern> {
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != ',';
        let is_pattern = text.contains('*') && text.matches('@').count() <= 1 && text.chars().all(is_plain);
        if is_pattern { Ok(Self(text.to_lowercase())) } else { Err(NotAPattern(text.to_owned())) }
    }

    /// The pattern, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an address, in lower case, fits.
    pub fn fits(&self, address: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == address };
        let Some(mut left) = address.strip_prefix(first) else { return false };
        let Some((middle, last)) = rest.rsplit_once('*') else { return left.ends_with(rest) };
        for part in middle.split('*') {
            let Some(at) = left.find(part) else { return false };
            left = &left[at + part.len()..];
        }
        left.ends_with(last)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, address: &str) -> bool {
        Pattern::parse(pattern).unwrap().fits(address)
    }

    #[test]
    fn a_star_stands_for_any_characters_none_included() {
        assert!(fits("aws-*@example.com", "aws-admins@example.com"));
        assert!(fits("aws-*@example.com", "aws-@example.com"));
        assert!(fits("*", "anybody@example.com"));
        assert!(fits("AWS-*@Example.com", "aws-admins@example.com"));
        assert!(fits("*-eu-*@*", "team-eu-west@example.org"));
        assert!(fits("a*b*b@x", "a-b-b@x"));
        assert!(!fits("aws-*@example.com", "aws-admins@example.org"));
        assert!(!fits("aws-*@example.com", "my-aws-admins@example.com"));
        assert!(!fits("a*ab@x", "ab@x"), "one letter is not two");
        assert!(!fits("a*b*b@x", "a-b@x"), "nor is one b");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "aws@example.com", "a b*@example.com", "a*@b@c", "a*,b*"] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_group_that_was_chosen_stays_chosen_under_another_address() {
        let (id, old) = (GroupId::new("g"), Email::parse("old@example.com").unwrap());
        let chosen = Chosen { groups: BTreeMap::from([(id.clone(), old)]), patterns: BTreeSet::new() };
        let selection = Selection::Chosen(chosen);
        let new = Email::parse("new@example.com").unwrap();
        assert!(selection.takes(&id, &new, &BTreeSet::new()));
        assert!(!selection.takes(&GroupId::new("h"), &new, &BTreeSet::new()));
        assert_eq!(selection.to_string(), "old@example.com");
    }

    #[test]
    fn a_selected_group_has_a_reason_and_its_own_choice_counts_before_a_pattern() {
        let email = Email::parse("aws-admins@example.com").unwrap();
        let (id, patterns) = (GroupId::new("g"), BTreeSet::from([Pattern::parse("aws-*").unwrap()]));
        let chosen = |groups| Selection::Chosen(Chosen { groups, patterns: patterns.clone() });
        let why = |selection: Selection| selection.why(&id, &email, &BTreeSet::from([id.clone()]));
        assert_eq!(why(Selection::Off), None);
        assert_eq!(why(Selection::Scope).unwrap().to_string(), "it is in the provisioning scope");
        assert_eq!(why(chosen(BTreeMap::new())).unwrap().to_string(), "its address fits aws-*");
        let by_itself = BTreeMap::from([(id.clone(), email.clone())]);
        assert_eq!(why(chosen(by_itself)).unwrap().to_string(), "it was chosen by itself");
    }

    #[test]
    fn the_scope_is_its_groups_themselves_and_off_is_none() {
        let (id, email) = (GroupId::new("g"), Email::parse("g@example.com").unwrap());
        let scope = BTreeSet::from([id.clone()]);
        assert!(Selection::Scope.takes(&id, &email, &scope));
        assert!(!Selection::Scope.takes(&GroupId::new("h"), &email, &scope));
        assert!(!Selection::Off.takes(&id, &email, &scope));
    }
}
