-- How the mirror of a Google Workspace is kept.

-- The listing that is under way, and until when it is believed to be: each page puts that off. NULL: none is.
ALTER TABLE google_directory ADD COLUMN listing TEXT;
ALTER TABLE google_directory ADD COLUMN listing_until INTEGER;
-- When the listing that the mirror holds began and ended, and until when the next one waits.
ALTER TABLE google_directory ADD COLUMN listed_from INTEGER;
ALTER TABLE google_directory ADD COLUMN listed_at INTEGER;
ALTER TABLE google_directory ADD COLUMN next_listing_at INTEGER;
-- Google's id of the customer, as Google said it. NULL: it was not said yet.
ALTER TABLE google_directory ADD COLUMN customer_id TEXT;
-- The fields of users that this listing asked for, as JSON. NULL: nothing was listed yet.
ALTER TABLE google_directory ADD COLUMN listed_fields TEXT;
-- Until when the change feed was read.
ALTER TABLE google_directory ADD COLUMN feed_read_to INTEGER;
-- Why it cannot be read at the moment, and since when. NULL: it can.
ALTER TABLE google_directory ADD COLUMN failing TEXT;
ALTER TABLE google_directory ADD COLUMN failing_since INTEGER;

-- When the members of a group were listed with the last listing. NULL: they were not.
ALTER TABLE directory_group ADD COLUMN members_listed_at INTEGER;
-- Since when every listing has left it out. NULL: the last one had it.
ALTER TABLE directory_group ADD COLUMN missing_since INTEGER;
ALTER TABLE membership ADD COLUMN missing_since INTEGER;
CREATE INDEX membership_missing ON membership (directory, missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX person_unlisted ON person (directory, id) WHERE state = 'unlisted';

-- The pages of a listing as they came, until all of them have.
CREATE TABLE listing_page (
    directory TEXT NOT NULL REFERENCES directory (id),
    listing TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('users', 'deleted', 'groups', 'members', 'org_units', 'domains', 'schemas')),
    -- The group whose members they are; empty for every other kind.
    group_id TEXT NOT NULL,
    -- Its place in its list.
    n INTEGER NOT NULL,
    -- When it was asked for: what was heard later is not undone by it.
    asked_at INTEGER NOT NULL,
    -- The resources, as a JSON array.
    resources TEXT NOT NULL,
    PRIMARY KEY (directory, listing, kind, group_id, n)
) STRICT;

-- Who was read one by one, and when: a page that was asked for before that is older.
CREATE TABLE heard (
    directory TEXT NOT NULL REFERENCES directory (id),
    kind TEXT NOT NULL CHECK (kind IN ('user', 'group')),
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (directory, kind, id)
) STRICT, WITHOUT ROWID;

-- Entries of the change feed that were taken in, as long as they may come again.
CREATE TABLE feed_entry (
    directory TEXT NOT NULL REFERENCES directory (id),
    at INTEGER NOT NULL,
    qualifier TEXT NOT NULL,
    PRIMARY KEY (directory, at, qualifier)
) STRICT, WITHOUT ROWID;

-- Channels by which Google tells of changes of people.
CREATE TABLE push_channel (
    -- Ours; never used twice.
    id TEXT NOT NULL PRIMARY KEY,
    directory TEXT NOT NULL REFERENCES directory (id),
    -- add, delete, undelete or update.
    event TEXT NOT NULL,
    -- SHA-256, as hex, of what each message has to bring along.
    token_sha256 TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX push_channel_directory ON push_channel (directory, event, expires_at);

-- People of whom somebody said that they changed, until they are read.
CREATE TABLE hint (
    directory TEXT NOT NULL REFERENCES directory (id),
    address TEXT NOT NULL,
    -- Counts hints of one address, so that one that comes while they are read is not forgotten.
    n INTEGER NOT NULL,
    PRIMARY KEY (directory, address)
) STRICT, WITHOUT ROWID;
