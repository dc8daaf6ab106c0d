-- What a directory that is served as a Google Workspace keeps beside its people.

-- The organisation itself, which no import speaks of.
CREATE TABLE organisation (
    directory TEXT NOT NULL PRIMARY KEY REFERENCES directory (id),
    -- The Directory API's customer resource.
    customer TEXT NOT NULL,
    -- The orgunit resource of the root, which is not among the units.
    root_unit TEXT NOT NULL
) STRICT;

-- How often the directory has become another, by import or by edit: an edit that was thought out for an earlier one is not
-- kept.
ALTER TABLE directory ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;

-- How a member has mail delivered, in the Directory API's words.
ALTER TABLE membership ADD COLUMN delivery TEXT NOT NULL DEFAULT 'ALL_MAIL';

-- Lists go by address: of the few who are deleted, of groups, and of members from elsewhere.
CREATE INDEX person_deleted ON person (directory, primary_email, id) WHERE state = 'deleted';
CREATE INDEX directory_group_email ON directory_group (directory, email, id);
CREATE INDEX membership_external ON membership (directory, member_key, group_id) WHERE member_kind = 'external';
-- Whoever is not the directory's own is looked for by what the API calls them, group by group.
CREATE INDEX membership_word ON membership (directory, group_id, member_key)
    WHERE member_kind IN ('external', 'customer');
