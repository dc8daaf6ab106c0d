-- Where people come from: users, groups, memberships, organizational units, domains and custom schemas.
--
-- Tables of narrow rows are kept in the order of their key (WITHOUT ROWID): they are walked and looked up by it.

CREATE TABLE directory (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('embedded', 'google')),
    created_at INTEGER NOT NULL
) STRICT;

-- What decisions need to know of a person. Rows stay when people are deleted. A walk over everyone reads this table and
-- not their resources, which are ten times as large.
CREATE TABLE person (
    directory TEXT NOT NULL REFERENCES directory (id),
    id TEXT NOT NULL,
    primary_email TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'archived', 'deleted', 'unlisted')),
    -- The directory's own instant of that state, where it has one.
    state_since INTEGER,
    org_unit TEXT NOT NULL,
    is_guest INTEGER NOT NULL CHECK (is_guest IN (0, 1)),
    -- SHA-256, as hex, of everything the directory says of them.
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (directory, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_primary_email ON person (directory, primary_email);
CREATE INDEX person_org_unit ON person (directory, org_unit, state);

-- The Directory API's user resource, as JSON.
CREATE TABLE person_resource (
    directory TEXT NOT NULL,
    id TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (directory, id)
) STRICT;

-- Addresses and aliases of users who are not deleted, and of groups. The key is what makes them unique.
CREATE TABLE address (
    directory TEXT NOT NULL,
    address TEXT NOT NULL,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('user', 'group')),
    owner_id TEXT NOT NULL,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (directory, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_owner ON address (directory, owner_kind, owner_id);

CREATE TABLE directory_group (
    directory TEXT NOT NULL REFERENCES directory (id),
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (directory, id)
) STRICT;

CREATE TABLE membership (
    directory TEXT NOT NULL,
    group_id TEXT NOT NULL,
    -- A user's or group's id; the address of somebody external; `customer` for everyone in the organisation.
    member_key TEXT NOT NULL,
    member_kind TEXT NOT NULL CHECK (member_kind IN ('user', 'group', 'external', 'customer')),
    role TEXT NOT NULL,
    PRIMARY KEY (directory, group_id, member_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_member ON membership (directory, member_key, group_id);
-- The few that make the graph of groups, found without reading those of people.
CREATE INDEX membership_nested ON membership (directory, group_id, member_key)
    WHERE member_kind IN ('group', 'customer');

CREATE TABLE org_unit (
    directory TEXT NOT NULL REFERENCES directory (id),
    -- The path as it is compared: without regard to case.
    folded TEXT NOT NULL,
    path TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (directory, folded)
) STRICT;

CREATE TABLE domain (
    directory TEXT NOT NULL REFERENCES directory (id),
    name TEXT NOT NULL,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    resource TEXT NOT NULL,
    PRIMARY KEY (directory, name)
) STRICT;

CREATE TABLE custom_schema (
    directory TEXT NOT NULL REFERENCES directory (id),
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (directory, name)
) STRICT;

-- The next three hold rows only while an import's transaction is open: what it said and what can be judged at its end
-- alone, kept here so that an import of any size needs no more memory than a small one.

-- Whatever was named in the import; is_restated where its addresses are stated anew.
CREATE TABLE import_mention (
    directory TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    is_restated INTEGER NOT NULL CHECK (is_restated IN (0, 1)),
    PRIMARY KEY (directory, kind, key)
) STRICT, WITHOUT ROWID;

-- The addresses of those whose addresses are stated anew; two may want the same one until the import's end.
CREATE TABLE import_address (
    directory TEXT NOT NULL,
    address TEXT NOT NULL,
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (directory, address, owner_kind, owner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_address_owner ON import_address (directory, owner_kind, owner_id);

-- Members as the import names them, and who they turn out to be.
CREATE TABLE import_member (
    directory TEXT NOT NULL,
    -- Their place in the import: of two that turn out to be one, the later counts.
    seq INTEGER NOT NULL,
    group_email TEXT NOT NULL,
    id TEXT,
    email TEXT,
    email_domain TEXT,
    is_customer INTEGER NOT NULL CHECK (is_customer IN (0, 1)),
    role TEXT NOT NULL,
    group_id TEXT,
    member_key TEXT,
    member_kind TEXT,
    PRIMARY KEY (directory, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_member_resolved ON import_member (directory, group_id, member_key);
