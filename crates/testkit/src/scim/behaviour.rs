//! The ways in which an app fails or lies, each seen at real ones.

use usher_model::time::Timestamp;

use super::gate::Gate;

/// One way to fail or to lie. Where it says *undone*, the request changes nothing; where it says *done*, the app did
/// what was asked and only its answer is bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    // The connection
    /// Undone: the connection is closed without an answer, as a load balancer does whose backend is gone.
    LostRequest,
    /// Done, and the connection is closed without an answer, as when a backend dies or a time limit strikes after the
    /// commit.
    LostAnswer,
    /// Done, and the answer breaks off in the middle of its body, as when a proxy gives up on a slow backend.
    CutAnswer,
    /// The request waits at the gate before it is done, as at an app whose queue is full.
    HeldRequest(Gate),
    /// Done, and the answer waits at the gate, as at an app that commits first and is slow afterwards.
    HeldAnswer(Gate),

    // Refusals
    /// Undone: 429, as at every app with a rate limit.
    Throttled(RetryAfter),
    /// An error with a SCIM body: 500 while the app restarts, 503 while it is overloaded; done where a step after the
    /// write failed, and then a 400 or a 500 hides a success.
    Fails {
        /// The status.
        status: u16,
        /// Whether the app did what was asked.
        is_done: bool,
    },
    /// Undone: 401, as when an administrator revoked the token in the meantime.
    Unauthorized,
    /// Undone: 403, as when the token's owner lost a right, or requests from this address are not taken.
    Forbidden,
    /// Undone: 404 with an HTML page: nobody said that the person is gone, only that the URL is wrong or the app is
    /// being deployed.
    HtmlNotFound,
    /// 502 with an HTML page from a proxy before the app, which may have done what was asked.
    HtmlBadGateway {
        /// Whether the app did what was asked.
        is_done: bool,
    },
    /// Undone: a redirect to the same path below another base URL, as after a move or from a captive sign-in page.
    Redirects {
        /// 301, 302 or 307.
        status: u16,
        /// The other base URL.
        to: String,
    },

    // Answers
    /// Done, and the body is half of a JSON text of a whole length, as when a proxy rewrites bodies.
    InvalidJson,
    /// Done, and the body is padded by so many bytes, as at apps that embed photos.
    HugeBody {
        /// How much longer the body is.
        bytes: usize,
    },
    /// Errors carry their `status` as a number, as many apps do; RFC 7644 §3.12 wants a string.
    StatusAsNumber,
    /// Errors carry no `scimType`, as at AWS; RFC 7644 §3.12 makes it optional.
    NoScimType,
    /// A create answers 201 without a body: the id has to be looked for. RFC 7644 §3.3 wants the body or a location.
    EmptyCreated,
    /// A PATCH that succeeded answers with this status: 204 has no body (RFC 7644 §3.5.2 leaves the choice).
    PatchAnswers(u16),
    /// A PUT that succeeded answers with this status: 204 has no body; AWS documents 201.
    PutAnswers(u16),
    /// A DELETE that succeeded answers with this status, although RFC 7644 §3.6 says 204; without a body.
    DeleteAnswers(u16),
    /// `externalId` is kept and found, and never shown, as at apps that call it private.
    ExternalIdNotReturned,
    /// Members of groups are kept and found, and never shown, as at AWS.
    MembersNotReturned,
    /// Members of groups are kept and found, and every group is shown with an empty list of them, in its own answer too.
    MembersShownEmpty,
    /// Lists show every group with an empty list of members, as at AWS, which shows none in a group's own answer either.
    MembersEmptyInLists,

    // Lists
    /// Every page is the first one, and more is always promised, as at apps that count wrongly.
    FirstPageForEver,
    /// Every page is the first one, and says so, as at AWS, which does not know `startIndex`.
    StartIndexIgnored,
    /// `totalResults` is too large by so many: suspended accounts are counted and not given.
    TotalTooLarge(u64),
    /// A page holds no more than so many, whatever `count` asks for, as RFC 7644 §3.4.2.4 allows.
    ShortPages(usize),
    /// `nextCursor` of each page is the cursor that asked for it: a list without an end.
    CursorRepeats,
    /// A filter is taken for granted: everyone is returned, as at apps that skip parameters they do not know.
    FilterIgnored,
    /// A filter finds nothing, as at apps that compare with something else than they say.
    FilterFindsNothing,
    /// A list of everyone leaves the first one out, as at apps whose index lags behind.
    FirstLeftOut,
    /// Reads show what was there when the behaviour was switched on, as replicas do that lag behind.
    StaleReads,

    // Writes
    /// A PATCH answers with success and changes nothing, as at apps that know PUT alone.
    PatchIgnored,
    /// `active` is not taken over, and the answer is a success, as at apps that cannot suspend.
    ActiveIgnored,
    /// `externalId` is thrown away, as at apps without a column for it.
    ExternalIdNotStored,
    /// `userName` is stored in lower case, as at apps whose user names are e-mail addresses.
    UserNameLowerCased,
    /// `userName` is stored in upper case, as at apps before a mainframe.
    UserNameUpperCased,
    /// `displayName` is stored without white space at its ends.
    DisplayNameTrimmed,
    /// Two users may have one `userName`: a create that is sent twice makes a duplicate.
    UniquenessNotEnforced,
    /// Two groups may have one `displayName`, as RFC 7643 §8.7.1 has it.
    GroupUniquenessNotEnforced,
    /// The id of a new user is their `userName`, an e-mail address, as at apps that grew up without ids.
    EmailIds,
    /// The id of what is new holds slashes, a space and other characters that a URL reserves.
    SlashIds,

    // Members of groups
    /// Members in a POST, a PUT, or a `replace` of a PATCH are taken with a success and not stored; those who are there
    /// stay. Only `add` and `remove` change something, as at apps where a membership is a thing of its own.
    MembersOnlyByAddAndRemove,
    /// A `replace` of members, and a PUT, add to those who are there and remove nobody, as Keycloak's `replace` does.
    ReplaceAddsMembers,
    /// A PATCH of members answers with success and changes nothing of them, as at apps that keep groups and leave it to
    /// others who is in them. All else of the PATCH is done.
    MembershipIgnored,
    /// A PATCH that names members answers 400, changes nothing that it asks for, and empties the group all the same, as
    /// seen at AWS in 2024.
    EmptiedAndRefused,
    /// A `remove` of `members` with a list of values is refused with 400; only `members[value eq "…"]` removes somebody,
    /// as at apps that go by RFC 7644 §3.5.2.2, where a `remove` has no value.
    RemoveByValueListRefused,
    /// A `remove` of `members` with a list of values removes everybody, as at apps that go by RFC 7644 §3.5.2.2 and skip
    /// the value, which it does not know.
    RemoveByValueListEmpties,
    /// A `remove` of `members` with a list of values answers with success and removes nobody, as at apps whose library
    /// skips what it does not know.
    RemoveByValueListIgnored,
    /// A `remove` of `members[value eq "…"]` is refused with 400; only one of `members` with a list of values removes
    /// somebody, as at apps written for Entra ID, which sends nothing else; AWS documents nothing else.
    RemoveByFilterRefused,
    /// An `add` stores whoever is a member already a second time, as at apps that keep members as a bare list. A `remove`
    /// takes all copies, as it does there.
    MembersStoredTwice,
    /// A user who is deleted stays in the groups they were in, as at apps that do not look who is there.
    DeletedUserStaysMember,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// There is none.
    Absent,
    /// So many seconds.
    Seconds(u32),
    /// An instant, as an HTTP date (RFC 9110 §5.6.7).
    At(Timestamp),
    /// This text, which need not mean anything.
    Text(&'static str),
}

impl RetryAfter {
    /// The header's value.
    pub(super) fn header(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::At(instant) => {
                let instant = jiff::Timestamp::from_microsecond(instant.as_micros());
                let instant = instant.expect("the instant of a Retry-After is one that jiff knows");
                let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
                Some(printer.timestamp_to_rfc9110_string(&instant).expect("a year of four digits"))
            }
            Self::Text(text) => Some((*text).to_owned()),
        }
    }
}
