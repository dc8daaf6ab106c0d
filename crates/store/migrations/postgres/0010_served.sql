-- What a directory that is served as a Google Workspace keeps beside its people.

-- The organisation itself, which no import speaks of.
CREATE TABLE organisation (
    directory TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES directory (id),
    -- The Directory API's customer resource.
    customer TEXT COLLATE "C" NOT NULL,
    -- The orgunit resource of the root, which is not among the units.
    root_unit TEXT COLLATE "C" NOT NULL
);

-- How a member has mail delivered, in the Directory API's words.
ALTER TABLE membership ADD COLUMN delivery TEXT COLLATE "C" NOT NULL DEFAULT 'ALL_MAIL';

-- Lists go by address: of the few who are deleted, of groups, and of members from elsewhere.
CREATE INDEX person_deleted ON person (directory, primary_email, id) WHERE state = 'deleted';
CREATE INDEX directory_group_email ON directory_group (directory, email, id);
CREATE INDEX membership_external ON membership (directory, member_key, group_id) WHERE member_kind = 'external';
