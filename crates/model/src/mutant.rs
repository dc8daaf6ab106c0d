//! Mistakes made on purpose, so that the simulation can show that it would have found them.
//!
//! `cargo xtask simulate --mutants` alone builds with the feature `mutants`, and lets one of them live at a time. Without the
//! feature [`lives`] is always false, and the compiler leaves nothing of it.

use std::fmt;

/// One mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// A run that lost its app goes on writing.
    EpochIgnored = 1,
    /// What one look after a lost answer does not find is taken for absent.
    UnknownIsMissing,
    /// Nobody looks after a lost answer: it is sent again.
    NoLookAfterLoss,
    /// No guard trips.
    GuardsSkipped,
    /// A directory that shrank is believed.
    ShrinkBelieved,
    /// A scope group that became empty is believed.
    EmptyGroupBelieved,
    /// A scope group that vanished no longer narrows.
    VanishedGroupWidens,
    /// Whoever comes back keeps the timer.
    TimerKeptOnReturn,
    /// Nobody waits for a due date.
    DueDateIgnored,
    /// Deleted where it should be suspended.
    DeletedBeforeSuspended,
    /// Deleted without being read just before.
    DeletedUnread,
    /// The time before a delete is counted while provisioning is off, too.
    DeleteClockNeverStops,
    /// A run goes on after provisioning was turned off.
    DisableIgnored,
    /// A run goes on with the configuration that it began with.
    ReconfigurationIgnored,
    /// What is not mapped any more is cleared.
    UnmappedCleared,
    /// An account that carries somebody else's external id is taken over unasked.
    ForeignTakenOver,
    /// Pins do not hold.
    PinsIgnored,
    /// Archived people lose their accounts.
    ArchivedRemoved,
    /// Suspended people who come back stay off.
    NeverUnsuspended,
    /// What somebody else changed passes for what the app made of our value.
    DriftTakenForOurs,
    /// An entitled person whom somebody switched off is switched on unasked.
    SwitchedOffIsOverruled,
    /// Events are stored twice.
    EventsDoubled,
    /// Suspensions leave no event.
    SuspensionsUntold,
    /// One person's failure stops the run.
    OneFailureStopsAll,
    /// Nobody steps aside in a swap.
    NobodyStepsAside,
    /// What came while a run was under way waits for the next cycle.
    WakeForgotten,
    /// What was written is written again.
    NeverSettled,
    /// A run that loses its app in the last moment passes for one that could not begin.
    EndUnfenced,
    /// A delete that found nothing is told as done.
    GoneToldAsDeleted,
    /// A lost create is held against what is mapped now, not against what was sent.
    LostReadAsMapped,
    /// An account whose new name is still taken is not adopted.
    AdoptedWithNameOnly,
    /// Deletes pass unasked where hardly anybody is on any more.
    OffAreNotCounted,
    /// What came before an app was quarantined waits for the next cycle after it.
    QuarantineForgetsWake,
    /// A lost adoption that somebody edited since is not ours.
    EditedIsDisowned,
    /// What was lost on the way does not count for the guards.
    LostAreNotCounted,
    /// A scope group that became empty while a run began is believed.
    EmptiedMeanwhileBelieved,
    /// One account is adopted for two people.
    AdoptedTwice,
    /// An account that says whose it is is not adopted while its new name is held.
    AdoptionBlocked,
    /// Nobody remembers that the app was asked before a create, and showed nothing.
    AskedForgotten,
    /// The log is counted over the wrong time.
    CountedTooLong,
    /// What somebody else changed is found and not told.
    DriftUntold,
    /// Whoever moves to another unit stays where they were, as far as Usher knows.
    MoveUnheard,
    /// A read that may be older than the suspension passes for somebody's having switched the account on.
    PastReadAsSwitchedOn,
    /// A suspension of an account that somebody renamed passes for one that the app did not do.
    RenamedIsDisobeyed,
    /// Whoever was let go by a person, and may be off, is counted among those that are on.
    ReleasedCountAsOn,
    /// Pins of groups do not hold.
    GroupPinsIgnored,
    /// Members whom somebody else added are taken out, whatever the policy says.
    ForeignMembersRemoved,
    /// A group that says that it is somebody else's is adopted by its name.
    ForeignGroupAdopted,
    /// A group is not read after a write to its members was refused.
    GroupWrittenBlindly,
    /// What the app says yes to of members is believed without a look.
    MembersBelieved,
    /// Whoever is in a group through another one is not.
    NestedForgotten,
    /// No guard of groups trips.
    GroupGuardsSkipped,
    /// A group that is not selected any more is deleted at once.
    DeselectedAtOnce,
    /// Whom an undo put back into a group, the next run takes out.
    KeptTakenOut,
    /// Accounts that are off leave their groups, whatever the policy says.
    SuspendedLeaveAlways,
    /// A group is given a name that another one is only about to give up.
    NameTakenBeforeFree,
    /// A group that was deleted stays on record.
    DeletedGroupRemembered,
    /// A plan that was approved is not held against what is to be done with groups.
    ApprovedGroupsUnread,
    /// Groups are seen to although they are off.
    GroupsOffIgnored,
    /// A group that was taken over stays on the record of the other one, too.
    TakenGroupShared,
    /// A group whose create was lost is looked for once.
    LostGroupIsMissing,
    /// Accounts that are off stay in their groups, whatever the policy says.
    SuspendedStayAlways,
    /// A group that says whose it is is not adopted while its new name is held.
    GroupAdoptionBlocked,
    /// What another group takes over is deleted in the same run.
    TakenGroupDeleted,
    /// An undo puts people back into groups that are off.
    UndoneWhileOff,
    /// An admin's word takes a group at the app from another one of the directory that lives on.
    HeldGroupTaken,
    /// What an admin brought forward counts for whatever is lost after that, too.
    BroughtForwardForever,
    /// Whoever was long at the gate sends all the same, although its intent is over by then.
    IntentOutlived,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 68] = [
        Self::EpochIgnored,
        Self::UnknownIsMissing,
        Self::NoLookAfterLoss,
        Self::GuardsSkipped,
        Self::ShrinkBelieved,
        Self::EmptyGroupBelieved,
        Self::VanishedGroupWidens,
        Self::TimerKeptOnReturn,
        Self::DueDateIgnored,
        Self::DeletedBeforeSuspended,
        Self::DeletedUnread,
        Self::DeleteClockNeverStops,
        Self::DisableIgnored,
        Self::ReconfigurationIgnored,
        Self::UnmappedCleared,
        Self::ForeignTakenOver,
        Self::PinsIgnored,
        Self::ArchivedRemoved,
        Self::NeverUnsuspended,
        Self::DriftTakenForOurs,
        Self::SwitchedOffIsOverruled,
        Self::EventsDoubled,
        Self::SuspensionsUntold,
        Self::OneFailureStopsAll,
        Self::NobodyStepsAside,
        Self::WakeForgotten,
        Self::NeverSettled,
        Self::EndUnfenced,
        Self::GoneToldAsDeleted,
        Self::LostReadAsMapped,
        Self::AdoptedWithNameOnly,
        Self::OffAreNotCounted,
        Self::QuarantineForgetsWake,
        Self::EditedIsDisowned,
        Self::LostAreNotCounted,
        Self::EmptiedMeanwhileBelieved,
        Self::AdoptedTwice,
        Self::AdoptionBlocked,
        Self::AskedForgotten,
        Self::CountedTooLong,
        Self::DriftUntold,
        Self::MoveUnheard,
        Self::PastReadAsSwitchedOn,
        Self::RenamedIsDisobeyed,
        Self::ReleasedCountAsOn,
        Self::GroupPinsIgnored,
        Self::ForeignMembersRemoved,
        Self::ForeignGroupAdopted,
        Self::GroupWrittenBlindly,
        Self::MembersBelieved,
        Self::NestedForgotten,
        Self::GroupGuardsSkipped,
        Self::DeselectedAtOnce,
        Self::KeptTakenOut,
        Self::SuspendedLeaveAlways,
        Self::NameTakenBeforeFree,
        Self::DeletedGroupRemembered,
        Self::ApprovedGroupsUnread,
        Self::GroupsOffIgnored,
        Self::TakenGroupShared,
        Self::LostGroupIsMissing,
        Self::SuspendedStayAlways,
        Self::GroupAdoptionBlocked,
        Self::TakenGroupDeleted,
        Self::UndoneWhileOff,
        Self::HeldGroupTaken,
        Self::BroughtForwardForever,
        Self::IntentOutlived,
    ];

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.to_string() == name)
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(feature = "mutants")]
static ALIVE: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Lets a mutant live, and it alone; none: none of them.
#[cfg(feature = "mutants")]
pub fn let_live(mutant: Option<Mutant>) {
    ALIVE.store(mutant.map_or(0, |mutant| mutant as u8), std::sync::atomic::Ordering::SeqCst);
}

/// Whether this mistake is to be made.
#[cfg(feature = "mutants")]
pub fn lives(mutant: Mutant) -> bool {
    ALIVE.load(std::sync::atomic::Ordering::Relaxed) == mutant as u8
}

/// Whether this mistake is to be made: never.
#[cfg(not(feature = "mutants"))]
#[inline]
pub const fn lives(_: Mutant) -> bool {
    false
}
