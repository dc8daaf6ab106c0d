//! Members of groups (`Member` in the discovery document).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::fields;
use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};

/// A member of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// The user's or group's id. Absent for a whole customer only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The member's address. A whole customer has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `OWNER`, `MANAGER` or `MEMBER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `USER`, `GROUP`, `EXTERNAL` or `CUSTOMER`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub member_type: Option<String>,
    /// `ACTIVE`, `SUSPENDED`, `ARCHIVED` or `UNKNOWN`; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Which mail it gets.
    #[serde(rename = "delivery_settings", skip_serializing_if = "Option::is_none")]
    pub delivery_settings: Option<String>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A person of the account.
    User,
    /// A group, whose members are members in turn.
    Group,
    /// An address outside of the account.
    External,
    /// Everybody in the account. It has no address.
    Customer,
}

impl Member {
    /// What the member is; `None` where the type is absent or not one that we know.
    pub fn member_kind(&self) -> Option<MemberKind> {
        match self.member_type.as_deref()? {
            "USER" => Some(MemberKind::User),
            "GROUP" => Some(MemberKind::Group),
            "EXTERNAL" => Some(MemberKind::External),
            "CUSTOMER" => Some(MemberKind::Customer),
            _ => None,
        }
    }
}

impl Member {
    /// Lays a change over the member: absent keys stay, `null` clears, arrays are replaced whole.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        *self = merge::merge_typed(self, change, fields::MEMBER)?;
        Ok(())
    }
}

impl Listed for Member {
    const KEY: &'static str = "members";
    const KIND: &'static str = "admin#directory#members";
}

/// The answer of `members.hasMember` (`MembersHasMember`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HasMember {
    /// Whether the user is a member, directly or through another group. The
    /// field has no default: an answer without it confirms nothing.
    pub is_member: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_customer_has_a_type_and_no_address() {
        let member: Member =
            serde_json::from_value(json!({"id": "C01", "type": "CUSTOMER", "role": "MEMBER"})).unwrap();
        assert_eq!(member.member_kind(), Some(MemberKind::Customer));
        assert_eq!(member.email, None);
    }

    #[test]
    fn a_type_that_we_do_not_know_is_not_taken_for_a_person() {
        let member: Member = serde_json::from_value(json!({"email": "a@x", "type": "ROBOT"})).unwrap();
        assert_eq!(member.member_kind(), None);
    }

    #[test]
    fn an_answer_without_is_member_confirms_nothing() {
        assert!(serde_json::from_value::<HasMember>(json!({})).is_err());
        assert!(!serde_json::from_value::<HasMember>(json!({"isMember": false})).unwrap().is_member);
    }
}
