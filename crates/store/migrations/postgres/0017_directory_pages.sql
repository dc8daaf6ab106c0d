-- People are looked for by the beginning of their names, and listed by state and by unit in the order of their addresses.

-- Given and family name in small letters, in either order; without control characters.
ALTER TABLE person_resource ADD COLUMN given_first TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE person_resource ADD COLUMN family_first TEXT COLLATE "C" NOT NULL DEFAULT '';
-- A resource that cannot be taken apart here (PostgreSQL's texts have no NUL) has its names with its next change.
UPDATE person_resource SET
    given_first = lower(trim(coalesce(resource::json #>> '{name,givenName}', '') || ' ' || coalesce(resource::json #>> '{name,familyName}', ''))),
    family_first = lower(trim(coalesce(resource::json #>> '{name,familyName}', '') || ' ' || coalesce(resource::json #>> '{name,givenName}', '')))
WHERE position('\u0000' IN resource) = 0;
CREATE INDEX person_given_first ON person_resource (directory, given_first, id);
CREATE INDEX person_family_first ON person_resource (directory, family_first, id);

-- Most people are active: they are found among all. The others are few, and found apart.
CREATE INDEX person_not_active ON person (directory, state, primary_email, id) WHERE state <> 'active';

-- Counts by unit and state, and lists of those in a unit, in the order of their addresses.
DROP INDEX person_org_unit;
CREATE INDEX person_org_unit ON person (directory, org_unit, state, primary_email, id);
