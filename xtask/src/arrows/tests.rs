use super::graph::Graph;
use super::rules::{Broken, RULES, check};

/// A graph whose ids are its names; `own` are the crates of the workspace.
fn graph(own: &[&str], edges: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::default();
    for name in own.iter().copied().chain(edges.iter().flat_map(|&(from, to)| [from, to])) {
        graph.names.insert(name.to_owned(), name.to_owned());
    }
    for &(from, to) in edges {
        graph.edges.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    graph.members = own.iter().map(|&name| name.to_owned()).collect();
    graph
}

fn broken(own: &[&str], edges: &[(&str, &str)]) -> Vec<String> {
    check(&graph(own, edges), RULES).iter().map(ToString::to_string).collect()
}

#[test]
fn a_workspace_that_keeps_to_the_rules_breaks_none() {
    let own = ["usher", "usher-engine", "usher-model", "usher-protocol", "usher-store"];
    let edges = [
        ("usher", "usher-engine"),
        ("usher", "axum"),
        ("usher-engine", "usher-store"),
        ("usher-engine", "usher-protocol"),
        ("usher-engine", "reqwest"),
        ("usher-store", "usher-model"),
        ("usher-store", "sqlx"),
        ("sqlx", "tokio"),
        ("usher-model", "serde"),
    ];
    assert_eq!(broken(&own, &edges), Vec::<String>::new());
}

#[test]
fn a_forbidden_dependency_is_found_through_others_and_its_path_is_named() {
    let edges = [("usher-model", "a"), ("a", "b"), ("b", "tokio"), ("b", "a")];
    let found = broken(&["usher-model"], &edges);
    assert_eq!(found, ["usher-model -> a -> b -> tokio: the model decides: no I/O, no clock, no chance"]);
}

#[test]
fn every_forbidden_crate_of_every_rule_is_refused() {
    for rule in RULES {
        for crate_name in rule.forbidden {
            assert_eq!(
                broken(&[rule.package], &[(rule.package, crate_name)]).len(),
                1,
                "{}, {crate_name}",
                rule.package
            );
        }
    }
}

#[test]
fn a_sibling_is_known_only_where_the_rule_allows_it() {
    let allowed = |from: &'static str, to: &'static str| broken(&[from, to], &[(from, to)]).is_empty();
    assert!(!allowed("usher-model", "usher-store"));
    assert!(!allowed("usher-protocol", "usher-model"));
    assert!(allowed("usher-store", "usher-model"));
    assert!(!allowed("usher-store", "usher-protocol"));
    assert!(allowed("usher-engine", "usher-protocol"));
    assert!(!allowed("usher-web", "usher-engine"));
    assert!(allowed("usher-web", "usher-store"));
    assert!(!allowed("usher-emulator", "usher-store"));
    assert!(!allowed("usher-emulator", "usher-protocol"));
    assert!(allowed("usher-emulator", "usher-model"));
    assert!(!allowed("xtask", "usher-model"));
}

#[test]
fn the_testkit_is_for_tests_alone() {
    for package in ["usher", "usher-engine", "xtask"] {
        assert_eq!(broken(&[package, "usher-testkit"], &[(package, "usher-testkit")]).len(), 1, "{package}");
    }
    assert!(broken(&["usher-testkit", "usher-engine"], &[("usher-testkit", "usher-engine")]).is_empty());
}

#[test]
fn a_crate_without_a_rule_is_refused() {
    let found = check(&graph(&["usher-new"], &[]), RULES);
    assert_eq!(found, [Broken::Unruled { package: "usher-new".to_owned() }]);
}

#[test]
fn the_real_graph_has_its_crates_and_leaves_dev_dependencies_out() {
    let graph = Graph::of_workspace(&crate::workspace_root()).expect("cargo metadata of this workspace");
    let own = graph.members.iter().find(|id| graph.name(id) == "xtask").expect("xtask is a member");
    let known = graph.reachable(own);
    assert_eq!(known.get("clap"), Some(&vec!["xtask", "clap"]));
    assert!(!known.contains_key("tempfile"), "tempfile is a dev-dependency of xtask");
}
