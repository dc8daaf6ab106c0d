//! What goes to the app's groups and comes back from there, as the ledger is told of it.

use serde_json::Value;
use usher_protocol::http::{Method, Request, Response};

use super::super::App;
use super::Way;
use crate::sim::LOOK_AGAIN_AFTER;
use crate::sim::directory::groups::group_of_id;
use crate::sim::ledger::Ledger;
use crate::sim::op;
use crate::sim::write::{Doing, GroupWrite};

/// Whether a request is about groups, or about who is in one.
pub(super) fn is_of_groups(request: &Request) -> bool {
    request.path.first().is_some_and(|kind| kind == "Groups") || of_members(request).is_some()
}

/// The group whose members are asked for.
fn of_members(request: &Request) -> Option<String> {
    quoted(filter(request)?, "groups.value eq ")
}

fn filter(request: &Request) -> Option<&str> {
    request.query.iter().find(|(name, _)| name == "filter").map(|(_, filter)| filter.as_str())
}

/// What a filter that begins like this asks for.
fn quoted(filter: &str, begins: &str) -> Option<String> {
    let value = filter.strip_prefix(begins)?.strip_prefix('"')?;
    value.split('"').next().map(str::to_owned)
}

/// What a PATCH does to a group.
#[derive(Debug, Default)]
struct Changes {
    name: Option<String>,
    claims: Option<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

fn changes(body: Option<&Value>) -> Changes {
    let mut changes = Changes::default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let operations = body.and_then(|body| body["Operations"].as_array());
    for operation in operations.into_iter().flatten() {
        match operation["path"].as_str().unwrap_or_default() {
            "displayName" => changes.name = text(&operation["value"]),
            "externalId" => changes.claims = text(&operation["value"]),
            "members" if operation["op"] == "remove" => changes.removed.extend(ids(&operation["value"])),
            "members" => changes.added.extend(ids(&operation["value"])),
            _ => {}
        }
    }
    changes
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten().filter_map(|member| member["value"].as_str());
    ids.map(str::to_owned).collect()
}

impl Way {
    /// Tells the ledger that a request about groups leaves.
    pub(super) fn group_leaves(&self, request: &Request) -> Option<GroupWrite> {
        let app = &self.app;
        if !request.method.is_write() {
            return None;
        }
        let id = request.path.get(1).cloned();
        let before = id.as_deref().and_then(|id| app.group(id));
        let body = request.body.as_ref();
        let (doing, wanted) = match request.method {
            Method::Post => {
                let text = |key: &str| body.and_then(|body| body[key].as_str()).map(str::to_owned);
                let added = body.map(|body| ids(&body["members"])).unwrap_or_default();
                let (name, claims) = (text("displayName"), text("externalId"));
                (Doing::Create, Changes { name, claims, added, removed: Vec::new() })
            }
            Method::Delete => (Doing::Delete, Changes::default()),
            Method::Get | Method::Put | Method::Patch => {
                let wanted = changes(body);
                let is_of_members = !wanted.added.is_empty() || !wanted.removed.is_empty();
                (if is_of_members { Doing::Members } else { Doing::Change }, wanted)
            }
        };
        let Changes { name, claims, added, removed } = wanted;
        let name_of = name.as_deref().and_then(|name| app.group(name)).map(|group| group.id);
        let name_of = name_of.filter(|other| id.as_ref() != Some(other));
        let accounts = added.iter().chain(&removed).map(String::as_str);
        let members = before.iter().flat_map(|before| before.members.iter().map(|member| member.id.as_str()));
        app.look_at(accounts.chain(members));
        let mut ledger = app.ledger();
        let entry = id.as_ref().and_then(|id| ledger.groups.at_app.get(id));
        let owner = entry.and_then(|entry| entry.owner);
        let said = entry.and_then(|entry| entry.said);
        let says = before.as_ref().and_then(|before| before.external_id.as_deref());
        let group = claims.as_deref().and_then(group_of_id).or(owner).or(says.and_then(group_of_id)).or(said);
        let view = ledger.views.get(&self.actor);
        let write = GroupWrite {
            actor: self.actor,
            doing,
            group,
            id,
            name,
            is_claim: claims.is_some(),
            added,
            removed,
            sent_at: app.clock.now(),
            name_of,
            n_run: view.map_or(0, |view| view.n_run),
            begun: view.map_or(0, |view| view.begun),
            is_released: view.is_some_and(|view| view.request == op::part::Request::Release),
            is_undo: view.is_some_and(crate::sim::ledger::View::is_undo),
        };
        ledger.sends_group(&write, before.as_ref());
        ledger.group_flies(&write);
        Some(write)
    }

    /// What a read shows of groups.
    pub(super) fn shows_groups(&self, ledger: &mut Ledger, request: &Request, answer: &Response) {
        let body = answer.body_json().unwrap_or(Value::Null);
        if let (Some(id), 200 | 404) = (request.path.get(1), answer.status) {
            ledger.group_called(&body);
            ledger.group_read(id);
            ledger.group_missed(id, answer.status == 404);
        }
        if answer.status != 200 {
            return;
        }
        if let Some(id) = of_members(request) {
            return ledger.group_read(&id);
        }
        let shown = body["Resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        for group in shown {
            ledger.group_called(group);
            ledger.group_shown(group["id"].as_str().unwrap_or_default());
        }
        let Some(filter) = filter(request) else { return };
        if let Some(id) = quoted(filter, "id eq ") {
            ledger.group_read(&id);
        }
        if let Some(external_id) = quoted(filter, "externalId eq ") {
            ledger.group_looked(&external_id, !shown.is_empty(), self.app.clock.now(), LOOK_AGAIN_AFTER);
        }
    }
}

impl App {
    /// Tells the ledger what these accounts are like now.
    pub(in crate::sim) fn look_at<'a>(&self, accounts: impl Iterator<Item = &'a str>) {
        let shown: Vec<_> = accounts.map(|id| (id.to_owned(), self.user(id))).collect();
        let mut ledger = self.ledger();
        for (id, account) in shown {
            match account {
                Some(account) => drop(ledger.shown.insert(id, account)),
                None => drop(ledger.shown.remove(&id)),
            }
        }
    }

    /// The same of one account.
    pub(in crate::sim) fn show(&self, ledger: &mut Ledger, account: &str) {
        if let Some(shown) = self.user(account) {
            ledger.shown.insert(account.to_owned(), shown);
        }
    }
}
