//! When a behaviour shows: for which requests, and for which of them by number.

use super::behaviour::Behaviour;
use super::gate::Gate;
use super::request::{Asked, BASE_PATH};
use super::resources::Kind;

/// A behaviour and when it shows. Without conditions it shows for every request.
#[derive(Clone, Debug)]
pub struct Rule {
    behaviour: Behaviour,
    method: Option<&'static str>,
    kind: Option<Kind>,
    text: Option<String>,
    /// The first and the last request it shows for, counted from 1 among those that the other conditions let through.
    from: u64,
    to: u64,
}

/// Names a rule that was set, so that it can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(u64);

impl Behaviour {
    /// For the nth request alone, counted from 1 and from now.
    #[must_use]
    pub fn at(self, n: u64) -> Rule {
        Rule::from(self).at(n)
    }

    /// From the nth request on, counted from 1 and from now.
    #[must_use]
    pub fn from_nth(self, n: u64) -> Rule {
        Rule::from(self).from_nth(n)
    }

    /// For the first n requests from now: a burst.
    #[must_use]
    pub fn first(self, n: u64) -> Rule {
        Rule::from(self).first(n)
    }

    /// For requests with this method alone.
    #[must_use]
    pub fn on(self, method: &'static str) -> Rule {
        Rule::from(self).on(method)
    }

    /// For requests to `/Users` and below alone.
    #[must_use]
    pub fn on_users(self) -> Rule {
        Rule::from(self).on_users()
    }

    /// For requests to `/Groups` and below alone.
    #[must_use]
    pub fn on_groups(self) -> Rule {
        Rule::from(self).on_groups()
    }

    /// For requests whose path and query, or whose body, hold this text.
    #[must_use]
    pub fn about(self, text: &str) -> Rule {
        Rule::from(self).about(text)
    }
}

impl Rule {
    /// For the nth request alone, counted from 1 and from when the rule is set.
    #[must_use]
    pub fn at(self, n: u64) -> Self {
        Self { from: n, to: n, ..self }
    }

    /// From the nth request on, counted from 1 and from when the rule is set.
    #[must_use]
    pub fn from_nth(self, n: u64) -> Self {
        Self { from: n, ..self }
    }

    /// For the first n requests from when the rule is set: a burst.
    #[must_use]
    pub fn first(self, n: u64) -> Self {
        Self { from: 1, to: n, ..self }
    }

    /// For requests with this method alone. Only they are counted.
    #[must_use]
    pub fn on(self, method: &'static str) -> Self {
        assert!(
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method),
            "no SCIM request has the method {method}: the rule would never show"
        );
        Self { method: Some(method), ..self }
    }

    /// For requests to `/Users` and below alone. Only they are counted.
    #[must_use]
    pub fn on_users(self) -> Self {
        Self { kind: Some(Kind::User), ..self }
    }

    /// For requests to `/Groups` and below alone. Only they are counted.
    #[must_use]
    pub fn on_groups(self) -> Self {
        Self { kind: Some(Kind::Group), ..self }
    }

    /// For requests alone whose path and query, or whose body, hold this text. Only they are counted.
    #[must_use]
    pub fn about(self, text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..self }
    }

    pub(super) fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    fn concerns(&self, request: &Asked) -> bool {
        self.method.is_none_or(|method| method == request.method)
            && self.kind.is_none_or(|kind| request.kind(BASE_PATH) == Some(kind))
            && self
                .text
                .as_ref()
                .is_none_or(|text| request.target.contains(text) || request.body.contains(text))
    }
}

impl From<Behaviour> for Rule {
    fn from(behaviour: Behaviour) -> Self {
        Self { behaviour, method: None, kind: None, text: None, from: 1, to: u64::MAX }
    }
}

/// The rules that are set, in the order they were.
#[derive(Debug, Default)]
pub(super) struct Rules {
    set: Vec<(RuleId, Rule, Seen)>,
    last_id: u64,
}

/// How many requests a rule has counted.
type Seen = u64;

impl Rules {
    pub(super) fn set(&mut self, rule: Rule) -> RuleId {
        self.last_id += 1;
        let id = RuleId(self.last_id);
        self.set.push((id, rule, 0));
        id
    }

    pub(super) fn forget(&mut self, id: RuleId) {
        self.set.retain(|(set, ..)| *set != id);
    }

    pub(super) fn clear(&mut self) {
        self.set.clear();
    }

    /// Counts the request, and says which behaviours it meets.
    pub(super) fn meet(&mut self, request: &Asked) -> Mood {
        let mut shown = Vec::new();
        for (_, rule, seen) in &mut self.set {
            if rule.concerns(request) {
                *seen += 1;
                if (rule.from..=rule.to).contains(seen) {
                    shown.push(rule.behaviour.clone());
                }
            }
        }
        Mood { shown }
    }
}

/// What one request meets. Where two rules say different things about one matter, the one set first counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Mood {
    shown: Vec<Behaviour>,
}

impl Mood {
    pub(super) fn shows(&self, behaviour: &Behaviour) -> bool {
        self.shown.contains(behaviour)
    }

    /// The first behaviour that `pick` knows something about.
    pub(super) fn find<'a, T>(&'a self, pick: impl FnMut(&'a Behaviour) -> Option<T>) -> Option<T> {
        self.shown.iter().find_map(pick)
    }

    pub(super) fn gate_before(&self) -> Option<&Gate> {
        self.find(|behaviour| if let Behaviour::HeldRequest(gate) = behaviour { Some(gate) } else { None })
    }

    pub(super) fn gate_after(&self) -> Option<&Gate> {
        self.find(|behaviour| if let Behaviour::HeldAnswer(gate) = behaviour { Some(gate) } else { None })
    }
}
