//! One thing of a directory: a person by id, whether somebody is a member, the customer, push channels.
//!
//! Only Google's own *not found* means that somebody does not exist ([`usher_protocol::directory::error`]).

use serde::de::DeserializeOwned;
use serde_json::Value;
use usher_protocol::directory::channel::{Channel, Opened, UserEvent};
use usher_protocol::directory::customer::Customer;
use usher_protocol::directory::member::HasMember;
use usher_protocol::directory::request::{self, UserFields};
use usher_protocol::directory::user::User;

use super::client::GoogleClient;
use super::error::GoogleError;
use super::method::ApiMethod;

/// Whether somebody is a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// They are, directly or through another group.
    Member,
    /// They are not: Google said so.
    NotAMember,
    /// Google did not say: the group or the person does not exist, or the person is not of the group's organisation.
    Unsaid,
}

impl GoogleClient {
    /// A person, by id (`users.get`); none: there is nobody with this id, not even among the restorable.
    pub async fn user_by_id(&self, id: &str, fields: &UserFields) -> Result<Option<User>, GoogleError> {
        let method = ApiMethod::UsersGet;
        match self.call(method, &request::user(id, fields)).await {
            Ok(body) => {
                let user: User = read(method, body)?;
                // An address leads to whoever has it now; an id to nobody else.
                let is_asked_for = user.id() == Some(id);
                let detail = || "the user's `id` is another".to_owned();
                if is_asked_for {
                    Ok(Some(user))
                } else {
                    Err(GoogleError::Useless { method, detail: detail() })
                }
            }
            Err(GoogleError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whoever has an address now (`users.get`); none: nobody has.
    pub async fn user_by_address(
        &self,
        address: &str,
        fields: &UserFields,
    ) -> Result<Option<User>, GoogleError> {
        let method = ApiMethod::UsersGet;
        match self.call(method, &request::user(address, fields)).await {
            Ok(body) => {
                let user: User = read(method, body)?;
                let detail = || "the user has no `id`".to_owned();
                if user.id().is_none() {
                    Err(GoogleError::Useless { method, detail: detail() })
                } else {
                    Ok(Some(user))
                }
            }
            Err(GoogleError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody is a member of a group, each by id or address (`members.hasMember`).
    pub async fn has_member(&self, group: &str, member: &str) -> Result<Membership, GoogleError> {
        let method = ApiMethod::MembersHasMember;
        match self.call(method, &request::has_member(group, member)).await {
            Ok(body) => {
                let HasMember { is_member } = read(method, body)?;
                Ok(if is_member { Membership::Member } else { Membership::NotAMember })
            }
            Err(GoogleError::NotFound { .. }) => Ok(Membership::Unsaid),
            // `Invalid Input: memberKey` of somebody of another domain.
            Err(GoogleError::Refused { error, .. }) if error.status == 400 => Ok(Membership::Unsaid),
            Err(error) => Err(error),
        }
    }

    /// The customer (`customers.get`).
    pub async fn customer(&self) -> Result<Customer, GoogleError> {
        let method = ApiMethod::CustomersGet;
        read(method, self.call(method, &request::customer(self.customer_key())).await?)
    }

    /// Opens a push channel for one kind of change (`users.watch`).
    pub async fn watch_users(&self, event: UserEvent, channel: &Channel) -> Result<Opened, GoogleError> {
        let method = ApiMethod::UsersWatch;
        let body = self.call(method, &request::watch_users(self.customer_key(), event, channel)).await?;
        let opened: Opened = read(method, body)?;
        if opened.id == channel.id {
            return Ok(opened);
        }
        Err(GoogleError::Useless { method, detail: "the channel's `id` is another".to_owned() })
    }

    /// Ends a push channel (`channels.stop`); one that is not there is ended already.
    pub async fn stop_channel(&self, id: &str, resource_id: &str) -> Result<(), GoogleError> {
        match self.call(ApiMethod::ChannelsStop, &request::stop_channel(id, resource_id)).await {
            Ok(_) | Err(GoogleError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn read<T: DeserializeOwned>(method: ApiMethod, body: Value) -> Result<T, GoogleError> {
    serde_json::from_value(body).map_err(|error| GoogleError::Useless { method, detail: error.to_string() })
}
