//! The kinds of events of groups.

use std::fmt;

use usher_model::group::operation::GroupKind;

/// What happened to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupEventKind {
    Create,
    Adopt,
    Update,
    MembersAdd,
    MembersRemove,
    Delete,
    Failure,
}

impl GroupEventKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Adopt,
        Self::Update,
        Self::MembersAdd,
        Self::MembersRemove,
        Self::Delete,
        Self::Failure,
    ];

    /// The name that JSON and the store use: the operation's, where it is the success of one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => GroupKind::GroupCreate.as_str(),
            Self::Adopt => GroupKind::GroupAdopt.as_str(),
            Self::Update => GroupKind::GroupUpdate.as_str(),
            Self::MembersAdd => GroupKind::MembersAdd.as_str(),
            Self::MembersRemove => GroupKind::MembersRemove.as_str(),
            Self::Delete => GroupKind::GroupDelete.as_str(),
            Self::Failure => "group_failure",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The kind of event that a successful operation is.
impl From<GroupKind> for GroupEventKind {
    fn from(kind: GroupKind) -> Self {
        match kind {
            GroupKind::GroupCreate => Self::Create,
            GroupKind::GroupAdopt => Self::Adopt,
            GroupKind::GroupUpdate => Self::Update,
            GroupKind::MembersAdd => Self::MembersAdd,
            GroupKind::MembersRemove => Self::MembersRemove,
            GroupKind::GroupDelete => Self::Delete,
        }
    }
}

impl fmt::Display for GroupEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in GroupEventKind::ALL {
            assert_eq!(GroupEventKind::from_name(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_success_is_called_as_the_operation_is() {
        for kind in GroupKind::ALL {
            assert_eq!(GroupEventKind::from(kind).to_string(), kind.as_str());
        }
    }
}
