//! A batch of members. Who they are is found out at the end.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use usher_model::id::Email;
use usher_protocol::directory::{fields, merge};
use usher_store::directory::stage::{self, Mention, StagedMember};

use super::entry::MemberEntry;
use super::error::ImportError;
use super::pass::{Pass, at};
use super::person::{is_id, parse_email};

impl Pass<'_> {
    pub(super) async fn take_members(
        &mut self,
        path: &Path,
        groups: Vec<(u64, Arc<str>)>,
        members: Vec<MemberEntry>,
    ) -> Result<(), ImportError> {
        let groups =
            groups.iter().map(|(line, group)| parse_email(group).map_err(|problem| at(path, *line, problem)));
        let groups: Vec<Email> = groups.collect::<Result<_, _>>()?;
        let groups = groups.iter().map(Email::as_str);
        stage::mention(self.tx, &self.directory, Mention::Members, groups).await?;

        let members =
            members.iter().map(|entry| member(entry).map_err(|problem| at(path, entry.line, problem)));
        let members: Vec<StagedMember> = members.collect::<Result<_, _>>()?;
        let n_members = self.n_members.get_or_insert(0);
        stage::stage_members(self.tx, &self.directory, *n_members, &members).await?;
        *n_members += i64::try_from(members.len()).unwrap_or(i64::MAX);
        Ok(())
    }
}

/// A member is an address, or an object in the Directory API's form.
fn member(entry: &MemberEntry) -> Result<StagedMember, String> {
    let group = parse_email(&entry.group)?;
    match &entry.member {
        Json::String(address) => {
            let email = Some(parse_email(address)?);
            Ok(StagedMember { group, id: None, email, is_customer: false, role: "MEMBER".to_owned() })
        }
        Json::Object(member) => from_object(group, member),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => {
            Err(format!("a member of {group} is neither an address nor an object"))
        }
    }
}

fn from_object(group: Email, member: &Map<String, Json>) -> Result<StagedMember, String> {
    let mut read = Map::new();
    merge::merge(&mut read, member.clone(), fields::MEMBER).map_err(|error| error.to_string())?;
    let text = |key| read.get(key).and_then(Json::as_str);
    let id = text("id").filter(|id| is_id(id)).map(str::to_owned);
    let email = text("email").map(parse_email).transpose()?;
    let is_customer = text("type") == Some("CUSTOMER");
    if id.is_none() && email.is_none() && !is_customer {
        return Err(format!("a member of {group} has neither an id nor an email"));
    }
    let role = text("role").unwrap_or("MEMBER");
    if !["OWNER", "MANAGER", "MEMBER"].contains(&role) {
        return Err(format!("{role:?} is not the role of a member: OWNER, MANAGER or MEMBER"));
    }
    Ok(StagedMember { group, id, email, is_customer, role: role.to_owned() })
}
