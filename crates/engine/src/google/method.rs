//! The methods of Google's APIs that Usher calls, each with its scope and with what an administrator's role needs for it.

use std::fmt;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiMethod {
    /// A page of users, or of deleted ones.
    UsersList,
    /// One user.
    UsersGet,
    /// A page of groups.
    GroupsList,
    /// A page of a group's members.
    MembersList,
    /// Whether somebody is a member.
    MembersHasMember,
    /// The organizational units.
    OrgUnitsList,
    /// The domains.
    DomainsList,
    /// The custom schemas.
    SchemasList,
    /// The customer.
    CustomersGet,
    /// A page of the administrators' log.
    ActivitiesList,
    /// Opens a push channel.
    UsersWatch,
    /// Ends one.
    ChannelsStop,
}

impl ApiMethod {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::UsersList,
        Self::UsersGet,
        Self::GroupsList,
        Self::MembersList,
        Self::MembersHasMember,
        Self::OrgUnitsList,
        Self::DomainsList,
        Self::SchemasList,
        Self::CustomersGet,
        Self::ActivitiesList,
        Self::UsersWatch,
        Self::ChannelsStop,
    ];

    /// Whether a request of it names the customer, so that a refusal may be about that.
    pub const fn names_customer(self) -> bool {
        match self {
            Self::UsersList
            | Self::GroupsList
            | Self::OrgUnitsList
            | Self::DomainsList
            | Self::SchemasList
            | Self::CustomersGet
            | Self::UsersWatch => true,
            Self::UsersGet
            | Self::MembersList
            | Self::MembersHasMember
            | Self::ActivitiesList
            | Self::ChannelsStop => false,
        }
    }

    /// Its id in the discovery documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsersList => "directory.users.list",
            Self::UsersGet => "directory.users.get",
            Self::GroupsList => "directory.groups.list",
            Self::MembersList => "directory.members.list",
            Self::MembersHasMember => "directory.members.hasMember",
            Self::OrgUnitsList => "directory.orgunits.list",
            Self::DomainsList => "directory.domains.list",
            Self::SchemasList => "directory.schemas.list",
            Self::CustomersGet => "directory.customers.get",
            Self::ActivitiesList => "reports.activities.list",
            Self::UsersWatch => "directory.users.watch",
            Self::ChannelsStop => "directory.channels.stop",
        }
    }

    /// The scope that opens it, without its beginning (`usher_protocol::oauth::scope`).
    pub const fn scope(self) -> &'static str {
        match self {
            Self::UsersList | Self::UsersGet | Self::UsersWatch | Self::ChannelsStop => {
                "admin.directory.user.readonly"
            }
            Self::GroupsList => "admin.directory.group.readonly",
            Self::MembersList | Self::MembersHasMember => "admin.directory.group.member.readonly",
            Self::OrgUnitsList => "admin.directory.orgunit.readonly",
            Self::DomainsList => "admin.directory.domain.readonly",
            Self::SchemasList => "admin.directory.userschema.readonly",
            Self::CustomersGet => "admin.directory.customer.readonly",
            Self::ActivitiesList => "admin.reports.audit.readonly",
        }
    }

    /// What is ticked in an administrator's role for it (Admin console, Account > Admin roles).
    pub const fn privilege(self) -> &'static str {
        match self {
            Self::UsersList | Self::UsersGet | Self::UsersWatch | Self::ChannelsStop => {
                "Admin API privileges > Users > Read"
            }
            Self::GroupsList | Self::MembersList | Self::MembersHasMember => {
                "Admin API privileges > Groups > Read"
            }
            Self::OrgUnitsList => "Admin API privileges > Organizational Units > Read",
            Self::DomainsList | Self::CustomersGet => "Admin API privileges > Domain Management",
            Self::SchemasList => "Admin API privileges > Schema Management > Schema Read",
            Self::ActivitiesList => "Admin console privileges > Reports",
        }
    }

    /// Whether a lost answer leaves open what happened.
    pub const fn is_write(self) -> bool {
        match self {
            Self::UsersWatch | Self::ChannelsStop => true,
            Self::UsersList
            | Self::UsersGet
            | Self::GroupsList
            | Self::MembersList
            | Self::MembersHasMember
            | Self::OrgUnitsList
            | Self::DomainsList
            | Self::SchemasList
            | Self::CustomersGet
            | Self::ActivitiesList => false,
        }
    }
}

impl fmt::Display for ApiMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use usher_protocol::oauth::SCOPES;

    use super::*;

    #[test]
    fn the_scopes_that_are_asked_for_are_those_that_are_used() {
        let used: BTreeSet<_> = ApiMethod::ALL.iter().map(|method| method.scope()).collect();
        assert_eq!(used, BTreeSet::from(SCOPES));
    }
}
