//! The app itself: what an honest one does with a request, save where a behaviour bends one step of it.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Refused};
use super::behaviour::Behaviour;
use super::list::Query;
use super::patch::Change;
use super::request::{Asked, BASE_PATH, Endpoint};
use super::resources::{Attribute, Kind, Number, Resources, Stored};
use super::rule::Mood;
use super::setup::Setup;
use super::shape;
use super::{keys, members, patch};

#[derive(Debug)]
pub(super) struct App {
    pub(super) setup: Setup,
    /// `http://127.0.0.1:port` and [`BASE_PATH`].
    pub(super) base: String,
    pub(super) resources: Resources,
    /// What stale reads show.
    pub(super) stale: Option<Resources>,
}

/// One request under way.
struct Call<'a> {
    asked: &'a Asked,
    mood: &'a Mood,
    number: u64,
}

impl App {
    /// Does what is asked, and answers as an honest app.
    pub(super) fn work(&mut self, asked: &Asked, mood: &Mood, number: u64) -> Answer {
        if asked.authorization != Some(format!("Bearer {}", self.setup.token)) {
            return unauthorized();
        }
        let call = Call { asked, mood, number };
        self.route(&call).unwrap_or_else(Answer::from)
    }

    fn route(&mut self, call: &Call<'_>) -> Result<Answer, Refused> {
        let endpoint = call.asked.endpoint(BASE_PATH);
        let endpoint = endpoint.ok_or_else(|| Refused::not_found(&call.asked.target))?;
        match (call.asked.method.as_str(), endpoint) {
            ("GET", Endpoint::ServiceProviderConfig) => {
                Ok(Answer::scim(200, self.setup.service_provider_config()))
            }
            ("GET", Endpoint::All(kind)) => self.list(kind, call),
            ("GET", Endpoint::One(kind, id)) => {
                let resources = self.read_from(call.mood);
                let number = resources.by_id(kind, &id).ok_or_else(|| Refused::not_found(&id))?;
                resources.get(number).map(|it| self.answer(200, it)).ok_or_else(|| Refused::not_found(&id))
            }
            ("POST", Endpoint::All(kind)) => self.create(kind, call),
            ("PUT", Endpoint::One(kind, id)) => self.replace(kind, &id, call),
            ("PATCH", Endpoint::One(kind, id)) => self.change(kind, &id, call),
            ("DELETE", Endpoint::One(kind, id)) => {
                let number = self.number(kind, &id)?;
                self.resources.take(number);
                if !call.mood.shows(&Behaviour::DeletedUserStaysMember) {
                    self.resources.leave_groups(&id);
                }
                Ok(Answer::empty(204))
            }
            (method, _) => Ok(Answer::error(405, &format!("{method} is not known here"))),
        }
    }

    fn read_from(&self, mood: &Mood) -> &Resources {
        let stale = self.stale.as_ref().filter(|_| mood.shows(&Behaviour::StaleReads));
        stale.unwrap_or(&self.resources)
    }

    fn list(&self, kind: Kind, call: &Call<'_>) -> Result<Answer, Refused> {
        let parameters = &call.asked.parameters();
        let query = Query { kind, parameters, setup: &self.setup, mood: call.mood, request: call.number };
        let page = query.page(self.read_from(call.mood), |resource| self.shown(resource))?;
        Ok(Answer::scim(200, page))
    }

    fn create(&mut self, kind: Kind, call: &Call<'_>) -> Result<Answer, Refused> {
        let mut value = shape::checked(kind, &call.asked.json()?)?;
        if kind == Kind::Group {
            members::sent(&mut value, None, call.mood)?;
        }
        let id = shape::new_id(kind, &value, self.resources.next(), call.mood);
        value.insert("id".to_owned(), id.into());
        let value = shape::as_stored(value, None, call.mood);
        self.check_unique(kind, &value, None, call.mood)?;
        let number = self.resources.add(kind, value);
        let created = self.resources.get(number).map(|it| (self.answer(201, it), self.location(it)));
        let (answer, location) = created.expect("invariant: what was added is there");
        Ok(answer.with_header("location", location))
    }

    fn replace(&mut self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Answer, Refused> {
        let number = self.number(kind, id)?;
        let mut value = shape::checked(kind, &call.asked.json()?)?;
        if kind == Kind::Group {
            members::sent(&mut value, self.resources.get(number), call.mood)?;
        }
        self.save(kind, number, value, call)
    }

    fn change(&mut self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Answer, Refused> {
        if !self.setup.has_patch {
            return Ok(Answer::error(501, "PATCH is not known here"));
        }
        let number = self.number(kind, id)?;
        let before = self.resources.get(number).ok_or_else(|| Refused::not_found(id))?.value.clone();
        let patch = call.asked.json()?;
        let changes = patch::changes(&patch)?;
        let after = patch::patched(&before, &changes, |resource, change| match kind {
            Kind::User => patch::apply(resource, change),
            Kind::Group => members::apply(resource, change, call.mood),
        })?;
        let is_of_members = kind == Kind::Group && changes.iter().any(Change::is_of_members);
        if is_of_members && call.mood.shows(&Behaviour::EmptiedAndRefused) {
            self.resources.empty(number);
            return Err(Refused::invalid_value("the members cannot be changed like this"));
        }
        let after = if call.mood.shows(&Behaviour::PatchIgnored) { before } else { after };
        self.save(kind, number, shape::checked(kind, &Value::Object(after))?, call)
    }

    /// Stores the new value of a resource that is there.
    fn save(
        &mut self,
        kind: Kind,
        number: Number,
        mut value: Map<String, Value>,
        call: &Call<'_>,
    ) -> Result<Answer, Refused> {
        let before = self.resources.get(number).map(|stored| stored.value.clone()).unwrap_or_default();
        value.insert("id".to_owned(), before["id"].clone());
        let value = shape::as_stored(value, Some(&before), call.mood);
        self.check_unique(kind, &value, Some(number), call.mood)?;
        let stored = Stored { kind, value };
        let answer = self.answer(200, &stored);
        self.resources.put(number, stored);
        Ok(answer)
    }

    fn number(&self, kind: Kind, id: &str) -> Result<Number, Refused> {
        self.resources.by_id(kind, id).ok_or_else(|| Refused::not_found(id))
    }

    /// `userName` is unique without regard to case (RFC 7643 §4.1.1), and so is a group's `displayName`, as at most
    /// apps. A name that a resource has already it may keep, whoever else has it.
    fn check_unique(
        &self,
        kind: Kind,
        value: &Map<String, Value>,
        own: Option<Number>,
        mood: &Mood,
    ) -> Result<(), Refused> {
        let (attribute, is_enforced) = match kind {
            Kind::User => (Attribute::UserName, !mood.shows(&Behaviour::UniquenessNotEnforced)),
            Kind::Group => (Attribute::DisplayName, !mood.shows(&Behaviour::GroupUniquenessNotEnforced)),
        };
        let Some(name) = keys::text(value, attribute.name()).filter(|_| is_enforced) else { return Ok(()) };
        let holders = self.resources.find(kind, attribute, name);
        if holders.is_empty() || own.is_some_and(|own| holders.contains(&own)) {
            return Ok(());
        }
        Err(Refused::new(409, "uniqueness", format!("the {} {name} is taken", attribute.name())))
    }

    fn answer(&self, status: u16, resource: &Stored) -> Answer {
        Answer::scim(status, self.shown(resource))
    }

    /// The resource as clients see it.
    fn shown(&self, resource: &Stored) -> Value {
        let mut shown = resource.value.clone();
        let meta = json!({ "resourceType": resource.kind.name(), "location": self.location(resource) });
        shown.insert("meta".to_owned(), meta);
        Value::Object(shown)
    }

    fn location(&self, resource: &Stored) -> String {
        let id = keys::text(&resource.value, "id").unwrap_or_default();
        format!("{}{}/{}", self.base, resource.kind.path(), shape::percent_encoded(id))
    }
}

/// 401 as RFC 7644 §2 and RFC 6750 §3 have it.
pub(super) fn unauthorized() -> Answer {
    Answer::error(401, "the bearer token is missing or wrong")
        .with_header("www-authenticate", "Bearer".to_owned())
}
