//! In which order names change hands.
//!
//! Uniqueness of `userName` is immediate at an app: a name must be free before
//! it is taken. Most operations touch no name that anybody holds and are not
//! here at all. Of the others, each waits for the one that frees its name; two
//! people who swap go through a temporary name; and who wants a name that
//! nobody is about to free fails alone.
//!
//! # Invariants
//!
//! 1. A move's rank is above that of the move which frees the name it takes.
//! 2. Exactly one person of each circle steps aside.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::UserId;

/// An operation that takes a `userName` which an account on our record holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whose operation it is.
    pub user: UserId,
    /// Who holds the name.
    pub holder: UserId,
    /// Whether this run frees the name: the holder's own operation gives it up.
    pub is_freed: bool,
}

/// What an order says of one move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is done among those of this rank; rank 0 is done with everything else.
    At(u32),
    /// It steps aside at rank 0, and is done at this rank.
    AfterSteppingAside(u32),
    /// It cannot be done: the name stays with this holder.
    Blocked(UserId),
}

/// Says when each move is done. A move's user is the key; each user has one.
pub fn order(moves: &[Move]) -> BTreeMap<UserId, Turn> {
    let by_user: BTreeMap<&UserId, &Move> = moves.iter().map(|step| (&step.user, step)).collect();
    let mut turns = BTreeMap::new();
    for step in moves {
        if !turns.contains_key(&step.user) {
            settle(step, &by_user, &mut turns);
        }
    }
    turns
}

/// How a chain of holders ends.
enum End {
    /// With somebody who keeps the name.
    Stays(UserId),
    /// With a name that is free after this rank.
    FreedAt(u32),
}

/// Follows one chain of holders to its end, then gives everyone on it their turn, last first.
fn settle(first: &Move, by_user: &BTreeMap<&UserId, &Move>, turns: &mut BTreeMap<UserId, Turn>) {
    let mut chain = vec![first];
    let mut on_chain = BTreeSet::from([&first.user]);
    let mut steps_aside = None;
    let mut end = loop {
        let last = chain.last().expect("invariant: a chain has its first move");
        if !last.is_freed {
            break End::Stays(last.holder.clone());
        }
        match (turns.get(&last.holder), by_user.get(&last.holder)) {
            (Some(Turn::At(rank) | Turn::AfterSteppingAside(rank)), _) => break End::FreedAt(*rank),
            (Some(Turn::Blocked(_)), _) => break End::Stays(last.holder.clone()),
            // The holder frees the name without taking anybody's: that is done at rank 0.
            (None, None) => break End::FreedAt(0),
            // A circle: the one it closes with steps aside at rank 0.
            (None, Some(holder)) if on_chain.contains(&holder.user) => {
                steps_aside = Some(&holder.user);
                break End::FreedAt(0);
            }
            (None, Some(holder)) => {
                on_chain.insert(&holder.user);
                chain.push(holder);
            }
        }
    };
    for step in chain.into_iter().rev() {
        let (turn, next) = match end {
            End::Stays(holder) => (Turn::Blocked(holder), End::Stays(step.user.clone())),
            End::FreedAt(rank) if steps_aside == Some(&step.user) => {
                (Turn::AfterSteppingAside(rank + 1), End::FreedAt(rank + 1))
            }
            End::FreedAt(rank) => (Turn::At(rank + 1), End::FreedAt(rank + 1)),
        };
        end = next;
        turns.insert(step.user.clone(), turn);
    }
}

#[cfg(test)]
mod tests;
