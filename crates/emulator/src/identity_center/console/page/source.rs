//! *Change identity source*, step by step: choose it, exchange metadata, confirm.

pub(super) mod choose;
pub(super) mod configure;
pub(super) mod confirm;
