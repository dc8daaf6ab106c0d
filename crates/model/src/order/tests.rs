use proptest::prelude::*;

use super::*;

fn user(n: u32) -> UserId {
    UserId::new(n.to_string())
}

fn step(user_n: u32, holder_n: u32, is_freed: bool) -> Move {
    Move { user: user(user_n), holder: user(holder_n), is_freed }
}

fn turns(moves: &[Move]) -> Vec<(u32, Turn)> {
    order(moves).into_iter().map(|(user, turn)| (user.as_str().parse().unwrap(), turn)).collect()
}

#[test]
fn a_name_is_freed_before_it_is_taken() {
    // 1 takes what 2 frees; 2 takes what 3 frees; 3 takes nobody's.
    let expected = vec![(1, Turn::At(2)), (2, Turn::At(1))];
    assert_eq!(turns(&[step(1, 2, true), step(2, 3, true)]), expected);
    assert_eq!(turns(&[step(2, 3, true), step(1, 2, true)]), expected);
}

#[test]
fn two_people_who_swap_go_through_a_temporary_name() {
    assert_eq!(
        turns(&[step(1, 2, true), step(2, 1, true)]),
        [(1, Turn::AfterSteppingAside(2)), (2, Turn::At(1))]
    );
}

#[test]
fn a_name_that_nobody_frees_blocks_everyone_who_waits_for_it_and_names_the_holder() {
    assert_eq!(
        turns(&[step(1, 2, true), step(2, 3, false)]),
        [(1, Turn::Blocked(user(2))), (2, Turn::Blocked(user(3)))]
    );
}

proptest! {
    /// Whatever the arrows: everyone has a turn, a name is free when it is taken, and somebody
    /// steps aside in each circle.
    #[test]
    fn every_move_finds_its_name_free(holders in prop::collection::vec((0u32..12, any::<bool>()), 1..12)) {
        let moves: Vec<_> = holders.iter().zip(0u32..).filter(|((holder, _), n)| holder != n)
            .map(|((holder, is_freed), n)| step(n, *holder, *is_freed)).collect();
        let turns = order(&moves);
        prop_assert_eq!(turns.len(), moves.len());
        for step in &moves {
            let (Turn::At(rank) | Turn::AfterSteppingAside(rank)) = turns[&step.user] else { continue };
            prop_assert!(step.is_freed);
            match turns.get(&step.holder) {
                None | Some(Turn::AfterSteppingAside(_)) => {}
                Some(Turn::At(freed)) => prop_assert!(*freed < rank),
                Some(Turn::Blocked(_)) => prop_assert!(false, "waits for a name that stays"),
            }
        }
    }
}
