//! The kinds of events, and what Google's page calls those that it counts.

use usher_model::operation::Kind;

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    Create,
    Adopt,
    Update,
    Suspend,
    Unsuspend,
    HardDelete,
    Failure,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Adopt,
        Self::Update,
        Self::Suspend,
        Self::Unsuspend,
        Self::HardDelete,
        Self::Failure,
    ];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Suspend => "suspend",
            Self::Unsuspend => "unsuspend",
            Self::HardDelete => "hard_delete",
            Self::Failure => "failure",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What Google's page calls the kinds that it counts; it knows no adoption.
    pub fn google_name(self) -> Option<&'static str> {
        match self {
            Self::Create => Some("Create User By Auto Provisioning"),
            Self::Adopt => None,
            Self::Update => Some("Update Auto Provisioned User"),
            Self::Suspend => Some("Suspend Auto Provisioned User"),
            Self::Unsuspend => Some("UnSuspend Auto Provisioned User"),
            Self::HardDelete => Some("Hard Delete Auto Provisioned User"),
            Self::Failure => Some("Failures"),
        }
    }
}

impl EventKind {
    /// The kind of operation that it is the success of; a failure is none's.
    pub fn operation(self) -> Option<Kind> {
        match self {
            Self::Create => Some(Kind::Create),
            Self::Adopt => Some(Kind::Adopt),
            Self::Update => Some(Kind::Update),
            Self::Suspend => Some(Kind::Suspend),
            Self::Unsuspend => Some(Kind::Unsuspend),
            Self::HardDelete => Some(Kind::Delete),
            Self::Failure => None,
        }
    }
}

/// The kind of event that a successful operation is.
impl From<Kind> for EventKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Create => Self::Create,
            Kind::Adopt => Self::Adopt,
            Kind::Update => Self::Update,
            Kind::Suspend => Self::Suspend,
            Kind::Unsuspend => Self::Unsuspend,
            Kind::Delete => Self::HardDelete,
        }
    }
}
