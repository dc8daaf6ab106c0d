-- Usher's own faces: who may sign in to the console, who has, and what was done on any face.

CREATE TABLE admin (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('auditor', 'operator', 'super_admin')),
    -- Argon2id, as a PHC string. NULL: none was set, or they sign in elsewhere.
    password TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT
);

-- Links that work once: the first set-up, invitations, new passwords.
CREATE TABLE admin_link (
    -- SHA-256 of what the link holds, in hexadecimal, here and below.
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- NULL: whoever follows it becomes the first super admin.
    admin TEXT COLLATE "C" REFERENCES admin (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE INDEX admin_link_by_admin ON admin_link (admin);

CREATE TABLE admin_session (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    admin TEXT COLLATE "C" NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- From where, and with which browser, it was begun.
    address TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL
);

CREATE INDEX admin_session_by_admin ON admin_session (admin);
CREATE INDEX admin_session_by_expires_at ON admin_session (expires_at);

-- Attempts to sign in that failed, counted by whom they were for and by where they came from.
CREATE TABLE sign_in_failures (
    subject TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE INDEX sign_in_failures_by_last_at ON sign_in_failures (last_at);

-- What admins did.
CREATE TABLE admin_action (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Their address, or whatever name was given: it stays when they are gone.
    who TEXT COLLATE "C" NOT NULL,
    face TEXT COLLATE "C" NOT NULL CHECK (face IN ('console', 'command_line')),
    -- The address that the request came from. NULL: from this machine.
    address TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    -- What it was done to: an app's name, somebody's address.
    subject TEXT COLLATE "C" NOT NULL,
    -- JSON, each. NULL: there was nothing, or there is nothing any more.
    before TEXT COLLATE "C",
    after TEXT COLLATE "C"
);

CREATE INDEX admin_action_by_at ON admin_action (at, id);
