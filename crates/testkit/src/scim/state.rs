//! The app, its rules and its log: what one lock holds together.

use hyper::Response;
use serde_json::Value;

use super::answer::Answer;
use super::app::App;
use super::behaviour::Behaviour;
use super::disguise;
use super::log::Logged;
use super::request::Asked;
use super::resources::{Attribute, Kind, Number, Resources, Stored};
use super::rule::{Mood, Rule, RuleId, Rules};
use super::setup::Setup;
use crate::listen::Reply;

#[derive(Debug)]
pub(super) struct State {
    pub(super) app: App,
    pub(super) rules: Rules,
    pub(super) log: Vec<Logged>,
    /// How many requests have come.
    asked: u64,
}

impl State {
    pub(super) fn new(setup: Setup) -> Self {
        let app = App { setup, base: String::new(), resources: Resources::default(), stale: None };
        Self { app, rules: Rules::default(), log: Vec::new(), asked: 0 }
    }

    pub(super) fn behave(&mut self, rule: Rule) -> RuleId {
        if *rule.behaviour() == Behaviour::StaleReads {
            self.app.stale = Some(self.app.resources.clone());
        }
        self.rules.set(rule)
    }

    /// Logs a request; its number, and what it meets.
    pub(super) fn arrive(&mut self, asked: &Asked) -> (u64, Mood) {
        self.asked += 1;
        self.log.push(Logged {
            number: self.asked,
            method: asked.method.clone(),
            target: asked.target.clone(),
            body: logged_body(&asked.body),
            has_bearer: asked.authorization.as_ref().is_some_and(|value| value.starts_with("Bearer ")),
            worked: None,
            sent: None,
        });
        (self.asked, self.rules.meet(asked))
    }

    /// Does what is asked unless a behaviour stands in the way; nothing where the connection is to be closed.
    pub(super) fn work(&mut self, number: u64, asked: &Asked, mood: &Mood) -> Option<Response<Reply>> {
        if mood.shows(&Behaviour::LostRequest) {
            return None;
        }
        let answer = if let Some(mut refusal) = disguise::refusal(asked, mood) {
            disguise::dress(&mut refusal, mood);
            refusal
        } else {
            let honest: Answer = self.app.work(asked, mood, number);
            self.note(number, |logged| logged.worked = Some(honest.status));
            disguise::disguised(honest, asked, mood)
        };
        disguise::on_the_wire(answer, mood)
    }

    pub(super) fn sent(&mut self, number: u64, status: u16) {
        self.note(number, |logged| logged.sent = Some(status));
    }

    /// The log may have been cleared while the request was under way.
    fn note(&mut self, number: u64, note: impl FnOnce(&mut Logged)) {
        if let Some(logged) = self.log.iter_mut().rfind(|logged| logged.number == number) {
            note(logged);
        }
    }

    pub(super) fn all(&self, kind: Kind) -> Vec<Value> {
        self.app.resources.all(kind).map(|(_, stored)| Value::Object(stored.value.clone())).collect()
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Value> {
        let stored = self.app.resources.get(self.number(id)?)?;
        Some(Value::Object(stored.value.clone()))
    }

    pub(super) fn user_by_name(&self, user_name: &str) -> Option<Value> {
        let holders = self.app.resources.find(Kind::User, Attribute::UserName, user_name);
        assert!(holders.len() <= 1, "{} users have the userName {user_name}", holders.len());
        let stored = self.app.resources.get(*holders.first()?)?;
        Some(Value::Object(stored.value.clone()))
    }

    pub(super) fn insert(&mut self, kind: Kind, resource: Value) -> String {
        let Value::Object(mut value) = resource else { panic!("a resource is an object, not {resource}") };
        let next = self.app.resources.next();
        let made = || Value::String(format!("{}-{next}", kind.name().to_lowercase()));
        let id = value.entry("id").or_insert_with(made).as_str().expect("an id is a string").to_owned();
        self.app.resources.add(kind, value);
        id
    }

    pub(super) fn edit(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let number = self.number(id).unwrap_or_else(|| panic!("there is no user and no group {id} to edit"));
        let Stored { kind, value } =
            self.app.resources.get(number).expect("invariant: found just now").clone();
        let mut value = Value::Object(value);
        change(&mut value);
        let Value::Object(value) = value else { panic!("the edit of {id} left no object: {value}") };
        self.app.resources.put(number, Stored { kind, value });
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let removed = self.number(id).and_then(|number| self.app.resources.take(number));
        self.app.resources.leave_groups(id);
        removed.is_some()
    }

    fn number(&self, id: &str) -> Option<Number> {
        let resources = &self.app.resources;
        resources.by_id(Kind::User, id).or_else(|| resources.by_id(Kind::Group, id))
    }
}

fn logged_body(body: &str) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))
}
