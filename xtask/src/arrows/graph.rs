//! Who depends on whom, as plain names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::Context;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep};

/// The dependencies that end up in what a crate builds: no dev-dependencies.
///
/// Packages are told apart by an id, since two versions of one name may be in a graph.
#[derive(Default)]
pub(super) struct Graph {
    /// Package names by id.
    pub(super) names: BTreeMap<String, String>,
    /// What each package depends on directly, by id.
    pub(super) edges: BTreeMap<String, BTreeSet<String>>,
    /// The ids of the workspace's own packages.
    pub(super) members: BTreeSet<String>,
}

impl Graph {
    /// Reads the graph of the workspace at `root` with default features.
    pub(super) fn of_workspace(root: &Path) -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .exec()
            .context("cargo metadata did not answer")?;
        Self::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Metadata) -> anyhow::Result<Self> {
        let resolve =
            metadata.resolve.as_ref().context("cargo metadata answered without a resolved graph")?;
        let members: BTreeSet<String> = metadata.workspace_members.iter().map(|id| id.repr.clone()).collect();
        let names = metadata.packages.iter().map(|p| (p.id.repr.clone(), p.name.to_string())).collect();
        let edges = resolve
            .nodes
            .iter()
            .map(|node| {
                let own = members.contains(&node.id.repr);
                let linked = node.deps.iter().filter(|dep| counts(dep, own));
                (node.id.repr.clone(), linked.map(|dep| dep.pkg.repr.clone()).collect())
            })
            .collect();
        Ok(Self { names, edges, members })
    }

    /// For each package that `from` depends on, directly or not, a shortest path of names to it.
    pub(super) fn reachable(&self, from: &str) -> BTreeMap<&str, Vec<&str>> {
        let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut queue = VecDeque::from([(from, vec![self.name(from)])]);
        let mut seen = BTreeSet::from([from]);
        while let Some((id, path)) = queue.pop_front() {
            for next in self.edges.get(id).into_iter().flatten() {
                if seen.insert(next) {
                    let mut longer = path.clone();
                    longer.push(self.name(next));
                    paths.entry(self.name(next)).or_insert_with(|| longer.clone());
                    queue.push_back((next, longer));
                }
            }
        }
        paths
    }

    pub(super) fn name(&self, id: &str) -> &str {
        self.names.get(id).map_or("(unnamed)", String::as_str)
    }
}

/// A build script of ours could smuggle a crate in as well; those of others only compile C.
fn counts(dep: &NodeDep, of_ours: bool) -> bool {
    dep.dep_kinds
        .iter()
        .any(|info| info.kind == DependencyKind::Normal || (of_ours && info.kind == DependencyKind::Build))
}
