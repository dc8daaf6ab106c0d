-- Sign-in with OpenID Connect: who an admin is at their provider, and what is under way.

-- Who it was that signed in first with this admin's address: nobody else does from then on. NULL, both: nobody has.
ALTER TABLE admin ADD COLUMN openid_issuer TEXT;
ALTER TABLE admin ADD COLUMN openid_subject TEXT;

CREATE UNIQUE INDEX admin_by_openid ON admin (openid_issuer, openid_subject);

-- Who was sent to the provider and has not come back.
CREATE TABLE openid_sign_in (
    -- SHA-256 of the state, in hexadecimal.
    state TEXT NOT NULL PRIMARY KEY,
    -- The same of the cookie of the browser that began it.
    browser TEXT NOT NULL,
    -- What the provider has to repeat in its token.
    nonce TEXT NOT NULL,
    -- Sealed: what the code is exchanged with (RFC 7636).
    verifier BLOB NOT NULL,
    -- Where to go afterwards: a page of ours.
    next TEXT NOT NULL,
    -- The digest of the link to set up the console that it was begun with. NULL: with none.
    link TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX openid_sign_in_by_expires_at ON openid_sign_in (expires_at);
