-- How many people stand in each unit, and how many accounts there are in each state. Triggers keep the counts, so that no
-- statement that writes a row can forget to; what changes nothing that is counted writes nothing.

-- A directory's people are written by whoever holds the directory's own row, so nobody waits for these rows.
CREATE TABLE person_tally (
    directory TEXT COLLATE "C" NOT NULL,
    org_unit TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    is_guest BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (directory, org_unit, state, is_guest)
);

CREATE FUNCTION person_tally_keep() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO person_tally AS tally (directory, org_unit, state, is_guest, n)
        SELECT directory, org_unit, state, is_guest, COUNT(*) FROM added
        GROUP BY directory, org_unit, state, is_guest ORDER BY directory, org_unit, state, is_guest
        ON CONFLICT (directory, org_unit, state, is_guest) DO UPDATE SET n = tally.n + excluded.n;
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO person_tally AS tally (directory, org_unit, state, is_guest, n)
        SELECT directory, org_unit, state, is_guest, -COUNT(*) FROM taken
        GROUP BY directory, org_unit, state, is_guest ORDER BY directory, org_unit, state, is_guest
        ON CONFLICT (directory, org_unit, state, is_guest) DO UPDATE SET n = tally.n + excluded.n;
    ELSE
        INSERT INTO person_tally AS tally (directory, org_unit, state, is_guest, n)
        SELECT directory, org_unit, state, is_guest, SUM(moved.n)
        FROM (SELECT directory, org_unit, state, is_guest, 1 AS n FROM added
              UNION ALL SELECT directory, org_unit, state, is_guest, -1 FROM taken) AS moved
        GROUP BY directory, org_unit, state, is_guest HAVING SUM(moved.n) <> 0
        ORDER BY directory, org_unit, state, is_guest
        ON CONFLICT (directory, org_unit, state, is_guest) DO UPDATE SET n = tally.n + excluded.n;
    END IF;
    IF FOUND THEN
        DELETE FROM person_tally AS tally
        USING (SELECT DISTINCT directory, org_unit, state, is_guest FROM taken) AS emptied
        WHERE tally.directory = emptied.directory AND tally.org_unit = emptied.org_unit
          AND tally.state = emptied.state AND tally.is_guest = emptied.is_guest AND tally.n = 0;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER person_added AFTER INSERT ON person REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION person_tally_keep();
CREATE TRIGGER person_taken AFTER DELETE ON person REFERENCING OLD TABLE AS taken
    FOR EACH STATEMENT EXECUTE FUNCTION person_tally_keep();
CREATE TRIGGER person_moved AFTER UPDATE ON person REFERENCING OLD TABLE AS taken NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION person_tally_keep();

INSERT INTO person_tally (directory, org_unit, state, is_guest, n)
SELECT directory, org_unit, state, is_guest, COUNT(*) FROM person GROUP BY directory, org_unit, state, is_guest;

-- Accounts are written by runs and by admins at once, and no two of them may wait for each other here: two who hold one row
-- each and want the other's would wait for ever. So a statement never changes a line that is there. It adds lines of its
-- own, and the lines of one state add up; every so often a statement puts together those that nobody else has in hand.
CREATE TABLE account_tally (
    app TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    -- Whether a cause to lose it is on record, and whether it fails.
    is_leaving BIGINT NOT NULL,
    is_failing BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (app, line, state, is_leaving, is_failing)
);

CREATE SEQUENCE account_tally_line;

-- In one statement, so that nobody sees another sum. Lines that are in somebody else's hands stay as they are.
CREATE FUNCTION account_tally_fold(of TEXT) RETURNS VOID LANGUAGE sql AS $$
    WITH held AS MATERIALIZED (
        SELECT line, state, is_leaving, is_failing FROM account_tally WHERE app = of FOR UPDATE SKIP LOCKED),
    folded AS (
        DELETE FROM account_tally AS tally USING held
        WHERE tally.app = of AND tally.line = held.line AND tally.state = held.state
          AND tally.is_leaving = held.is_leaving AND tally.is_failing = held.is_failing
        RETURNING tally.state, tally.is_leaving, tally.is_failing, tally.n)
    INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
    SELECT of, nextval('account_tally_line'), state, is_leaving, is_failing, SUM(n)
    FROM folded GROUP BY state, is_leaving, is_failing HAVING SUM(n) <> 0
$$;

CREATE FUNCTION account_tally_keep() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    own CONSTANT BIGINT := nextval('account_tally_line');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
        SELECT app, own, state, num_nonnulls(causes), num_nonnulls(failing), COUNT(*) FROM added GROUP BY 1, 2, 3, 4, 5;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
        SELECT app, own, state, num_nonnulls(causes), num_nonnulls(failing), -COUNT(*) FROM taken GROUP BY 1, 2, 3, 4, 5;
    ELSE
        INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
        SELECT app, own, state, num_nonnulls(causes), num_nonnulls(failing), SUM(moved.n)
        FROM (SELECT app, state, causes, failing, 1 AS n FROM added
              UNION ALL SELECT app, state, causes, failing, -1 FROM taken) AS moved
        GROUP BY 1, 2, 3, 4, 5 HAVING SUM(moved.n) <> 0;
    END IF;
    IF own % 32 = 0 THEN
        PERFORM account_tally_fold(app) FROM account_tally GROUP BY app HAVING COUNT(*) > 32;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER account_added AFTER INSERT ON account REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION account_tally_keep();
CREATE TRIGGER account_taken AFTER DELETE ON account REFERENCING OLD TABLE AS taken
    FOR EACH STATEMENT EXECUTE FUNCTION account_tally_keep();
CREATE TRIGGER account_moved AFTER UPDATE ON account REFERENCING OLD TABLE AS taken NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION account_tally_keep();

INSERT INTO account_tally (app, line, state, is_leaving, is_failing, n)
SELECT app, nextval('account_tally_line'), state, is_leaving, is_failing, n
FROM (SELECT app, state, num_nonnulls(causes) AS is_leaving, num_nonnulls(failing) AS is_failing, COUNT(*) AS n
      FROM account GROUP BY 1, 2, 3, 4) AS counted;
