//! The directory's own life.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what does not happen in the directory is done elsewhere"
)]

use super::World;
use crate::sim::op::Op;

impl World<'_> {
    /// Something happens in the directory, and an event of it is on its way to Usher.
    pub(super) fn live(&mut self, op: &Op) {
        let now = self.now();
        let directory = &mut self.directory;
        let (p, happened) = match *op {
            Op::Join { p } => (p, directory.join(p)),
            Op::Call { p, n } => (p, directory.change(p, |person| person.set_given(n))),
            Op::Title { p, n } => (p, directory.change(p, |person| person.set_title(n))),
            Op::Address { p, of, n } => (p, directory.rename(p, (of, n))),
            Op::Swap { p, q } => {
                if directory.swap(p, q) {
                    let both = [directory.say(p), directory.say(q)].into_iter().flatten().collect();
                    self.feed.say(both);
                }
                return;
            }
            Op::Suspend { p } => (p, directory.change(p, super::super::directory::Person::suspend)),
            Op::Archive { p } => (p, directory.change(p, super::super::directory::Person::archive)),
            Op::Activate { p } => (p, directory.change(p, super::super::directory::Person::activate)),
            Op::Delete { p } => (p, directory.delete(p, now)),
            Op::Restore { p } => (p, directory.restore(p)),
            Op::Recreate { p } => {
                let before = directory.person(p).map(|person| person.id.clone());
                if directory.recreate(p, now) {
                    let both = [before.and_then(|id| directory.say_of(&id)), directory.say(p)];
                    self.feed.say(both.into_iter().flatten().collect());
                }
                return;
            }
            Op::Guest { p, is } => (p, directory.change(p, |person| person.set_guest(is))),
            Op::Move { p, unit } => (p, directory.change(p, |person| person.set_unit(unit))),
            Op::Spoil { p, is } => (p, directory.change(p, |person| person.spoil(is))),
            Op::Enter { p, g } => return self.regroup(|world| world.directory.enter(p, g)),
            Op::Leave { p, g } => return self.regroup(|world| world.directory.leave(p, g)),
            Op::Nest { g, into } => return self.regroup(|world| world.directory.nest(g, into, true)),
            Op::Unnest { g, from } => return self.regroup(|world| world.directory.nest(g, from, false)),
            Op::Empty { g } => return self.regroup(|world| world.directory.empty(g)),
            Op::Vanish { g, is } => return self.regroup(|world| world.directory.vanish(g, is)),
            Op::NameGroup { g, of, n } => {
                return self.regroup(|world| world.directory.name_group(g, (of, n)));
            }
            Op::SwapNames { g, h } => return self.regroup(|world| world.directory.swap_names(g, h)),
            Op::RecreateGroup { g } => return self.regroup(|world| world.directory.recreate_group(g)),
            _ => unreachable!("invariant: only what happens in the directory comes here"),
        };
        if happened {
            let said = self.directory.say(p).into_iter().collect();
            self.feed.say(said);
        }
    }

    fn regroup(&mut self, change: impl FnOnce(&mut Self) -> bool) {
        if change(self) {
            let said = self.directory.say_groups();
            self.feed.say(vec![said]);
        }
    }
}
