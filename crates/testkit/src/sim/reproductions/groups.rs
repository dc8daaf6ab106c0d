//! What the simulation found about groups.

use usher_model::mutant::Mutant;

use super::{Reproduction, found};
use crate::sim::op::Op;
use crate::sim::op::part::{Drifts, Fault, GroupHand, On, Request, When, Which};

/// All of them, the oldest first.
#[expect(clippy::too_many_lines, reason = "a list, which grows")]
pub(super) fn all() -> Vec<Reproduction> {
    vec![
        found(
            Mutant::GroupAdoptionBlocked,
            "after the configuration had been deleted, a group whose new name was somebody else's was never Usher's again",
            73,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::SwapNames { g: 0, h: 3 },
                Op::Unconfigure,
                Op::Recreate { p: 4 },
                Op::SwapNames { g: 4, h: 0 },
                Op::GroupHand { g: 3, p: 5, does: GroupHand::Unties },
                Op::Configure,
                Op::ForeignMembers { go: true },
            ],
        ),
        found(
            Mutant::TakenGroupDeleted,
            "a group that was made anew took over what its old self had at the app, and the same run deleted it",
            87,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Audit },
                Op::RecreateGroup { g: 0 },
                Op::SwapNames { g: 3, h: 0 },
                Op::TakeOverGroup { g: 0 },
                Op::RecreateGroup { g: 3 },
                Op::Deselected { days: Some(0) },
            ],
        ),
        found(
            Mutant::TakenGroupShared,
            "a group that had taken over what its old self had at the app was deleted as that old self, once a hand had emptied its \
             external id",
            4,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::RecreateGroup { g: 0 },
                Op::TakeOverGroup { g: 0 },
                Op::Run { request: Request::Full },
                Op::GroupHand { g: 0, p: 0, does: GroupHand::Unties },
                Op::Deselected { days: Some(0) },
                Op::Run { request: Request::Release },
                Op::Run { request: Request::Release },
            ],
        ),
        found(
            Mutant::DeletedGroupRemembered,
            "a group that Usher had deleted stayed on record as there, and was not made anew until an audit missed it",
            7,
            vec![
                Op::Deselected { days: Some(0) },
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::Select { which: Which::Chosen { g: 1, h: 2 } },
                Op::Run { request: Request::Full },
                Op::Begin { r: 2, request: Request::Release, steps: 39 },
            ],
        ),
        found(
            Mutant::UndoneWhileOff,
            "an undo put people back into groups that an admin had turned off meanwhile",
            39,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::Empty { g: 1 },
                Op::Run { request: Request::Full },
                Op::Select { which: Which::Off },
                Op::Run { request: Request::Undo },
            ],
        ),
        found(
            Mutant::MembersBelieved,
            "a member whom the app said it had added, and had not, was missing for ever where drift is only reported",
            1,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::Drifts { policy: Drifts::Report },
                Op::Enter { p: 0, g: 3 },
                Op::Fault { fault: Fault::NothingDone, on: On::Changes, when: When::Next { n: 1 } },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::NameTakenBeforeFree,
            "a group was given a name that another one was only about to give up",
            1,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::NameGroup { g: 3, of: 3, n: 1 },
                Op::NameGroup { g: 0, of: 3, n: 0 },
                Op::Run { request: Request::Full },
            ],
        ),
        found(
            Mutant::HeldGroupTaken,
            "after the configuration had been deleted, an admin's word gave a group that said that it was another one of the \
             directory to the one that was called as it had been",
            6_000_387,
            vec![
                Op::Select { which: Which::Fitting { place: None } },
                Op::Run { request: Request::Full },
                Op::Unconfigure,
                Op::RecreateGroup { g: 4 },
                Op::SwapNames { g: 2, h: 4 },
                Op::Configure,
                Op::TakeOverGroup { g: 4 },
            ],
        ),
    ]
}
