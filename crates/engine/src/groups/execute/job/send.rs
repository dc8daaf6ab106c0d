//! One write about a group: sent under its intent, as the PATCH or PUT that the app takes.

use usher_model::attribute::changes::Changes;
use usher_model::id::RemoteId;
use usher_model::template::Update;
use usher_protocol::http::{Request, Response};
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::request;
use usher_protocol::scim::resource::Resource;
use usher_store::StoreError;
use usher_store::group;

use super::{Job, Refused, closed};
use crate::ask::resource_id;
use crate::calls::{CallError, Tries};
use crate::groups::read::{self, ById};
use crate::groups::wire::{self, Change, Seen};

impl Job<'_> {
    /// Sends a write, once the group's intent covers the time that it may take.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Response, CallError> {
        let mut tries = Tries::default();
        loop {
            let turn = self.work.client.turn(request).await;
            self.renew().await.map_err(|error| closed(&error))?;
            let until = self.record.intent.as_ref().map(|intent| intent.until);
            if let Some(response) = self.work.client.attempt(turn, request, &mut tries, until).await? {
                return Ok(response);
            }
        }
    }

    /// Renews an intent that waited so long that a request could outlive it.
    async fn renew(&mut self) -> Result<(), StoreError> {
        let Some(intent) = &mut self.record.intent else { return Ok(()) };
        if self.work.clock.now() + self.work.client.timeout() <= intent.until {
            return Ok(());
        }
        intent.until = self.work.intent_until();
        let mut tx = self.work.store.begin("engine::groups::renew").await?;
        group::record(&mut tx, self.work.lease, std::slice::from_ref(&self.record)).await?;
        tx.commit().await
    }

    /// Writes a group's name or `externalId` and returns the group as the app then shows it.
    pub(super) async fn write_attributes(
        &mut self,
        remote_id: &RemoteId,
        changes: &Changes,
    ) -> Result<Seen, Refused> {
        let response = self.write(remote_id, Change::Attributes(changes)).await?;
        let shown = Resource::read(&response).ok().and_then(Seen::read);
        if let Some(seen) = shown.filter(|seen| seen.remote_id == *remote_id && seen.display_name().is_some())
        {
            return Ok(seen);
        }
        match read::by_id(self.work, self.ways, remote_id).await {
            Ok(ById::There(seen, _)) => Ok(*seen),
            Ok(ById::Gone) => Err(Refused::Gone),
            Err(error) => {
                let why = format!("the app said yes and could not be read afterwards: {error}");
                Err(CallError::Useless(why).into())
            }
        }
    }

    /// Sends one change, as a PATCH or as a PUT of the whole.
    pub(super) async fn write(
        &mut self,
        remote_id: &RemoteId,
        change: Change<'_>,
    ) -> Result<Response, Refused> {
        match self.write_once(remote_id, change).await {
            Err(Refused::Error(error)) if self.work.client.knows_no_patch(&error) => {
                self.write_once(remote_id, change).await
            }
            written => written,
        }
    }

    async fn write_once(&mut self, remote_id: &RemoteId, change: Change<'_>) -> Result<Response, Refused> {
        let id = resource_id(remote_id)?;
        let request = match self.work.client.update() {
            Update::Detect | Update::Patch => request::patch(ResourceKind::Group, &id, &wire::patch(change)),
            Update::Put => {
                let read = read::by_id(self.work, self.ways, remote_id).await;
                let ById::There(seen, resource) = read.map_err(CallError::before_write)? else {
                    return Err(Refused::Gone);
                };
                if !self.ways.shows_members_of(&seen) {
                    let why = "the app takes no PATCH and does not show who is in the group: a PUT would throw everybody out";
                    return Err(CallError::Useless(why.to_owned()).before_write().into());
                }
                request::replace(ResourceKind::Group, &id, wire::merged(resource, change))
            }
        };
        self.send(&request).await.map_err(Refused::from)
    }
}
