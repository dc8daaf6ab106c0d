-- How many people stand in each unit, and how many accounts there are in each state. Triggers keep the counts, so that no
-- statement that writes a row can forget to; what changes nothing that is counted writes nothing.

CREATE TABLE person_tally (
    directory TEXT NOT NULL,
    org_unit TEXT NOT NULL,
    state TEXT NOT NULL,
    is_guest INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (directory, org_unit, state, is_guest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER person_added AFTER INSERT ON person BEGIN
    INSERT INTO person_tally (directory, org_unit, state, is_guest, n)
    VALUES (new.directory, new.org_unit, new.state, new.is_guest, 1)
    ON CONFLICT (directory, org_unit, state, is_guest) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER person_taken AFTER DELETE ON person BEGIN
    UPDATE person_tally SET n = n - 1
    WHERE directory = old.directory AND org_unit = old.org_unit AND state = old.state AND is_guest = old.is_guest;
    DELETE FROM person_tally
    WHERE directory = old.directory AND org_unit = old.org_unit AND state = old.state AND is_guest = old.is_guest
      AND n = 0;
END;

CREATE TRIGGER person_moved AFTER UPDATE OF directory, org_unit, state, is_guest ON person
WHEN old.directory <> new.directory OR old.org_unit <> new.org_unit OR old.state <> new.state
  OR old.is_guest <> new.is_guest
BEGIN
    UPDATE person_tally SET n = n - 1
    WHERE directory = old.directory AND org_unit = old.org_unit AND state = old.state AND is_guest = old.is_guest;
    DELETE FROM person_tally
    WHERE directory = old.directory AND org_unit = old.org_unit AND state = old.state AND is_guest = old.is_guest
      AND n = 0;
    INSERT INTO person_tally (directory, org_unit, state, is_guest, n)
    VALUES (new.directory, new.org_unit, new.state, new.is_guest, 1)
    ON CONFLICT (directory, org_unit, state, is_guest) DO UPDATE SET n = n + 1;
END;

INSERT INTO person_tally (directory, org_unit, state, is_guest, n)
SELECT directory, org_unit, state, is_guest, COUNT(*) FROM person GROUP BY directory, org_unit, state, is_guest;

CREATE TABLE account_tally (
    app TEXT NOT NULL,
    -- The lines of one state add up: on PostgreSQL each statement that changes it writes one of its own. Here there is one.
    line INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- Whether a cause to lose it is on record, and whether it fails.
    is_leaving INTEGER NOT NULL,
    is_failing INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (app, line, state, is_leaving, is_failing)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER account_added AFTER INSERT ON account BEGIN
    INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
    VALUES (new.app, 0, new.state, new.causes IS NOT NULL, new.failing IS NOT NULL, 1)
    ON CONFLICT (app, line, state, is_leaving, is_failing) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER account_taken AFTER DELETE ON account BEGIN
    UPDATE account_tally SET n = n - 1
    WHERE app = old.app AND line = 0 AND state = old.state AND is_leaving = (old.causes IS NOT NULL)
      AND is_failing = (old.failing IS NOT NULL);
    DELETE FROM account_tally
    WHERE app = old.app AND line = 0 AND state = old.state AND is_leaving = (old.causes IS NOT NULL)
      AND is_failing = (old.failing IS NOT NULL) AND n = 0;
END;

CREATE TRIGGER account_moved AFTER UPDATE OF app, state, causes, failing ON account
WHEN old.app <> new.app OR old.state <> new.state OR (old.causes IS NULL) <> (new.causes IS NULL)
  OR (old.failing IS NULL) <> (new.failing IS NULL)
BEGIN
    UPDATE account_tally SET n = n - 1
    WHERE app = old.app AND line = 0 AND state = old.state AND is_leaving = (old.causes IS NOT NULL)
      AND is_failing = (old.failing IS NOT NULL);
    DELETE FROM account_tally
    WHERE app = old.app AND line = 0 AND state = old.state AND is_leaving = (old.causes IS NOT NULL)
      AND is_failing = (old.failing IS NOT NULL) AND n = 0;
    INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
    VALUES (new.app, 0, new.state, new.causes IS NOT NULL, new.failing IS NOT NULL, 1)
    ON CONFLICT (app, line, state, is_leaving, is_failing) DO UPDATE SET n = n + 1;
END;

INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
SELECT app, 0, state, causes IS NOT NULL, failing IS NOT NULL, COUNT(*)
FROM account GROUP BY app, state, causes IS NOT NULL, failing IS NOT NULL;
