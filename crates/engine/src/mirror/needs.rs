//! What has to be known of a directory, for the apps that people of it are provisioned to.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::directory::Group;
use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_model::id::{DirectoryId, GroupId};
use usher_model::mapping::compiled::CompiledMapping;
use usher_model::scope::{Depth, GroupGraph};
use usher_model::template::Template;
use usher_protocol::directory::request::UserFields;
use usher_store::app::App;
use usher_store::{StoreError, Tx, access, app, directory, group};

/// What all apps of one directory need to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The fields of users that are mapped, and those that are always needed.
    pub fields: UserFields,
    /// The groups that were chosen, and whether groups in them count as well.
    pub groups: BTreeMap<GroupId, Depth>,
    /// The addresses of groups that are provisioned, whichever those are when they are listed.
    pub patterns: BTreeSet<Pattern>,
    /// Whether the mirror does not hold all of that yet.
    pub is_news: bool,
}

impl Needs {
    /// What the apps of a directory need.
    pub async fn of(tx: &mut Tx, directory: &DirectoryId) -> Result<Self, StoreError> {
        let mut fields = UserFields::of([]);
        let (mut groups, mut patterns) = (BTreeMap::new(), BTreeSet::new());
        for app in app::list(tx).await?.into_iter().filter(|app| app.directory == *directory) {
            fields.add(&fields_of(&app));
            for group in access::access(tx, &app.id).await?.groups {
                groups.insert(group, Depth::Nested);
            }
            for chosen in access::scope(tx, &app.id).await? {
                let depth = groups.entry(chosen.group).or_insert(chosen.depth);
                if chosen.depth == Depth::Nested {
                    *depth = Depth::Nested;
                }
            }
            for group in provisioned(tx, directory, &app).await? {
                groups.insert(group, Depth::Nested);
            }
            if let Some(Selection::Chosen(chosen)) = app.settings.map(|settings| settings.groups.selection) {
                patterns.extend(chosen.patterns);
            }
        }
        let is_news = !holds(tx, directory, &fields, &groups).await?;
        Ok(Self { fields, groups, patterns, is_news })
    }

    /// The same, where a listing has just shown this group.
    pub(super) fn see(&mut self, group: GroupId, email: &str) {
        let email = email.to_lowercase();
        if self.patterns.iter().any(|pattern| pattern.fits(&email)) {
            self.groups.insert(group, Depth::Nested);
        }
    }

    /// The groups whose direct members must be known, by the arrows of a mirror.
    pub(super) fn below(&self, graph: &GroupGraph) -> BTreeSet<GroupId> {
        below(&self.groups, graph)
    }

    /// The groups whose direct members must be known, as far as it is known which group is in which.
    pub fn reach(&self, children: &BTreeMap<GroupId, BTreeSet<GroupId>>) -> BTreeSet<GroupId> {
        let mut reached: BTreeSet<GroupId> = self.groups.keys().cloned().collect();
        let deep = self.groups.iter().filter(|(_, depth)| **depth == Depth::Nested);
        let mut open: Vec<&GroupId> = deep.map(|(group, _)| group).collect();
        let mut seen: BTreeSet<&GroupId> = open.iter().copied().collect();
        while let Some(group) = open.pop() {
            for child in children.get(group).into_iter().flatten() {
                reached.insert(child.clone());
                if seen.insert(child) {
                    open.push(child);
                }
            }
        }
        reached
    }
}

/// How many groups are looked through at once.
const GROUPS_AT_ONCE: usize = 1_000;

/// The groups of a directory that an app is to have: everybody below them is to be known.
pub async fn provisioned(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &App,
) -> Result<BTreeSet<GroupId>, StoreError> {
    let selection = app.settings.as_ref().map(|settings| &settings.groups.selection);
    let one_by_one: BTreeSet<GroupId> = match selection {
        None | Some(Selection::Off) => return Ok(BTreeSet::new()),
        Some(Selection::Scope) => {
            access::scope(tx, &app.id).await?.into_iter().map(|scoped| scoped.group).collect()
        }
        Some(Selection::Chosen(chosen)) => chosen.groups.keys().cloned().collect(),
    };
    let mut provisioned: BTreeSet<GroupId> =
        directory::groups(tx, directory, &one_by_one).await?.into_keys().collect();
    let Some(Selection::Chosen(Chosen { patterns, .. })) = selection else { return Ok(provisioned) };
    let mut after = None;
    while !patterns.is_empty() {
        let page = group::walk(tx, directory, &app.id, after.as_ref(), GROUPS_AT_ONCE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        let groups = page.into_iter().filter_map(|walked| walked.group);
        let is_fit = |group: &Group| patterns.iter().any(|pattern| pattern.fits(group.email.as_str()));
        provisioned.extend(groups.filter(is_fit).map(|group| group.id));
    }
    Ok(provisioned)
}

/// The fields of users that an app's mapping looks at.
fn fields_of(app: &App) -> UserFields {
    let compiled = Template::by_key(&app.template)
        .and_then(|template| template.mapping(&app.mapping).ok()?.compile(template).ok());
    match compiled {
        Some(mapping) => fields_of_mapping(&mapping),
        // A mapping that cannot be used needs nothing: whoever mends it makes it one that does.
        None => UserFields::of([]),
    }
}

/// The fields of users that a mapping looks at.
pub(crate) fn fields_of_mapping(mapping: &CompiledMapping) -> UserFields {
    match mapping.user_fields() {
        Some(fields) => UserFields::of(fields.iter().map(String::as_str)),
        None => UserFields::everything(),
    }
}

/// These groups, and the groups in those that are chosen with them.
fn below(groups: &BTreeMap<GroupId, Depth>, graph: &GroupGraph) -> BTreeSet<GroupId> {
    let mut reached = BTreeSet::new();
    for (group, depth) in groups {
        match depth {
            Depth::Direct => drop(reached.insert(group.clone())),
            Depth::Nested => reached.extend(graph.below(group)),
        }
    }
    reached
}

/// Whether the mirror of a Google Workspace holds these fields, and who is in these groups and in the groups in them.
async fn holds(
    tx: &mut Tx,
    of: &DirectoryId,
    fields: &UserFields,
    groups: &BTreeMap<GroupId, Depth>,
) -> Result<bool, StoreError> {
    let Some(mirrored) = directory::mirrored(tx, of).await? else { return Ok(true) };
    let has_fields = mirrored.listed_fields.as_deref().map(UserFields::from_text);
    if !has_fields.is_some_and(|listed| listed.contains_all(fields)) {
        return Ok(false);
    }
    if groups.is_empty() {
        return Ok(true);
    }
    let reached = below(groups, &directory::group_graph(tx, of).await?);
    Ok(directory::never_listed(tx, of, &reached).await?.is_empty())
}

/// What an app needs to know that the mirror of its directory does not hold, in a sentence without an end; none: nothing
/// is missing, or the directory is no mirror.
pub(crate) async fn missing(
    tx: &mut Tx,
    of: &DirectoryId,
    mapping: &CompiledMapping,
    groups: &BTreeSet<GroupId>,
) -> Result<Option<String>, StoreError> {
    let Some(mirrored) = directory::mirrored(tx, of).await? else { return Ok(None) };
    let Some(listed) = mirrored.listed_fields.as_deref().map(UserFields::from_text) else {
        return Ok(Some("nothing of it was listed yet".to_owned()));
    };
    if !listed.contains_all(&fields_of_mapping(mapping)) {
        return Ok(Some(
            "the mapping looks at fields of users that the last listing did not ask for".to_owned(),
        ));
    }
    let unknown = directory::never_listed(tx, of, groups).await?;
    Ok(unknown.first().map(|group| format!("who is in the group {} was not listed", group.email)))
}
