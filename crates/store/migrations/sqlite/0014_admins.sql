-- Usher's own faces: who may sign in to the console, who has, and what was done on any face.

CREATE TABLE admin (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('auditor', 'operator', 'super_admin')),
    -- Argon2id, as a PHC string. NULL: none was set, or they sign in elsewhere.
    password TEXT,
    created_at INTEGER NOT NULL,
    signed_in_at INTEGER
) STRICT;

-- Links that work once: the first set-up, invitations, new passwords.
CREATE TABLE admin_link (
    -- SHA-256 of what the link holds, in hexadecimal, here and below.
    digest TEXT NOT NULL PRIMARY KEY,
    -- NULL: whoever follows it becomes the first super admin.
    admin TEXT REFERENCES admin (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX admin_link_by_admin ON admin_link (admin);

CREATE TABLE admin_session (
    digest TEXT NOT NULL PRIMARY KEY,
    admin TEXT NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- From where, and with which browser, it was begun.
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;

CREATE INDEX admin_session_by_admin ON admin_session (admin);
CREATE INDEX admin_session_by_expires_at ON admin_session (expires_at);

-- Attempts to sign in that failed, counted by whom they were for and by where they came from.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    n INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_in_failures_by_last_at ON sign_in_failures (last_at);

-- What admins did.
CREATE TABLE admin_action (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    -- Their address, or whatever name was given: it stays when they are gone.
    who TEXT NOT NULL,
    face TEXT NOT NULL CHECK (face IN ('console', 'command_line')),
    -- The address that the request came from. NULL: from this machine.
    address TEXT,
    kind TEXT NOT NULL,
    -- What it was done to: an app's name, somebody's address.
    subject TEXT NOT NULL,
    -- JSON, each. NULL: there was nothing, or there is nothing any more.
    before TEXT,
    after TEXT
) STRICT;

CREATE INDEX admin_action_by_at ON admin_action (at, id);
