//! Ops about groups from a seed.

use super::{days, person};
use crate::sim::chance::Chance;
use crate::sim::op::part::{GroupHand, Which};
use crate::sim::op::{GROUPS, Op};

/// Three worlds of four provision groups from the beginning, some of them large ones.
pub(super) fn beginning(chance: &mut Chance) -> Vec<Op> {
    if chance.below(4) == 0 {
        return Vec::new();
    }
    let mut ops = Vec::new();
    if chance.below(3) == 0 {
        ops.extend((0..24).map(|p| Op::Enter { p, g: 2 }));
    }
    if chance.below(4) == 0 {
        ops.push(Op::GroupHand { g: chance.small(GROUPS), p: person(chance), does: GroupHand::Makes });
    }
    ops.push(Op::Select { which: Which::Fitting { place: None } });
    ops
}

/// Groups of the directory, and who is in them.
pub(super) fn life(chance: &mut Chance) -> Op {
    let (p, g, h) = (person(chance), chance.small(GROUPS), chance.small(GROUPS));
    match chance.below(26) {
        0..=6 => Op::Enter { p, g },
        7..=13 => Op::Leave { p, g },
        14 | 15 => Op::Nest { g, into: h },
        16 | 17 => Op::Unnest { g, from: h },
        18 => Op::Empty { g },
        19 | 20 => Op::Vanish { g, is: chance.below(3) > 0 },
        21 => Op::NameGroup { g, of: g, n: chance.small(3) },
        22 => Op::NameGroup { g, of: h, n: chance.small(2) },
        23 | 24 => Op::SwapNames { g, h },
        _ => Op::RecreateGroup { g },
    }
}

/// What an admin says of groups at the app.
pub(super) fn admin(chance: &mut Chance) -> Op {
    let (g, h) = (chance.small(GROUPS), chance.small(GROUPS));
    match chance.below(16) {
        0 => Op::Select { which: chance.of(&[Which::Off, Which::Scope]) },
        1 | 2 => Op::Select { which: Which::Chosen { g, h } },
        3..=5 => Op::Select { which: Which::Fitting { place: None } },
        6 => Op::Select { which: Which::Fitting { place: Some(g) } },
        7 => Op::SuspendedMembers { leave: chance.coin() },
        8 => Op::ForeignMembers { go: chance.coin() },
        9 | 10 => Op::Deselected { days: days(chance) },
        11 | 12 => Op::PinGroup { g, days: chance.of(&[None, Some(1), Some(7)]) },
        13 | 14 => Op::UnpinGroup { g },
        _ => Op::TakeOverGroup { g },
    }
}

/// What other hands do to groups at the app.
pub(super) fn hands(chance: &mut Chance) -> Op {
    let all = [
        GroupHand::Renames,
        GroupHand::Unties,
        GroupHand::Claims,
        GroupHand::Deletes,
        GroupHand::Makes,
        GroupHand::MakesForeign,
        GroupHand::Adds,
        GroupHand::Adds,
        GroupHand::Adds,
        GroupHand::Removes,
        GroupHand::Removes,
    ];
    Op::GroupHand { g: chance.small(GROUPS), p: person(chance), does: chance.of(&all) }
}
