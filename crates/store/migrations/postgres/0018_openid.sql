-- Sign-in with OpenID Connect: who an admin is at their provider, and what is under way.

-- Who it was that signed in first with this admin's address: nobody else does from then on. NULL, both: nobody has.
ALTER TABLE admin ADD COLUMN openid_issuer TEXT COLLATE "C";
ALTER TABLE admin ADD COLUMN openid_subject TEXT COLLATE "C";

CREATE UNIQUE INDEX admin_by_openid ON admin (openid_issuer, openid_subject);

-- Who was sent to the provider and has not come back.
CREATE TABLE openid_sign_in (
    -- SHA-256 of the state, in hexadecimal.
    state TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- The same of the cookie of the browser that began it.
    browser TEXT COLLATE "C" NOT NULL,
    -- What the provider has to repeat in its token.
    nonce TEXT COLLATE "C" NOT NULL,
    -- Sealed: what the code is exchanged with (RFC 7636).
    verifier BYTEA NOT NULL,
    -- Where to go afterwards: a page of ours.
    next TEXT COLLATE "C" NOT NULL,
    -- The digest of the link to set up the console that it was begun with. NULL: with none.
    link TEXT COLLATE "C",
    expires_at BIGINT NOT NULL
);

CREATE INDEX openid_sign_in_by_expires_at ON openid_sign_in (expires_at);
