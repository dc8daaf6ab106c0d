//! The demo's IAM Identity Center: emulated, in this process, on the demo's clock.

use std::path::Path;
use std::sync::Arc;

use usher_emulator::identity_center::admin::Enabled;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};

use super::clock::DemoClock;
use super::setup::Door;
use crate::failure::Failure;

/// An emulated IAM Identity Center with one tenant in which nothing is set up, kept in the file `state`; and where its SCIM
/// endpoint is, once somebody enables provisioning.
pub(crate) fn not_set_up(
    clock: &Arc<DemoClock>,
    base_url: &str,
    state: &Path,
) -> Result<(IdentityCenter, String), Failure> {
    let emulator = IdentityCenter::open(clock.clone(), Options::at(base_url), state)?.center;
    let tenant = emulator.create_tenant(Settings::default())?;
    let endpoint = emulator.endpoint(&tenant);
    Ok((emulator, endpoint))
}

/// An emulated IAM Identity Center with one tenant, ready to be provisioned into.
#[derive(Clone, Debug)]
pub(crate) struct Center {
    pub(crate) emulator: IdentityCenter,
    tenant: String,
    /// The way in that provisioning has.
    pub(crate) door: Door,
}

impl Center {
    /// Makes the tenant, as an administrator would in AWS's console. `base_url` is where it is served later, `state`
    /// the file in which it is kept; none: it is gone with this process.
    pub(crate) fn open(
        clock: &Arc<DemoClock>,
        base_url: &str,
        state: Option<&Path>,
    ) -> Result<Self, Failure> {
        let options = Options::at(base_url);
        let emulator = match state {
            Some(file) => IdentityCenter::open(clock.clone(), options, file)?.center,
            None => IdentityCenter::new(clock.clone(), options),
        };
        let Enabled { tenant, endpoint, token } = emulator.ready_tenant(Settings::default())?;
        Ok(Self { emulator, tenant, door: Door { endpoint, token: token.value } })
    }

    /// A second way in, for another hand; and by which name it is closed again.
    pub(super) fn second_door(&self) -> Result<(Door, String), Failure> {
        let token = self.emulator.generate_token(&self.tenant)?;
        Ok((Door { endpoint: self.door.endpoint.clone(), token: token.value }, token.info.id))
    }

    /// Who is in which group, by names.
    #[cfg(test)]
    pub(super) fn groups(&self) -> std::collections::BTreeMap<String, std::collections::BTreeSet<String>> {
        let groups = self.emulator.groups(&self.tenant, 0, usize::MAX).expect("the tenant is there");
        let members = |id: &str| {
            let group = self.emulator.group(&self.tenant, id).expect("the group is there");
            group.members.into_iter().map(|member| member.user_name).collect()
        };
        groups.into_iter().map(|group| (group.display_name.clone(), members(&group.id))).collect()
    }

    /// Closes the second way in.
    pub(super) fn close(&self, token: &str) -> Result<(), Failure> {
        Ok(self.emulator.delete_token(&self.tenant, token, "DELETE")?)
    }
}
