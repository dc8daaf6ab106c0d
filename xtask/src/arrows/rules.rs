//! What each crate must not know, and the check of it.

use std::fmt;

use super::graph::Graph;

/// Only tests may know this crate.
const TESTKIT: &str = "usher-testkit";

/// What one crate of the workspace must not depend on, directly or through others.
pub(super) struct Rule {
    pub(super) package: &'static str,
    pub(super) siblings: Siblings,
    /// Crates from elsewhere that must not be linked.
    pub(super) forbidden: &'static [&'static str],
    /// Why, as the one who breaks the rule should read it.
    pub(super) because: &'static str,
}

/// Which other crates of the workspace a crate may know. `usher-testkit` is never among them.
pub(super) enum Siblings {
    Any,
    Only(&'static [&'static str]),
    AnyBut(&'static [&'static str]),
}

/// Crates that do not exist yet have their rule already.
pub(super) const RULES: &[Rule] = &[
    Rule {
        package: "usher-model",
        siblings: Siblings::Only(&[]),
        forbidden: &["axum", "hyper", "rand", "reqwest", "sqlx", "tokio"],
        because: "the model decides: no I/O, no clock, no chance",
    },
    Rule {
        package: "usher-protocol",
        siblings: Siblings::Only(&[]),
        forbidden: &["axum", "hyper", "reqwest", "sqlx", "tokio"],
        because: "the protocol is plain request and response values, without I/O",
    },
    Rule {
        package: "usher-store",
        siblings: Siblings::Only(&["usher-model"]),
        forbidden: &["axum", "hyper", "reqwest"],
        because: "the store speaks to its database and to nothing else",
    },
    Rule {
        package: "usher-engine",
        siblings: Siblings::Only(&["usher-model", "usher-protocol", "usher-store"]),
        forbidden: &["askama", "axum"],
        because: "the engine does not render and does not serve",
    },
    Rule {
        package: "usher-web",
        siblings: Siblings::AnyBut(&["usher-engine"]),
        forbidden: &["reqwest"],
        because: "the web marks work due and reads reports; it never calls a directory or an app",
    },
    Rule {
        package: "usher-emulator",
        siblings: Siblings::Only(&["usher-model"]),
        forbidden: &["reqwest", "sqlx"],
        because: "an emulator that shares the product's code would share its mistakes",
    },
    Rule {
        package: "usher",
        siblings: Siblings::Any,
        forbidden: &[],
        because: "the binary wires everything",
    },
    Rule {
        package: "usher-bench",
        siblings: Siblings::Only(&["usher-engine", "usher-model", "usher-protocol", "usher-store"]),
        forbidden: &[],
        because: "what is measured runs in processes of its own: the app that it writes to is another one",
    },
    Rule { package: TESTKIT, siblings: Siblings::Any, forbidden: &[], because: "tests may know everything" },
    Rule {
        package: "xtask",
        siblings: Siblings::Only(&[]),
        forbidden: &[],
        because: "the house's commands build in seconds and work while the product does not compile",
    },
];

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The path of names from the crate to what it must not know.
    Forbidden { path: Vec<String>, because: &'static str },
    /// A crate of the workspace that nobody wrote a rule for.
    Unruled { package: String },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden { path, because } => write!(f, "{}: {because}", path.join(" -> ")),
            Self::Unruled { package } => {
                write!(f, "{package}: say in xtask/src/arrows/rules.rs what this crate must not know")
            }
        }
    }
}

/// Every broken rule, in the order of the crates' ids.
pub(super) fn check(graph: &Graph, rules: &[Rule]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for member in &graph.members {
        let package = graph.name(member);
        let Some(rule) = rules.iter().find(|rule| rule.package == package) else {
            broken.push(Broken::Unruled { package: package.to_owned() });
            continue;
        };
        for (known, path) in graph.reachable(member) {
            if let Some(because) = rule.forbids(known, graph) {
                let path = path.into_iter().map(str::to_owned).collect();
                broken.push(Broken::Forbidden { path, because });
            }
        }
    }
    broken
}

impl Rule {
    /// Why this crate must not know `known`; `None` if it may.
    fn forbids(&self, known: &str, graph: &Graph) -> Option<&'static str> {
        if known == TESTKIT {
            return Some("the testkit is for tests alone: make it a dev-dependency");
        }
        let is_sibling = graph.members.iter().any(|member| graph.name(member) == known);
        let forbidden =
            if is_sibling { !self.siblings.allow(known) } else { self.forbidden.contains(&known) };
        forbidden.then_some(self.because)
    }
}

impl Siblings {
    fn allow(&self, sibling: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(allowed) => allowed.contains(&sibling),
            Self::AnyBut(barred) => !barred.contains(&sibling),
        }
    }
}
