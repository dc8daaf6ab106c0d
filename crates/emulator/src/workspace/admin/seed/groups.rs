//! The groups of a seed, and who is in them.

use serde_json::{Map, Value, json};

use super::{SHOWN, Sower, wrong};
use crate::workspace::admin::AdminError;
use crate::workspace::call::is_address;
use crate::workspace::directory::{Change, Group, Holder, Member, MemberKind, text};
use crate::workspace::wire;

impl Sower<'_> {
    pub(super) async fn group(&mut self, given: Map<String, Value>) -> Result<(), AdminError> {
        let email = text(&given, "email").to_lowercase();
        if !is_address(&email) {
            return Err(wrong(format!("a group has no address: `{email}`")));
        }
        let given_id = Some(text(&given, "id")).filter(|id| !id.is_empty()).map(str::to_owned);
        let id = match (self.holder(&email).await?, given_id) {
            (Some(Holder::Group(id)), _) | (None, Some(id)) => id,
            (None, None) => wire::group_id(&*self.workspace.clock()),
            (Some(Holder::User(_)), _) => return Err(wrong(format!("a user has the address `{email}`"))),
        };
        let mut fields = given;
        for name in SHOWN.iter().chain(["directMembersCount"].iter()) {
            fields.remove(*name);
        }
        let (local, _) = email.split_once('@').unwrap_or((&email, ""));
        fields.entry("name").or_insert_with(|| json!(local));
        fields.entry("description").or_insert_with(|| json!(""));
        fields.entry("adminCreated").or_insert_with(|| json!(true));
        fields.insert("email".to_owned(), json!(email));
        let group = Group { id, fields };
        for address in std::iter::once(group.email()).chain(group.aliases()) {
            self.given.insert(address.to_lowercase(), Holder::Group(group.id.clone()));
        }
        self.changes.push(Change::Group(group));
        Ok(())
    }

    pub(super) async fn members(
        &mut self,
        group: &str,
        members: Vec<Map<String, Value>>,
    ) -> Result<(), AdminError> {
        let Some(Holder::Group(group_id)) = self.holder(group).await? else {
            return Err(wrong(format!("there is no group `{group}`")));
        };
        let customer = self.directory.customer().await?.id.clone();
        for given in members {
            let address = text(&given, "email").to_lowercase();
            let (id, kind) = match self.holder(&address).await? {
                _ if text(&given, "type") == "CUSTOMER" => (customer.clone(), MemberKind::Customer),
                Some(Holder::User(id)) => (id, MemberKind::User),
                Some(Holder::Group(id)) => (id, MemberKind::Group),
                None if is_address(&address) => (wire::external_id(&address), MemberKind::External),
                None => return Err(wrong(format!("a member of `{group}` has no address"))),
            };
            let role = Some(text(&given, "role")).filter(|role| !role.is_empty()).unwrap_or("MEMBER");
            let delivery = Some(text(&given, "delivery_settings")).filter(|delivery| !delivery.is_empty());
            let member = Member {
                id,
                kind,
                address: (kind == MemberKind::External).then_some(address),
                role: role.to_owned(),
                delivery: delivery.unwrap_or("ALL_MAIL").to_owned(),
            };
            self.changes.push(Change::Member { group: group_id.clone(), member });
        }
        Ok(())
    }
}
