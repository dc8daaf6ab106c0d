//! The app under test: the emulated IAM Identity Center itself, in process, at the end of a way on which anything may
//! be lost, late or refused.
//!
//! Three instants of a request are told to the ledger: when it leaves, when it is carried out, when its answer arrives. A
//! crash may fall between any two of them; what was on its way then may still arrive.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use usher_emulator::exchange::{self, Outcome};
use usher_emulator::identity_center::admin::Enabled;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::people::GroupInfo;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Operation, Options};
use usher_emulator::when::When as Emulated;
use usher_model::time::Timestamp;

use self::fault::Rules;
use super::chance::Chance;
use super::clock::Clock;
use super::ledger::groups::GroupEntry;
use super::ledger::{Entry, Ledger};
use super::op::part::{Fault, On, When};
use super::write::{GroupWrite, Sent, Write};

pub(super) mod fault;
pub(super) mod way;
mod wire;

/// How long one request may take.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Where the emulator says that it is. Nothing listens there.
const CONSOLE: &str = "http://127.0.0.1:8081";

/// The app, and the way to it.
pub(super) struct App {
    pub(super) center: IdentityCenter,
    pub(super) tenant: String,
    pub(super) endpoint: String,
    clock: Clock,
    state: Mutex<State>,
    ledger: Arc<Mutex<Ledger>>,
}

struct State {
    /// The only token that opens.
    token: (String, SecretString),
    rules: Rules,
    chance: Chance,
    in_the_air: Vec<InTheAir>,
}

/// A request whose sender waits no more.
struct InTheAir {
    lands_at: Timestamp,
    request: exchange::Request,
    write: Option<Sent>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.tenant)
    }
}

impl App {
    pub(super) fn new(clock: &Clock, seed: u64, ledger: Arc<Mutex<Ledger>>) -> Self {
        let options = Options { max_logged: 1, ..Options::at(CONSOLE) };
        let center = IdentityCenter::new(Arc::new(clock.clone()), options);
        let ready = center.ready_tenant(Settings::default().unlimited());
        let Enabled { tenant, endpoint, token } = ready.expect("invariant: a new emulator makes a tenant");
        let state = State {
            token: (token.info.id, token.value),
            rules: Rules::default(),
            chance: Chance::seeded(seed),
            in_the_air: Vec::new(),
        };
        Self { center, tenant, endpoint, clock: clock.clone(), state: Mutex::new(state), ledger }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn token(&self) -> SecretString {
        self.state().token.1.clone()
    }

    /// The token opens no more.
    pub(super) fn revoke_token(&self) {
        let id = self.state().token.0.clone();
        self.center.delete_token(&self.tenant, &id, "DELETE").ok();
    }

    pub(super) fn renew_token(&self) {
        self.revoke_token();
        let new = self
            .center
            .generate_token(&self.tenant)
            .expect("invariant: the tenant has one token less than it may have");
        self.state().token = (new.info.id, new.value);
    }

    pub(super) fn fault(&self, fault: Fault, on: On, when: When) {
        let seed = self.state().chance.number();
        match fault::emulated(fault, on, when, seed) {
            Some(rule) => {
                self.center.add_fault(&self.tenant, rule).expect("invariant: the tenant is there");
            }
            None => self.state().rules.add(fault, on, when),
        }
    }

    pub(super) fn end_faults(&self) {
        self.state().rules.clear();
        self.center.end_faults(&self.tenant).expect("invariant: the tenant is there");
    }

    /// Everybody who is there.
    pub(super) fn users(&self) -> Vec<Value> {
        self.center.users(&self.tenant, 0, usize::MAX).expect("invariant: the tenant is there")
    }

    fn user(&self, named: &str) -> Option<Value> {
        self.center.user(&self.tenant, named).ok()
    }

    /// Every group that is there.
    pub(super) fn groups(&self) -> Vec<GroupInfo> {
        self.center.groups(&self.tenant, 0, usize::MAX).expect("invariant: the tenant is there")
    }

    pub(super) fn group(&self, named: &str) -> Option<GroupInfo> {
        self.center.group(&self.tenant, named).ok()
    }

    pub(super) fn edit(&self, edit: &Edit) -> bool {
        self.center.edit(&self.tenant, edit).is_ok()
    }

    /// What was on its way when its sender gave up arrives, if its time has come.
    pub(super) async fn land(&self) {
        loop {
            let now = self.clock.now();
            let due = {
                let mut state = self.state();
                let at = state.in_the_air.iter().position(|flying| flying.lands_at <= now);
                at.map(|at| state.in_the_air.remove(at))
            };
            let Some(flying) = due else { return };
            self.ledger().trace.note(&|| format!("lands at {now}"));
            self.carry_out(flying.request, flying.write.as_ref()).await;
        }
    }

    /// When the next of them arrives.
    pub(super) fn lands_at(&self) -> Option<Timestamp> {
        self.state().in_the_air.iter().map(|flying| flying.lands_at).min()
    }

    /// Lets something that was sent arrive at some instant before anybody sends with its time limit gone.
    fn let_fly(&self, request: exchange::Request, write: Option<Sent>, sent_at: Timestamp) {
        let mut state = self.state();
        let micros = u64::try_from(REQUEST_TIMEOUT.as_micros()).unwrap_or(u64::MAX);
        let lands_at = self.clock.now().max(sent_at + Duration::from_micros(state.chance.below(micros)));
        state.in_the_air.push(InTheAir { lands_at, request, write });
    }

    /// The emulator does what it is asked; the ledger sees what that changed.
    async fn carry_out(&self, request: exchange::Request, write: Option<&Sent>) -> Outcome {
        let named = write.map(|write| match write {
            Sent::Account(write) => write.id.clone().or_else(|| user_name(&request)).unwrap_or_default(),
            Sent::Group(write) => write.id.clone().or_else(|| write.name.clone()).unwrap_or_default(),
        });
        let before = match (write, &named) {
            (Some(Sent::Account(_)), Some(named)) => Before::Account(self.user(named)),
            (Some(Sent::Group(_)), Some(named)) => Before::Group(self.group(named)),
            _ => Before::Account(None),
        };
        let outcome = self.center.answer(request).await;
        let logged = self.center.requests(&self.tenant, 0, 1).expect("invariant: the tenant is there").pop();
        let fault = logged.and_then(|logged| logged.fault);
        if let Some(fault) = fault {
            *self.ledger().trace.faults.entry(fault).or_default() += 1;
        }
        let is_lie = fault == Some(Fault::BadRequestDone.name());
        let is_success = |answer: &exchange::Response| (200..300).contains(&answer.status) || is_lie;
        if let (Some(named), Outcome::Answered(answer)) = (named, &outcome)
            && is_success(answer)
        {
            match (write, before) {
                (Some(Sent::Account(write)), Before::Account(before)) => {
                    self.account_changed(write, &named, before.as_ref(), is_lie);
                }
                (Some(Sent::Group(write)), Before::Group(before)) => {
                    let after = self.group(&named);
                    let is_changed = |before: &GroupInfo| after.as_ref() != Some(before);
                    if let (true, None, Some(made)) = (is_lie, &before, &after) {
                        // Nobody told Usher that it is there: it is nobody's, until it is found.
                        let mut ledger = self.ledger();
                        ledger.groups.at_app.insert(made.id.clone(), GroupEntry::default());
                        ledger.groups.blurred.extend(write.group);
                    } else if before.as_ref().is_none_or(is_changed) {
                        let members = after.iter().chain(&before).flat_map(|group| &group.members);
                        self.look_at(members.map(|member| member.id.as_str()));
                        self.ledger().group_effect(write, before.as_ref(), after.as_ref(), self.clock.now());
                    }
                }
                _ => {}
            }
        }
        outcome
    }

    fn account_changed(&self, write: &Write, named: &str, before: Option<&Value>, is_lie: bool) {
        let after = self.user(named);
        let shown = after.as_ref().or(before);
        let id = shown.and_then(|user| user["id"].as_str()).unwrap_or_default().to_owned();
        let mut ledger = self.ledger();
        if let (true, Some(user)) = (is_lie, &write.user) {
            ledger.mind.blurred.insert(user.clone(), "the app did what it said it refused");
        }
        if is_lie && before.is_none() {
            // Nobody told Usher that it is there: it is nobody's, until it is found.
            ledger.accounts.insert(id.clone(), Entry::new(None));
        } else if !is_lie || before != after.as_ref() {
            let write = Write { is_lie, ..write.clone() };
            ledger.effect(&write, &id, before, after.as_ref(), self.clock.now());
        }
    }

    /// A group is emptied by a request that is refused.
    fn empty(&self, write: &GroupWrite) {
        let Some(group) = write.id.as_deref().and_then(|id| self.group(id)) else { return };
        for member in &group.members {
            self.edit(&Edit::RemoveMember { group: group.id.clone(), user: member.id.clone() });
        }
        let mut ledger = self.ledger();
        ledger.trace.note(&|| format!("{} is emptied", group.id));
        let entry = ledger.groups.at_app.entry(group.id).or_default();
        entry.thrown_out.extend(group.members.into_iter().map(|member| member.id));
        ledger.groups.blurred.extend(write.group);
    }
}

/// What a write is about, as it was before.
enum Before {
    Account(Option<Value>),
    Group(Option<GroupInfo>),
}

fn user_name(request: &exchange::Request) -> Option<String> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    body["userName"].as_str().map(str::to_owned)
}

/// The emulator's operations that a fault is for; none named: all.
fn operations(on: On) -> Vec<Operation> {
    match on {
        On::All => Vec::new(),
        On::Reads => {
            vec![Operation::GetUser, Operation::ListUsers, Operation::GetGroup, Operation::ListGroups]
        }
        On::Writes => [On::Creates, On::Changes, On::Deletes].into_iter().flat_map(operations).collect(),
        On::Creates => vec![Operation::CreateUser, Operation::CreateGroup],
        On::Changes => vec![Operation::PatchUser, Operation::PatchGroup],
        On::Deletes => vec![Operation::DeleteUser, Operation::DeleteGroup],
    }
}

fn when(when: When, seed: u64) -> Emulated {
    match when {
        When::Next { n } => Emulated::Next { n: n.into() },
        When::PerMille { n } => Emulated::Chance { per_mille: n, seed },
    }
}
