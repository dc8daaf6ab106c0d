//! How Usher is told: events that may be lost, doubled or late, and listings that may be short.
//!
//! The mirror is told by imports, so a change of one person is an import of that person, and a listing is an import that
//! replaces everything. What an import refuses was not told.

use std::collections::VecDeque;

use serde_json::{Value, json};
use usher_engine::import::{Import, import};

use super::World;
use crate::sim::directory::Said;
use crate::sim::directory::groups::Grouping;
use crate::sim::op::part::{Fate, Listing};

/// After how many ops something late comes.
const LATE: u64 = 6;

/// Events on their way.
#[derive(Debug, Default)]
pub(super) struct Feed {
    n_ops: u64,
    fate: Option<Fate>,
    waiting: VecDeque<(u64, Vec<Said>)>,
}

impl Feed {
    pub(super) fn next_fate(&mut self, fate: Fate) {
        self.fate = Some(fate);
    }

    /// One change is said, whatever becomes of it.
    pub(super) fn say(&mut self, said: Vec<Said>) {
        let (now, late) = (self.n_ops, self.n_ops + LATE);
        match self.fate.take() {
            None => self.waiting.push_back((now, said)),
            Some(Fate::Lost) => {}
            Some(Fate::Late) => self.waiting.push_back((late, said)),
            Some(Fate::Doubled) => {
                self.waiting.push_back((now, said.clone()));
                self.waiting.push_back((late, said));
            }
        }
    }

    /// Time passes for what is late.
    pub(in crate::sim) fn count_op(&mut self) {
        self.n_ops += 1;
    }

    /// Forgets what is on its way.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.fate = None;
    }

    fn due(&mut self) -> Vec<Vec<Said>> {
        let n_ops = self.n_ops;
        let (due, later) = self.waiting.drain(..).partition(|(at, _)| *at <= n_ops);
        self.waiting = later;
        let due: VecDeque<(u64, Vec<Said>)> = due;
        due.into_iter().map(|(_, said)| said).collect()
    }
}

impl World<'_> {
    /// Events that have come are told.
    pub(in crate::sim) async fn hear(&mut self) {
        let due = self.feed.due();
        if due.is_empty() {
            return;
        }
        // All at once if nothing is wrong with any of them, as a burst of events is taken; else one after the other.
        let users: Vec<Vec<Value>> = due.iter().map(|said| users(said)).collect();
        let all = last_of_each(users.iter().flatten().cloned().collect());
        if !all.is_empty() && !self.import(&json!({ "users": &all }), false).await {
            for some in users.into_iter().filter(|some| !some.is_empty()) {
                self.import(&json!({ "users": some }), false).await;
            }
        }
        let mut last_groups = due.into_iter().flatten().filter_map(|said| match said {
            Said::Groups(document, grouping) => Some((document, grouping)),
            Said::User(_) => None,
        });
        if let Some((document, grouping)) = last_groups.next_back()
            && self.import(&document, true).await
        {
            let is_news = self.regrouped(grouping);
            return self.told_again(None, is_news).await;
        }
        let who: Vec<String> = all.iter().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect();
        self.told_again(Some(&who), false).await;
    }

    /// The whole directory is told, more or less.
    pub(super) async fn list(&mut self, listing: Listing) {
        let n_people = self.directory.ids().count() as u64;
        let missing = match listing {
            Listing::Whole | Listing::Shuffled | Listing::Interrupted => 0..0,
            Listing::Empty => 0..u64::MAX,
            Listing::Short { n } => {
                let first = self.chance.below(n_people);
                first..first + u64::from(n)
            }
        };
        let mut document = self.directory.document(|at| missing.contains(&(at as u64)));
        if listing == Listing::Shuffled {
            let users = document.json["users"].as_array_mut().expect("invariant: a list");
            for at in (1..users.len()).rev() {
                let other = self.chance.below(at as u64 + 1);
                users.swap(at, usize::try_from(other).expect("invariant: an index"));
            }
        }
        if listing == Listing::Interrupted {
            let text = document.json.to_string();
            let told = self.import_text(&text[..text.len() / 2], true).await;
            assert!(!told, "half a listing was taken for a whole one");
            return;
        }
        self.tell(&document.json, document.grouping).await;
    }

    /// Usher was told which groups there are; whether that is news to the app.
    fn regrouped(&self, grouping: Grouping) -> bool {
        let mut ledger = self.ledger();
        let is_news = ledger.mind.grouping != grouping && ledger.mind.config.groups_at_app.is_on();
        ledger.mind.grouping = grouping;
        is_news
    }

    async fn tell(&mut self, document: &Value, grouping: Grouping) {
        let is_news = self.import(document, true).await && self.regrouped(grouping);
        self.told_again(None, is_news).await;
    }

    async fn import(&mut self, document: &Value, replace: bool) -> bool {
        self.import_text(&document.to_string(), replace).await
    }

    async fn import_text(&mut self, text: &str, replace: bool) -> bool {
        std::fs::write(&self.file, text).expect("there is room for a file");
        let (options, now) = (Import { replace, preview: false }, self.now());
        let mut n_new_ids = self.n_new_ids;
        let mut new_id = || {
            n_new_ids += 1;
            format!("9{n_new_ids:020}")
        };
        let files = [self.file.clone()];
        let told = import(&self.store, &files, options, now, &mut new_id, &|_| ()).await;
        self.n_new_ids = n_new_ids;
        if let Err(error) = &told {
            // Where the file is changes from one ground to the next.
            let file = self.file.display().to_string();
            self.ledger().trace.note(&|| format!("not told: {error}").replace(&file, "directory.json"));
        }
        told.is_ok()
    }
}

fn users(said: &[Said]) -> Vec<Value> {
    let user = |said: &Said| match said {
        Said::User(user) => Some(user.clone()),
        Said::Groups(..) => None,
    };
    said.iter().filter_map(user).collect()
}

/// The last that was said of each, and whoever goes before whoever may take their address.
fn last_of_each(users: Vec<Value>) -> Vec<Value> {
    let mut last: Vec<Value> = Vec::new();
    for user in users {
        last.retain(|other| other["id"] != user["id"]);
        last.push(user);
    }
    last.sort_by_key(|user| user.get("deletionTime").is_none());
    last
}
