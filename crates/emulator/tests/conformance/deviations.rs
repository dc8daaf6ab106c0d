//! Where AWS keeps to its own rules, reviewed one by one: the pages of its developer guide (DG) and user guide (UG) that
//! say so, or where it was captured, and the section of the notes on AWS's endpoint that has more of it.
//!
//! What is unknown of AWS says so.

/// A rule that the emulator breaks on purpose.
pub struct Deviation {
    pub rfc: &'static str,
    pub rule: &'static str,
    pub known_from: &'static str,
}

const fn deviation(rfc: &'static str, rule: &'static str, known_from: &'static str) -> Deviation {
    Deviation { rfc, rule, known_from }
}

pub const DEVIATIONS: &[Deviation] = &[
    deviation("RFC 7643 §2.3.1", "a text may be empty", "UG troubleshooting: at least one character (§4.2)"),
    deviation(
        "RFC 7643 §2.4",
        "a value may have a display name",
        "DG limitations: display is not supported (§4.1)",
    ),
    deviation(
        "RFC 7643 §2.4",
        "an attribute of several values takes several",
        "DG limitations: one element in each list (§4.1)",
    ),
    deviation(
        "RFC 7643 §2.4",
        "no value needs to be the primary one",
        "DG createuser: an e-mail address is marked primary (§4.2)",
    ),
    deviation(
        "RFC 7643 §3",
        "a resource without schemas is refused",
        "DG createuser: its own example has none (§4.3)",
    ),
    deviation("RFC 7643 §3.1", "meta says the location", "DG getuser: not in any example (§1)"),
    deviation(
        "RFC 7643 §4.1.1",
        "a password is taken",
        "DG limitations: not supported (§4.1); that it is refused is a setting",
    ),
    deviation("RFC 7643 §4.1.2", "a user shows its groups", "DG getuser: never present (§4.3)"),
    deviation(
        "RFC 7643 §4.1.2",
        "photos are taken",
        "DG limitations: not supported (§4.1); that they are refused is a setting",
    ),
    deviation(
        "RFC 7643 §4.2",
        "a group may be a member",
        "UG users-groups-provisioning: no nested groups (§5)",
    ),
    deviation("RFC 7643 §4.2", "a group shows its members", "DG getgroup, listgroups: never (§5)"),
    deviation(
        "RFC 7643 §4.3",
        "the manager's display name is ignored",
        "DG limitations: not supported (§4.1); that it is refused is a setting",
    ),
    deviation("RFC 7643 §5", "a list holds at most maxResults", "DG serviceproviderconfig: 50 is stale (§6)"),
    deviation(
        "RFC 7643 §6",
        "an extension that is required is part of every resource",
        "DG listresourcetypes: required, and is not (§6)",
    ),
    deviation(
        "RFC 7643 §7",
        "what a schema does not require is not required",
        "DG listschemas: displayName is not marked, and required (§6)",
    ),
    deviation("RFC 7643 §8.7.1", "two groups may have one name", "DG creategroup: 409 (§5)"),
    deviation(
        "RFC 7644 §3.1",
        "answers are of application/scim+json",
        "DG: application/json in every example (§1)",
    ),
    deviation("RFC 7644 §3.2", "groups are replaced too", "DG supported-apis: there is no PutGroup (§0)"),
    deviation("RFC 7644 §3.3", "a 201 carries Location", "DG createuser: not in any example (§1)"),
    deviation(
        "RFC 7644 §3.3",
        "attributes that are read only are ignored",
        "DG limitations: groups are not supported (§4.1); that they are refused is a setting",
    ),
    deviation("RFC 7644 §3.3", "it is of type uniqueness", "captured errors: no scimType (§2.1)"),
    deviation("RFC 7644 §3.4.2", "a member that nobody is gives an empty list", "DG listgroups: 404 (§2.2)"),
    deviation(
        "RFC 7644 §3.4.2",
        "totalResults is how many there are in all",
        "DG listusers: how many were returned (§3)",
    ),
    deviation("RFC 7644 §3.4.2.2", "active is found by its truth", "DG listusers: no such filter (§3)"),
    deviation("RFC 7644 §3.4.2.2", "and joins", "DG listusers: in two forms alone (§3)"),
    deviation("RFC 7644 §3.4.2.2", "co finds by a piece", "DG listusers: eq alone (§3)"),
    deviation("RFC 7644 §3.4.2.2", "eq finds by a part of a list", "DG listusers: no such filter (§3)"),
    deviation("RFC 7644 §3.4.2.2", "eq finds by a path with a filter", "DG listusers: no such filter (§3)"),
    deviation("RFC 7644 §3.4.2.2", "ew finds by an end", "DG listusers: eq alone (§3)"),
    deviation("RFC 7644 §3.4.2.2", "not turns round", "DG listusers: no such filter (§3)"),
    deviation("RFC 7644 §3.4.2.2", "or joins", "DG listusers: no such filter (§3)"),
    deviation("RFC 7644 §3.4.2.2", "pr finds what is there", "DG listusers: eq alone (§3)"),
    deviation("RFC 7644 §3.4.2.2", "sw finds by a beginning", "DG listusers: eq alone (§3)"),
    deviation("RFC 7644 §3.4.2.4", "a count of 0 gives the total alone", "DG listusers: 1 to 100 (§3)"),
    deviation("RFC 7644 §3.4.2.4", "a negative count is read as 0", "DG listusers: 1 to 100 (§3)"),
    deviation("RFC 7644 §3.4.2.4", "startIndex goes on", "observed in 2020: ignored (§3)"),
    deviation("RFC 7644 §3.4.3", "a list can be asked for by POST", "DG supported-apis: not there (§0)"),
    deviation(
        "RFC 7644 §3.5.1",
        "a replacement is answered with 200",
        "DG putuser: 201 in the example (§4.4); a setting",
    ),
    deviation(
        "RFC 7644 §3.5.2",
        "a patch without its schema is refused",
        "unknown; taken as in a create, whose schemas is optional (§4.3)",
    ),
    deviation("RFC 7644 §3.5.2", "it is of type mutability", "captured errors: no scimType (§2.1)"),
    deviation(
        "RFC 7644 §3.5.2.1",
        "add appends to a list",
        "DG limitations: one element in each list (§4.1)",
    ),
    deviation("RFC 7644 §3.5.2.2", "all members are removed at once", "captured in 2026: 400 (§5)"),
    deviation("RFC 7644 §3.5.2.2", "it is of type noTarget", "captured errors: no scimType (§2.1)"),
    deviation(
        "RFC 7644 §3.5.2.2",
        "one member is removed by its path",
        "unknown; DG patchgroup shows lists of values (§5); a setting",
    ),
    deviation("RFC 7644 §3.5.2.3", "members are replaced", "captured in 2026: 400 (§5)"),
    deviation(
        "RFC 7644 §3.5.2.3",
        "without a path a value has as many attributes as it likes",
        "captured in 2024: one at most (§2.3)",
    ),
    deviation("RFC 7644 §3.9", "attributes shows those alone", "DG limitations: not supported (§3)"),
    deviation("RFC 7644 §3.9", "excludedAttributes hides those", "DG limitations: not supported (§3)"),
    deviation(
        "RFC 7644 §3.11",
        "/Me, if it is not offered, is answered with 501",
        "unknown; an unsupported operation is a 400 (§2.2); a setting",
    ),
    deviation(
        "RFC 7644 §3.12",
        "an error has no other attributes",
        "captured errors: schema, exceptionRequestId, timeStamp (§2.1)",
    ),
    deviation(
        "RFC 7644 §3.12",
        "bulk requests, if they are not offered, are answered with 501",
        "unknown; an unsupported operation is a 400 (§2.2); a setting",
    ),
    deviation("RFC 7644 §3.12", "it is of type invalidFilter", "captured errors: no scimType (§2.1)"),
    deviation("RFC 7644 §3.12", "it is of type invalidSyntax", "captured errors: no scimType (§2.1)"),
    deviation("RFC 7644 §3.12", "it is of type invalidValue", "captured errors: no scimType (§2.1)"),
    deviation(
        "RFC 7644 §4",
        "a type of resources is found by its name",
        "DG supported-apis: ListResourceTypes alone (§0)",
    ),
    deviation("RFC 9110 §15.5.2", "a 401 carries WWW-Authenticate", "unknown: no 401 was captured (§2.1)"),
    deviation(
        "RFC 9110 §15.5.6",
        "a method that an endpoint does not know is answered with 405",
        "unknown; an unsupported operation is a 400 (§2.2); a setting",
    ),
    deviation("RFC 9865 §2", "it is of type invalidCursor", "captured errors: no scimType (§2.1)"),
    deviation(
        "RFC 9865 §4",
        "it says that lists go by cursor where they do",
        "DG serviceproviderconfig: no pagination (§6)",
    ),
];
