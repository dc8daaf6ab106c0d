use proptest::prelude::*;

use super::*;

#[test]
fn names_that_only_look_different_fold_to_one() {
    let table = [
        ("Ada@Example.COM", "ada@example.com"),
        ("ＡＤＡ", "ada"),
        ("e\u{301}", "é"),
        ("É", "é"),
        ("ﬁn", "fin"),
    ];
    for (one, two) in table {
        assert_eq!(fold(one), fold(two));
    }
    assert_ne!(fold("ada"), fold("adá"));
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(name in "\\PC*") {
        prop_assert_eq!(fold(&fold(&name)), fold(&name));
    }
}
