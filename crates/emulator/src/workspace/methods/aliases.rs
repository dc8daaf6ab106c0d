//! Aliases of users and groups.

use serde_json::{Map, Value, json};

use super::list;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Notice, UserEvent};
use crate::workspace::directory::{Change, Group, User, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

/// The most aliases of a user or a group.
const MAX_ALIASES: usize = 30;

/// Whose aliases they are.
enum Owner {
    User(User),
    Group(Group),
}

impl Owner {
    fn id(&self) -> &str {
        match self {
            Self::User(user) => &user.id,
            Self::Group(group) => &group.id,
        }
    }

    fn email(&self) -> &str {
        match self {
            Self::User(user) => user.email(),
            Self::Group(group) => group.email(),
        }
    }

    fn aliases(&self) -> Vec<String> {
        match self {
            Self::User(user) => user.aliases().map(str::to_owned).collect(),
            Self::Group(group) => group.aliases().map(str::to_owned).collect(),
        }
    }

    fn event(&self, for_user: &'static str, for_group: &'static str, alias: &str) -> Event {
        match self {
            Self::User(user) => Event::user(for_user, user.email()).with("USER_NICKNAME", alias),
            Self::Group(group) => Event::group(for_group, group.email()).with("GROUP_NICKNAME", alias),
        }
    }
}

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, resource: &str, method: &str) -> Handled {
    if method == "watch" {
        return super::missing(call);
    }
    let owner = if resource == "directory.users.aliases" {
        Owner::User(User::clone(&*call.user(call.key("userKey")).await?))
    } else {
        Owner::Group(Group::clone(&*call.group(call.key("groupKey")).await?))
    };
    match method {
        "list" => {
            let views = owner.aliases().iter().map(|alias| view(&owner, alias)).collect();
            Ok(list::body("admin#directory#aliases", "aliases", views, None))
        }
        "insert" => insert(call, owner).await,
        "delete" => delete(call, owner),
        _ => super::missing(call),
    }
}

fn view(owner: &Owner, alias: &str) -> Value {
    let mut view = json!({
        "kind": "admin#directory#alias",
        "id": owner.id(),
        "primaryEmail": owner.email(),
        "alias": alias,
    });
    let etag = wire::etag(&view);
    if let Some(view) = view.as_object_mut() {
        view.insert("etag".to_owned(), json!(etag));
    }
    view
}

async fn insert(call: &mut Call<'_>, owner: Owner) -> Handled {
    let alias = text(&call.body, "alias").trim().to_lowercase();
    if alias.is_empty() {
        return Err(Refusal::required("alias"));
    }
    call.check_address(&alias, "", "alias").await?;
    let mut aliases = owner.aliases();
    if aliases.len() >= MAX_ALIASES {
        return Err(Refusal::new(412, "limitExceeded", "Alias limit reached."));
    }
    let view = view(&owner, &alias);
    call.done.events.push(owner.event("CREATE_USER_ALIAS", "CREATE_GROUP_ALIAS", &alias));
    aliases.push(alias);
    put(call, owner, &aliases);
    Ok(Reply::Body(view))
}

fn delete(call: &mut Call<'_>, owner: Owner) -> Handled {
    let alias = call.key("alias").to_lowercase();
    let mut aliases = owner.aliases();
    let before = aliases.len();
    aliases.retain(|known| *known != alias);
    if aliases.len() == before {
        return Err(Refusal::not_found("alias"));
    }
    call.done.events.push(owner.event("DELETE_USER_ALIAS", "DELETE_GROUP_ALIAS", &alias));
    put(call, owner, &aliases);
    Ok(Reply::Nothing)
}

fn put(call: &mut Call<'_>, owner: Owner, aliases: &[String]) {
    let set = |fields: &mut Map<String, Value>| {
        if aliases.is_empty() {
            fields.remove("aliases");
        } else {
            fields.insert("aliases".to_owned(), json!(aliases));
        }
    };
    match owner {
        Owner::User(mut user) => {
            set(&mut user.fields);
            let notice = Notice { event: UserEvent::Update, user: std::sync::Arc::new(user.clone()) };
            call.done.notices.push(notice);
            call.done.changes.push(Change::User(user));
        }
        Owner::Group(mut group) => {
            set(&mut group.fields);
            call.done.changes.push(Change::Group(group));
        }
    }
}
