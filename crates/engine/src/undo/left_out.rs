//! Why an undo leaves somebody out of a group.

use std::fmt;

use usher_model::id::RunId;
use usher_model::pin::Pin;

/// Why somebody is not put back into a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Nothing is on record of the group at the app any more.
    NoGroup,
    /// Nobody knows what the group is like.
    UnknownGroup,
    /// Their account is not the one that it was.
    NoAccount,
    /// They are a member again.
    MemberAgain,
    /// A later run added them or took them out.
    Since(RunId),
    /// An admin said: hands off, of them or of the group.
    Pinned(Pin),
    /// Whose account it is is on nobody's record, and it is that of somebody who is pinned, or may be.
    MayBePinned,
    /// The app's groups are nobody's business any more.
    Off,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGroup => f.write_str("the group is not on record any more"),
            Self::UnknownGroup => f.write_str("nobody knows what came of the last write to the group"),
            Self::NoAccount => f.write_str("the account that was a member is not theirs any more"),
            Self::MemberAgain => f.write_str("a member again"),
            Self::Since(run) => write!(f, "added or taken out since, by the run {run}"),
            Self::Pinned(pin) => pin.fmt(f),
            Self::MayBePinned => f.write_str("it may be the account of somebody who is pinned"),
            Self::Off => f.write_str("groups are off for the app"),
        }
    }
}
