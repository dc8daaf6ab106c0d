//! The parts of an op: which, how, how often and how long.

/// What becomes of one event of the change feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Lost,
    /// It comes, and again some ops later.
    Doubled,
    /// It comes some ops later, as it was.
    Late,
}

/// How a listing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Whole,
    /// In another order.
    Shuffled,
    /// So many people are missing.
    Short {
        n: u8,
    },
    Empty,
    /// It breaks off in the middle.
    Interrupted,
}

/// What happens to what somebody else changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drifts {
    Repair,
    Report,
    Ignore,
}

/// Which groups an app gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Off,
    /// Those of the provisioning scope.
    Scope,
    /// These two, which may be one.
    Chosen {
        g: u8,
        h: u8,
    },
    /// All whose address fits a pattern: that of one place, or of any.
    Fitting {
        place: Option<u8>,
    },
}

/// What another hand does to a group at the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupHand {
    Renames,
    /// Empties the external id.
    Unties,
    /// Gives it that of something unknown.
    Claims,
    Deletes,
    /// Makes one of the name that the directory's has, with a foreign member and no external id.
    Makes,
    /// Makes one that the directory knows nothing of: Control Tower's.
    MakesForeign,
    Adds,
    Removes,
}

/// What another hand does at the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Changes a mapped attribute.
    Edits,
    /// Changes one that is not mapped.
    Scribbles,
    Off,
    On,
    Deletes,
    /// Makes an account with the person's address and no external id.
    Makes,
    /// Makes one with the external id of somebody unknown.
    MakesForeign,
    /// Empties the external id.
    Unties,
    /// Gives it somebody else's.
    Claims,
}

/// What goes wrong at the app, or on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The app cannot be reached.
    NotSent,
    LostRequest,
    LostAnswer,
    /// It takes longer than anybody waits, and may be carried out after that.
    Slow,
    /// 429, with `Retry-After` in seconds or without.
    Throttled {
        seconds: Option<u32>,
    },
    ServerError,
    /// 502 from something in between, whether it was carried out or not.
    BadGateway {
        done: bool,
    },
    /// 401, although the token is as it was.
    Unauthorized,
    Forbidden,
    /// 400, although it was carried out.
    BadRequestDone,
    /// 400 to a change of a group's members, and the group is emptied all the same.
    BadRequestEmptied,
    /// 204 to a change of a group, or to its deletion, and nothing is done.
    NothingDone,
    /// The app does not know its own cursor any more.
    ForgottenCursor,
    /// The cursor that follows is the one that was asked with.
    LoopingCursor,
    ShortPage {
        most: u8,
    },
    StaleRead {
        seconds: u32,
    },
}

/// Which requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    All,
    Reads,
    Writes,
    Creates,
    Changes,
    Deletes,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Next { n: u8 },
    PerMille { n: u16 },
}

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Seconds { n: u32 },
    Minutes { n: u32 },
    Hours { n: u32 },
    Days { n: u32 },
}

/// What is asked of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    Full,
    Audit,
    Insist,
    Release,
    Person {
        p: u8,
    },
    /// What the last run did is taken back.
    Undo,
    /// What the plan says that was approved last.
    Approved,
}
