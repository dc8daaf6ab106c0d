-- What the console keeps of an app besides its configuration: how people sign in to it, a token that was typed and is not
-- checked yet, and the certificate of the directory as an identity provider.

-- SAML: what the service provider says of itself. Nothing here is secret.
CREATE TABLE app_sign_on (
    app TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    acs_url TEXT COLLATE "C" NOT NULL,
    entity_id TEXT COLLATE "C" NOT NULL,
    set_at BIGINT NOT NULL
);

-- An access token between two pages of the set-up, sealed for (app_draft, app and admin, token).
CREATE TABLE app_draft (
    app TEXT COLLATE "C" NOT NULL,
    admin TEXT COLLATE "C" NOT NULL,
    token BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (app, admin)
);

-- One for each directory. The key is sealed for (identity_provider, directory, key); both are PEM.
CREATE TABLE identity_provider (
    directory TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    certificate TEXT COLLATE "C" NOT NULL,
    key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- JSON: what was asked of the app, with the attributes as they were before. NULL: from before this was kept.
ALTER TABLE event ADD COLUMN wrote TEXT COLLATE "C";
