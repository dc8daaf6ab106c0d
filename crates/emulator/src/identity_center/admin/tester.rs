//! What a tester does beside the console: settings, faults, the request log.

use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::fault::{ActiveFault, FaultRule};
use crate::identity_center::log::{Counters, LoggedRequest};
use crate::identity_center::settings::Settings;

/// Which requests of the log are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// What stands in the address, or is the subject; nothing: anything.
    pub text: &'a str,
    /// Those alone that were not answered with 2xx.
    pub failed_only: bool,
    /// Those before this number; none: the last ones.
    pub before: Option<u64>,
}

impl IdentityCenter {
    /// How a tenant behaves.
    pub fn settings(&self, tenant: &str) -> Result<Settings, AdminError> {
        self.look(tenant, |tenant| Ok(tenant.record.settings.clone()))
    }

    /// Makes a tenant behave otherwise from now on.
    pub fn change_settings(&self, tenant: &str, settings: Settings) -> Result<(), AdminError> {
        self.change_record(tenant, |record| {
            record.settings = settings;
            Ok(())
        })
    }

    /// Puts a fault in force and gives its number.
    pub fn add_fault(&self, tenant: &str, rule: FaultRule) -> Result<u64, AdminError> {
        self.look(tenant, |tenant| Ok(tenant.add_fault(rule)))
    }

    /// The faults in force.
    pub fn faults(&self, tenant: &str) -> Result<Vec<ActiveFault>, AdminError> {
        self.look(tenant, |tenant| Ok(tenant.faults.list()))
    }

    /// Ends a fault.
    pub fn end_fault(&self, tenant: &str, id: u64) -> Result<(), AdminError> {
        self.look(tenant, |tenant| {
            let missing = AdminError::missing("fault", id.to_string());
            if tenant.faults.end(id) { Ok(()) } else { Err(missing) }
        })
    }

    /// Ends every fault.
    pub fn end_faults(&self, tenant: &str) -> Result<(), AdminError> {
        self.look(tenant, |tenant| {
            tenant.faults.clear();
            Ok(())
        })
    }

    /// The last requests after a number, oldest first, at most so many.
    pub fn requests(&self, tenant: &str, after: u64, most: usize) -> Result<Vec<LoggedRequest>, AdminError> {
        self.look(tenant, |tenant| Ok(tenant.log.after(after, most)))
    }

    /// The last requests before a number (none: the very last), newest first, at most so many: those whose address or
    /// subject has `text` in it, and that failed if `failed_only`.
    pub fn latest_requests(
        &self,
        tenant: &str,
        wanted: &Wanted<'_>,
        most: usize,
    ) -> Result<Vec<LoggedRequest>, AdminError> {
        let text = wanted.text.to_lowercase();
        let has_text = |within: &str| within.to_lowercase().contains(&text);
        self.look(tenant, |tenant| {
            Ok(tenant.log.before(wanted.before, most, |request| {
                let is_failed = !request.status.is_some_and(|status| (200..300).contains(&status));
                (is_failed || !wanted.failed_only)
                    && (has_text(&request.target) || request.subject.as_deref().is_some_and(has_text))
            }))
        })
    }

    /// One request of the log.
    pub fn request(&self, tenant: &str, n: u64) -> Result<LoggedRequest, AdminError> {
        self.look(tenant, |tenant| {
            let missing = || AdminError::missing("request", n.to_string());
            tenant.log.get(n).cloned().ok_or_else(missing)
        })
    }

    /// The counters of all requests since they were last cleared.
    pub fn counters(&self, tenant: &str) -> Result<Counters, AdminError> {
        self.look(tenant, |tenant| Ok(tenant.log.counters.clone()))
    }

    /// Forgets requests and counters.
    pub fn clear_log(&self, tenant: &str) -> Result<(), AdminError> {
        self.look(tenant, |tenant| {
            tenant.log.clear();
            Ok(())
        })
    }
}
