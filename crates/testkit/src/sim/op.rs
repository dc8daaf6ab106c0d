//! What can happen in a simulated world. Every op is a plain literal: a failing row of them is printed as it is written.
//!
//! People, groups and units are numbers; an op that makes no sense when its turn comes (to restore somebody who is there)
//! does nothing, so that any part of a row is a row.

use self::part::{Drifts, Fate, Fault, GroupHand, Hand, Listing, On, Request, Span, When, Which};

pub mod part;

/// How many people a world can have at once.
pub const PEOPLE: u8 = 24;
/// How many groups.
pub const GROUPS: u8 = 5;
/// The organizational units, each below the one that its path says.
pub const UNITS: [&str; 4] = ["/", "/eng", "/eng/core", "/ops"];
/// How many replicas there are.
pub const REPLICAS: u8 = 3;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    // The directory's own life.
    /// A person begins.
    Join {
        p: u8,
    },
    /// Another given name.
    Call {
        p: u8,
        n: u8,
    },
    /// Another title; 0: none.
    Title {
        p: u8,
        n: u8,
    },
    /// The `n`th address of person `of`.
    Address {
        p: u8,
        of: u8,
        n: u8,
    },
    /// Two people swap their addresses.
    Swap {
        p: u8,
        q: u8,
    },
    Suspend {
        p: u8,
    },
    Archive {
        p: u8,
    },
    /// Neither suspended nor archived any more.
    Activate {
        p: u8,
    },
    Delete {
        p: u8,
    },
    Restore {
        p: u8,
    },
    /// Deleted, and made again with a new id under the same address.
    Recreate {
        p: u8,
    },
    Guest {
        p: u8,
        is: bool,
    },
    Move {
        p: u8,
        unit: u8,
    },
    /// Loses the family name, which is mandatory at the app; or gets it back.
    Spoil {
        p: u8,
        is: bool,
    },
    Enter {
        p: u8,
        g: u8,
    },
    Leave {
        p: u8,
        g: u8,
    },
    /// One group becomes a member of another; cycles are welcome.
    Nest {
        g: u8,
        into: u8,
    },
    Unnest {
        g: u8,
        from: u8,
    },
    /// All members leave.
    Empty {
        g: u8,
    },
    /// The group is deleted, or is there again.
    Vanish {
        g: u8,
        is: bool,
    },

    /// The `n`th name of the group at place `of`, which another one may have already.
    NameGroup {
        g: u8,
        of: u8,
        n: u8,
    },
    /// Two groups swap their names.
    SwapNames {
        g: u8,
        h: u8,
    },
    /// Deleted, and made again with a new id under the same address.
    RecreateGroup {
        g: u8,
    },

    // How Usher is told of it.
    /// What becomes of the next change's event.
    Feed {
        fate: Fate,
    },
    /// The whole directory is listed.
    List {
        listing: Listing,
    },

    // The app's configuration.
    Unit {
        unit: u8,
        switch: Option<bool>,
    },
    Group {
        g: u8,
        on: bool,
    },
    /// A group narrows the scope (nested or direct), or does not any more.
    Scope {
        g: u8,
        nested: Option<bool>,
    },
    /// Delays in days (0: within 24 hours) of *app off*, *suspended*, *deleted*.
    Delays {
        days: [Option<u16>; 3],
    },
    HardDelete {
        days: Option<u16>,
    },
    Archived {
        suspends: bool,
    },
    Drifts {
        policy: Drifts,
    },
    Leavers {
        adopted: bool,
    },
    /// A mapping with or without the title.
    Map {
        title: bool,
    },
    SecondDomain {
        provisioned: bool,
    },
    /// Which groups the app gets.
    Select {
        which: Which,
    },
    /// Whether accounts that are off leave their groups.
    SuspendedMembers {
        leave: bool,
    },
    /// Whether members that Usher did not add go.
    ForeignMembers {
        go: bool,
    },
    /// After how many days outside the selection a group is deleted.
    Deselected {
        days: Option<u16>,
    },
    Enable,
    Disable,
    /// The configuration is deleted, and made anew.
    Unconfigure,
    Configure,
    RevokeToken,
    RenewToken,
    Pin {
        p: u8,
        days: Option<u16>,
    },
    Unpin {
        p: u8,
    },
    SwitchOn {
        p: u8,
    },
    TakeOver {
        p: u8,
    },
    /// The suspension of one of those who are losing their accounts is brought forward.
    BringForward {
        n: u8,
    },
    PinGroup {
        g: u8,
        days: Option<u16>,
    },
    UnpinGroup {
        g: u8,
    },
    TakeOverGroup {
        g: u8,
    },
    /// Every open hold is discarded.
    Discard,

    // Other hands at the app.
    Hand {
        p: u8,
        hand: Hand,
    },

    /// The same with a group, and a person where it is about a member.
    GroupHand {
        g: u8,
        p: u8,
        does: GroupHand,
    },

    // What goes wrong.
    Fault {
        fault: Fault,
        on: On,
        when: When,
    },
    EndFaults,

    // Time, runs, replicas.
    Wait {
        span: Span,
    },
    Run {
        request: Request,
    },
    /// A replica begins a run, and takes so many steps of it.
    Begin {
        r: u8,
        request: Request,
        steps: u16,
    },
    Step {
        r: u8,
        steps: u16,
    },
    /// All replicas that run take so many steps, in an order of chance.
    Mingle {
        steps: u16,
    },
    Finish {
        r: u8,
    },
    Crash {
        r: u8,
    },
    /// A plan is made, and approved.
    Approve,
    Backup,
    PutBack,
    /// The simulation itself fails: what holds its shrinker to account. No seed has it.
    Panic,
}

impl Op {
    /// Whether it is the directory's own life, or another hand's: nothing that Usher has a part in.
    pub(super) fn is_about_people(&self) -> bool {
        matches!(
            self,
            Self::Join { .. }
                | Self::Call { .. }
                | Self::Title { .. }
                | Self::Address { .. }
                | Self::Swap { .. }
                | Self::Suspend { .. }
                | Self::Archive { .. }
                | Self::Activate { .. }
                | Self::Delete { .. }
                | Self::Restore { .. }
                | Self::Recreate { .. }
                | Self::Guest { .. }
                | Self::Move { .. }
                | Self::Spoil { .. }
                | Self::Enter { .. }
                | Self::Leave { .. }
                | Self::Nest { .. }
                | Self::Unnest { .. }
                | Self::Empty { .. }
                | Self::Vanish { .. }
                | Self::NameGroup { .. }
                | Self::SwapNames { .. }
                | Self::RecreateGroup { .. }
                | Self::Feed { .. }
        )
    }
}
