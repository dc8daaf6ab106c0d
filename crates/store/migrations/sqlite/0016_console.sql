-- What the console keeps of an app besides its configuration: how people sign in to it, a token that was typed and is not
-- checked yet, and the certificate of the directory as an identity provider.

-- SAML: what the service provider says of itself. Nothing here is secret.
CREATE TABLE app_sign_on (
    app TEXT NOT NULL PRIMARY KEY,
    acs_url TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;

-- An access token between two pages of the set-up, sealed for (app_draft, app and admin, token).
CREATE TABLE app_draft (
    app TEXT NOT NULL,
    admin TEXT NOT NULL,
    token BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (app, admin)
) STRICT;

-- One for each directory. The key is sealed for (identity_provider, directory, key); both are PEM.
CREATE TABLE identity_provider (
    directory TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL,
    key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- JSON: what was asked of the app, with the attributes as they were before. NULL: from before this was kept.
ALTER TABLE event ADD COLUMN wrote TEXT;
