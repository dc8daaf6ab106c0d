-- How a Google Workspace is read; the credential is sealed.
CREATE TABLE google_directory (
    directory TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES directory (id),
    -- Google's id of the customer. NULL: the administrator's own.
    customer TEXT COLLATE "C",
    -- Where the APIs are. NULL: at Google.
    api_root TEXT COLLATE "C",
    credential BYTEA NOT NULL,
    credential_set_at BIGINT NOT NULL
);
