//! What the lines of the state file say.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::identity_center::record::Record;
use crate::identity_center::store::{Change, Key};

/// What has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry<'a> {
    /// A tenant is made, or is another than before. Its people stay.
    Tenant(Cow<'a, Record>),
    /// People of a tenant change: all that one request did.
    People { tenant: Cow<'a, str>, changes: Cow<'a, [Change]> },
    /// The next user or group of a tenant has this key at least, though those before may be gone.
    NextKey { tenant: Cow<'a, str>, key: Key },
}
