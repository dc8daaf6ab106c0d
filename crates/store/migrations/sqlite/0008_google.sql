-- How a Google Workspace is read; the credential is sealed.
CREATE TABLE google_directory (
    directory TEXT NOT NULL PRIMARY KEY REFERENCES directory (id),
    -- Google's id of the customer. NULL: the administrator's own.
    customer TEXT,
    -- Where the APIs are. NULL: at Google.
    api_root TEXT,
    credential BLOB NOT NULL,
    credential_set_at INTEGER NOT NULL
) STRICT;
