//! Organizational units.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::list::{self, STEP};
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{Change, OrgUnit, Which, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::tree::{MAX_DEPTH, Tree};
use crate::workspace::wire;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    call.check_customer(call.key("customerId")).await?;
    let tree = call.tree().await?;
    match method {
        "list" => list(call, &tree),
        "get" => Ok(Reply::Body(view(&*named(call, &tree)?, &tree))),
        "insert" => insert(call, &tree),
        "update" | "patch" => update(call, &tree),
        "delete" => delete(call, &tree).await,
        _ => super::missing(call),
    }
}

/// A unit as the API shows one.
fn view(unit: &OrgUnit, tree: &Tree) -> Value {
    let mut view = Map::new();
    view.insert("kind".to_owned(), json!("admin#directory#orgUnit"));
    view.insert("orgUnitId".to_owned(), json!(unit.id));
    view.insert("orgUnitPath".to_owned(), json!(tree.path(&unit.id)));
    view.insert("name".to_owned(), json!(if unit.parent.is_none() { "/" } else { unit.name.as_str() }));
    view.insert("description".to_owned(), json!(unit.description));
    view.insert("blockInheritance".to_owned(), json!(false));
    if let Some(parent) = &unit.parent {
        view.insert("parentOrgUnitId".to_owned(), json!(parent));
        view.insert("parentOrgUnitPath".to_owned(), json!(tree.path(parent)));
    }
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    Value::Object(view)
}

/// The unit that the path names.
fn named(call: &Call<'_>, tree: &Tree) -> Result<Arc<OrgUnit>, Refusal> {
    tree.find(call.key("orgUnitPath")).cloned().ok_or_else(Refusal::no_org_unit)
}

fn list(call: &Call<'_>, tree: &Tree) -> Handled {
    let above = call.param("orgUnitPath").filter(|path| !path.is_empty()).unwrap_or("/");
    let above = tree.find(above).ok_or_else(Refusal::no_org_unit)?;
    let kind = call.param("type").unwrap_or("children").to_lowercase();
    let is_wanted = |unit: &&Arc<OrgUnit>| match kind.as_str() {
        "all" => unit.id != above.id && tree.is_within(&unit.id, &above.id),
        "allincludingparent" => tree.is_within(&unit.id, &above.id),
        _ => unit.parent.as_ref() == Some(&above.id),
    };
    let views = tree.by_path().filter(is_wanted).map(|unit| view(unit, tree)).collect();
    Ok(list::body("admin#directory#orgUnits", "organizationUnits", views, None))
}

/// The unit above that a body names.
fn parent<'t>(body: &Map<String, Value>, tree: &'t Tree) -> Result<Option<&'t Arc<OrgUnit>>, Refusal> {
    let key = [text(body, "parentOrgUnitId"), text(body, "parentOrgUnitPath")]
        .into_iter()
        .find(|key| !key.is_empty());
    let Some(key) = key else { return Ok(None) };
    let unknown = || Refusal::invalid_message("Invalid Parent Orgunit Id");
    Ok(Some(tree.find(key).ok_or_else(unknown)?))
}

/// Refuses a name that is none, or that another unit at the same place has.
fn check_name(tree: &Tree, unit: &OrgUnit) -> Result<(), Refusal> {
    if unit.name.trim().is_empty() || unit.name.contains('/') {
        return Err(Refusal::invalid("INVALID_OU_NAME"));
    }
    let is_same = |other: &Arc<OrgUnit>| {
        other.id != unit.id
            && other.parent == unit.parent
            && other.name.to_lowercase() == unit.name.to_lowercase()
    };
    if tree.by_path().any(is_same) { Err(Refusal::invalid_message("Invalid Ou Id")) } else { Ok(()) }
}

/// The tree with a unit as it will be.
fn changed(tree: &Tree, unit: &OrgUnit) -> Tree {
    let others = tree.by_path().filter(|other| other.id != unit.id).cloned();
    Tree::new(others.chain([Arc::new(unit.clone())]).collect())
}

fn insert(call: &mut Call<'_>, tree: &Tree) -> Handled {
    if text(&call.body, "name").is_empty() {
        return Err(Refusal::required("name"));
    }
    let parent = parent(&call.body, tree)?.ok_or_else(|| Refusal::required("parentOrgUnitPath"))?;
    if tree.path(&parent.id).matches('/').count() >= MAX_DEPTH {
        return Err(Refusal::invalid_message("Invalid Parent Orgunit Id"));
    }
    let unit = OrgUnit {
        id: wire::org_unit_id(call.clock()),
        name: text(&call.body, "name").trim().to_owned(),
        parent: Some(parent.id.clone()),
        description: text(&call.body, "description").to_owned(),
    };
    check_name(tree, &unit)?;
    let tree = changed(tree, &unit);
    call.done.events.push(Event::org_unit("CREATE_ORG_UNIT", tree.path(&unit.id)));
    let view = view(&unit, &tree);
    call.done.changes.push(Change::OrgUnit(unit));
    Ok(Reply::Body(view))
}

/// Renames or moves; everybody below goes along.
fn update(call: &mut Call<'_>, tree: &Tree) -> Handled {
    let before = named(call, tree)?;
    let mut unit = OrgUnit::clone(&before);
    let name = text(&call.body, "name").trim();
    if !name.is_empty() && before.parent.is_some() {
        name.clone_into(&mut unit.name);
    }
    match call.body.get("description") {
        Some(Value::String(description)) => unit.description.clone_from(description),
        Some(_) => unit.description.clear(),
        None => {}
    }
    if let Some(parent) = parent(&call.body, tree)?.filter(|_| before.parent.is_some()) {
        if tree.is_within(&parent.id, &unit.id) {
            return Err(Refusal::invalid_message("Invalid Parent Orgunit Id"));
        }
        unit.parent = Some(parent.id.clone());
    }
    if before.parent.is_some() {
        check_name(tree, &unit)?;
    }
    let after = changed(tree, &unit);
    let view = view(&unit, &after);
    if unit != *before {
        let (old, new) = (tree.path(&unit.id), after.path(&unit.id));
        if unit.parent != before.parent {
            call.done.events.push(Event::org_unit("MOVE_ORG_UNIT", old).with("NEW_VALUE", new));
        }
        if unit.name != before.name {
            call.done.events.push(Event::org_unit("EDIT_ORG_UNIT_NAME", old).with("NEW_VALUE", &unit.name));
        }
        if unit.description != before.description {
            call.done.events.push(Event::org_unit("EDIT_ORG_UNIT_DESCRIPTION", new));
        }
        call.done.changes.push(Change::OrgUnit(unit));
    }
    Ok(Reply::Body(view))
}

/// Only one that is empty.
async fn delete(call: &mut Call<'_>, tree: &Tree) -> Handled {
    let unit = named(call, tree)?;
    let refused = || Refusal::condition("The organizational unit is not empty.");
    if unit.parent.is_none() || tree.by_path().any(|other| other.parent.as_ref() == Some(&unit.id)) {
        return Err(refused());
    }
    let mut after = None;
    loop {
        let some = call.directory().users(Which::Living, after.as_ref(), STEP).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.place());
        if some.iter().any(|user| user.org_unit == unit.id) {
            return Err(refused());
        }
    }
    call.done.events.push(Event::org_unit("REMOVE_ORG_UNIT", tree.path(&unit.id)));
    call.done.changes.push(Change::OrgUnitGone(unit.id.clone()));
    Ok(Reply::Nothing)
}
