-- Intents in a table of their own. They come with every write and go with its answer: a narrow row that is added and
-- taken away costs a fraction of a wide one that is written twice more.

CREATE TABLE intent (
    app TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- The run that began it, and its place in that run's plan.
    run TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    -- JSON, both. NULL: as that place in the plan says.
    operation TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
    -- No request of it is in flight after this.
    until BIGINT NOT NULL,
    missed_at BIGINT,
    PRIMARY KEY (app, user_id),
    CHECK ((operation IS NULL) = (reason IS NULL))
);

INSERT INTO intent (app, user_id, email, run, seq, operation, reason, is_released, until, missed_at)
SELECT app, user_id, email, intent ->> 'run', CAST(intent ->> 'seq' AS BIGINT), CAST(intent -> 'operation' AS TEXT),
       CAST(intent -> 'reason' AS TEXT), CASE intent ->> 'is_released' WHEN 'true' THEN 1 ELSE 0 END,
       intent_until, missed_at
FROM (SELECT app, user_id, email, CAST(intent AS JSON) AS intent, intent_until, missed_at
      FROM account WHERE intent IS NOT NULL) AS account;

-- Their constraint and their index go with them.
ALTER TABLE account DROP COLUMN intent, DROP COLUMN intent_until, DROP COLUMN missed_at;

-- What a decision rested on, for the record of somebody who has none yet.
ALTER TABLE plan_operation ADD COLUMN settled TEXT COLLATE "C";
