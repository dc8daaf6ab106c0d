//! What can be wrong with an import, one sentence each.

use std::path::PathBuf;

use usher_store::StoreError;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// There is no such file.
    #[error("there is no file {}", path.display())]
    NoSuchFile { path: PathBuf },

    /// A directory was named.
    #[error("{} is a directory; name the files in it", path.display())]
    NotAFile { path: PathBuf },

    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },

    /// The file is in another encoding.
    #[error("line {line} of {} is not UTF-8; save the file as UTF-8 and import it again", path.display())]
    NotUtf8 { path: PathBuf, line: u64 },

    /// One entry is larger than anything a directory holds, or its end is missing.
    #[error("the entry at line {line} of {} is larger than {} KiB; is its end missing?", path.display(), max_bytes / 1024)]
    TooLarge { path: PathBuf, line: u64, max_bytes: u64 },

    /// The file is not what its form asks for. `place` is a line, with its column where that is known.
    #[error("{}, {place}: {problem}", path.display())]
    Malformed { path: PathBuf, place: String, problem: String },

    /// An entry says something that cannot be.
    #[error("{}, line {line}: {problem}", path.display())]
    Entry { path: PathBuf, line: u64, problem: String },

    /// Two would have one address. Holders read like "the user ada@example.com (17)".
    #[error("{address} would belong to two at once, {} and {}; give it to one of them", holders[0], holders[1])]
    AddressTaken { address: String, holders: [String; 2] },

    /// Somebody stands in a unit that is not there.
    #[error(
        "the user {user} is in the organizational unit {org_unit}, which does not exist; import it with them, \
         under organizationUnits"
    )]
    NoSuchOrgUnit { user: String, org_unit: String },

    /// A unit stands below one that is not there.
    #[error(
        "the organizational unit {org_unit} is below {parent}, which does not exist; import that one too"
    )]
    NoSuchParent { org_unit: String, parent: String },

    /// Domains, and not exactly one that is primary.
    #[error("exactly one domain is the primary one (isPrimary), and here {}", match primary.as_slice() {
        [] => "none is".to_owned(),
        many => format!("{} are", many.join(" and ")),
    })]
    PrimaryDomain { primary: Vec<String> },

    /// Members of a group that is not there.
    #[error("members are listed for {group}, and there is no such group")]
    NoSuchGroup { group: String },

    /// A member that is nobody.
    #[error(
        "{member} is listed as a member of {group} and is neither a user nor a group, nor in a domain of somebody else"
    )]
    NoSuchMember { group: String, member: String },

    /// `--replace` with nobody in the files would delete everybody.
    #[error(
        "the files have no user at all, and with --replace everybody would be deleted; nothing was changed"
    )]
    NobodyLeft,
}
