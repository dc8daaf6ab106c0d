-- How the mirror of a Google Workspace is kept.

-- The listing that is under way, and until when it is believed to be: each page puts that off. NULL: none is.
ALTER TABLE google_directory ADD COLUMN listing TEXT COLLATE "C";
ALTER TABLE google_directory ADD COLUMN listing_until BIGINT;
-- When the listing that the mirror holds began and ended, and until when the next one waits.
ALTER TABLE google_directory ADD COLUMN listed_from BIGINT;
ALTER TABLE google_directory ADD COLUMN listed_at BIGINT;
ALTER TABLE google_directory ADD COLUMN next_listing_at BIGINT;
-- Google's id of the customer, as Google said it. NULL: it was not said yet.
ALTER TABLE google_directory ADD COLUMN customer_id TEXT COLLATE "C";
-- The fields of users that this listing asked for, as JSON. NULL: nothing was listed yet.
ALTER TABLE google_directory ADD COLUMN listed_fields TEXT COLLATE "C";
-- Until when the change feed was read.
ALTER TABLE google_directory ADD COLUMN feed_read_to BIGINT;
-- Why it cannot be read at the moment, and since when. NULL: it can.
ALTER TABLE google_directory ADD COLUMN failing TEXT COLLATE "C";
ALTER TABLE google_directory ADD COLUMN failing_since BIGINT;

-- When the members of a group were listed with the last listing. NULL: they were not.
ALTER TABLE directory_group ADD COLUMN members_listed_at BIGINT;
-- Since when every listing has left it out. NULL: the last one had it.
ALTER TABLE directory_group ADD COLUMN missing_since BIGINT;
ALTER TABLE membership ADD COLUMN missing_since BIGINT;
CREATE INDEX membership_missing ON membership (directory, missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX person_unlisted ON person (directory, id) WHERE state = 'unlisted';

-- The pages of a listing as they came, until all of them have.
CREATE TABLE listing_page (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    listing TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('users', 'deleted', 'groups', 'members', 'org_units', 'domains', 'schemas')),
    -- The group whose members they are; empty for every other kind.
    group_id TEXT COLLATE "C" NOT NULL,
    -- Its place in its list.
    n BIGINT NOT NULL,
    -- When it was asked for: what was heard later is not undone by it.
    asked_at BIGINT NOT NULL,
    -- The resources, as a JSON array.
    resources TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, listing, kind, group_id, n)
);

-- Who was read one by one, and when: a page that was asked for before that is older.
CREATE TABLE heard (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('user', 'group')),
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (directory, kind, id)
);

-- Entries of the change feed that were taken in, as long as they may come again.
CREATE TABLE feed_entry (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    at BIGINT NOT NULL,
    qualifier TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (directory, at, qualifier)
);

-- Channels by which Google tells of changes of people.
CREATE TABLE push_channel (
    -- Ours; never used twice.
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    -- add, delete, undelete or update.
    event TEXT COLLATE "C" NOT NULL,
    -- SHA-256, as hex, of what each message has to bring along.
    token_sha256 TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX push_channel_directory ON push_channel (directory, event, expires_at);

-- People of whom somebody said that they changed, until they are read.
CREATE TABLE hint (
    directory TEXT COLLATE "C" NOT NULL REFERENCES directory (id),
    address TEXT COLLATE "C" NOT NULL,
    -- Counts hints of one address, so that one that comes while they are read is not forgotten.
    n BIGINT NOT NULL,
    PRIMARY KEY (directory, address)
);
