-- Where people come from: users, groups, memberships, organizational units, domains and custom schemas.

CREATE TABLE directory (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('embedded', 'google')),
    created_at BIGINT NOT NULL
);

-- What decisions need to know of a person. Rows stay when people are deleted. A walk over everyone reads this table and
-- not their resources, which are ten times as large.
CREATE TABLE person (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    id TEXT COLLATE "C" NOT NULL,
    primary_email TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'suspended', 'archived', 'deleted', 'unlisted')),
    -- The directory's own instant of that state, where it has one.
    state_since BIGINT,
    org_unit TEXT COLLATE "C" NOT NULL,
    is_guest BIGINT NOT NULL CHECK (is_guest IN (0, 1)),
    -- SHA-256, as hex, of everything the directory says of them.
    fingerprint TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, id)
);
CREATE INDEX person_primary_email ON person (directory, primary_email);
CREATE INDEX person_org_unit ON person (directory, org_unit, state);

-- The Directory API's user resource, as JSON.
CREATE TABLE person_resource (
    directory TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, id)
);

-- Addresses and aliases of users who are not deleted, and of groups. The key is what makes them unique.
CREATE TABLE address (
    directory TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    owner_kind TEXT COLLATE "C" NOT NULL CHECK (owner_kind IN ('user', 'group')),
    owner_id TEXT COLLATE "C" NOT NULL,
    is_primary BIGINT NOT NULL CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (directory, address)
);
CREATE INDEX address_owner ON address (directory, owner_kind, owner_id);

CREATE TABLE directory_group (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, id)
);

CREATE TABLE membership (
    directory TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    -- A user's or group's id; the address of somebody external; `customer` for everyone in the organisation.
    member_key TEXT COLLATE "C" NOT NULL,
    member_kind TEXT COLLATE "C" NOT NULL CHECK (member_kind IN ('user', 'group', 'external', 'customer')),
    role TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, group_id, member_key)
);
CREATE INDEX membership_member ON membership (directory, member_key, group_id);
-- The few that make the graph of groups, found without reading those of people.
CREATE INDEX membership_nested ON membership (directory, group_id, member_key)
    WHERE member_kind IN ('group', 'customer');

CREATE TABLE org_unit (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    -- The path as it is compared: without regard to case.
    folded TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, folded)
);

CREATE TABLE domain (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    name TEXT COLLATE "C" NOT NULL,
    is_primary BIGINT NOT NULL CHECK (is_primary IN (0, 1)),
    resource TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, name)
);

CREATE TABLE custom_schema (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    name TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, name)
);

-- The next three hold rows only while an import's transaction is open: what it said and what can be judged at its end
-- alone, kept here so that an import of any size needs no more memory than a small one.

-- Whatever was named in the import; is_restated where its addresses are stated anew.
CREATE TABLE import_mention (
    directory TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    is_restated BIGINT NOT NULL CHECK (is_restated IN (0, 1)),
    PRIMARY KEY (directory, kind, key)
);

-- The addresses of those whose addresses are stated anew; two may want the same one until the import's end.
CREATE TABLE import_address (
    directory TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    owner_kind TEXT COLLATE "C" NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL,
    is_primary BIGINT NOT NULL CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (directory, address, owner_kind, owner_id)
);
CREATE INDEX import_address_owner ON import_address (directory, owner_kind, owner_id);

-- Members as the import names them, and who they turn out to be.
CREATE TABLE import_member (
    directory TEXT COLLATE "C" NOT NULL,
    -- Their place in the import: of two that turn out to be one, the later counts.
    seq BIGINT NOT NULL,
    group_email TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C",
    email TEXT COLLATE "C",
    email_domain TEXT COLLATE "C",
    is_customer BIGINT NOT NULL CHECK (is_customer IN (0, 1)),
    role TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C",
    member_key TEXT COLLATE "C",
    member_kind TEXT COLLATE "C",
    PRIMARY KEY (directory, seq)
);
CREATE INDEX import_member_resolved ON import_member (directory, group_id, member_key);
