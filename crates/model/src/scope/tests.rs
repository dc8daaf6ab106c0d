use super::*;

fn id(text: &str) -> GroupId {
    GroupId::new(text)
}

fn ids<const N: usize>(texts: [&str; N]) -> BTreeSet<GroupId> {
    texts.into_iter().map(id).collect()
}

fn scope<const N: usize>(groups: [(&str, Depth); N]) -> Scope {
    Scope { groups: groups.into_iter().map(|(group, depth)| (id(group), depth)).collect() }
}

/// a → b → c → a, and b → d.
fn cycle() -> GroupGraph {
    let mut graph = GroupGraph::default();
    for (parent, child) in [("a", "b"), ("b", "c"), ("c", "a"), ("b", "d")] {
        graph.add(id(parent), id(child));
    }
    graph
}

#[test]
fn cycles_are_harmless() {
    assert_eq!(cycle().below(&id("c")), ids(["a", "b", "c", "d"]));
}

#[test]
fn above_a_group_is_every_group_that_it_is_in_however_deep() {
    assert_eq!(cycle().above(&ids(["d"])), ids(["a", "b", "c", "d"]));
    assert_eq!(cycle().above(&ids(["a"])), ids(["a", "b", "c"]), "what is in it is not above it");
    assert_eq!(cycle().above(&ids(["elsewhere"])), ids(["elsewhere"]));
    assert_eq!(cycle().above(&BTreeSet::new()), BTreeSet::new());
}

#[test]
fn no_group_chosen_is_everyone_with_access() {
    let reach = Reach::new(&Access::default(), &Scope::default(), &cycle());
    assert!(reach.in_scope(&BTreeSet::new()));
}

#[test]
fn nested_members_are_in_by_default_and_direct_members_alone_where_chosen() {
    let nested = Reach::new(&Access::default(), &scope([("a", Depth::Nested)]), &cycle());
    assert!(nested.in_scope(&ids(["d"])));
    assert!(!nested.in_scope(&ids(["elsewhere"])));
    let direct = Reach::new(&Access::default(), &scope([("a", Depth::Direct)]), &cycle());
    assert!(direct.in_scope(&ids(["a"])));
    assert!(!direct.in_scope(&ids(["d"])));
}

#[test]
fn a_chosen_group_that_vanished_is_an_empty_one_and_scope_does_not_widen() {
    let reach = Reach::new(&Access::default(), &scope([("vanished", Depth::Nested)]), &cycle());
    assert!(!reach.in_scope(&BTreeSet::new()));
    assert!(!reach.in_scope(&ids(["a"])));
}

#[test]
fn access_through_a_nested_group_names_the_chosen_one() {
    let access = Access::new([], ids(["a"]));
    let reach = Reach::new(&access, &Scope::default(), &cycle());
    assert_eq!(reach.access_through(&ids(["d"])), Some(&id("a")));
    assert_eq!(reach.access_through(&ids(["elsewhere"])), None);
    assert_eq!(reach.groups(), ids(["a", "b", "c", "d"]));
}

#[test]
fn a_customer_member_is_everyone_in_the_organisation() {
    let mut graph = cycle();
    graph.everyone.insert(id("d"));
    let access = Access::new([], ids(["b"]));
    let reach = Reach::new(&access, &scope([("a", Depth::Nested)]), &graph);
    assert_eq!(reach.access_through(&BTreeSet::new()), Some(&id("b")));
    assert!(reach.in_scope(&BTreeSet::new()));
    assert!(!Reach::new(&access, &scope([("a", Depth::Direct)]), &graph).in_scope(&BTreeSet::new()));
}
