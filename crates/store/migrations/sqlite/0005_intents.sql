-- Intents in a table of their own. They come with every write and go with its answer: a narrow row that is added and
-- taken away costs a fraction of a wide one that is written twice more.

CREATE TABLE intent (
    app TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT,
    -- The run that began it, and its place in that run's plan.
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    -- JSON, both. NULL: as that place in the plan says.
    operation TEXT,
    reason TEXT,
    is_released INTEGER NOT NULL CHECK (is_released IN (0, 1)),
    -- No request of it is in flight after this.
    until INTEGER NOT NULL,
    missed_at INTEGER,
    PRIMARY KEY (app, user_id),
    CHECK ((operation IS NULL) = (reason IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO intent (app, user_id, email, run, seq, operation, reason, is_released, until, missed_at)
SELECT app, user_id, email, intent ->> 'run', CAST(intent ->> 'seq' AS BIGINT), intent -> 'operation', intent -> 'reason',
       intent ->> 'is_released', intent_until, missed_at
FROM account WHERE intent IS NOT NULL;

CREATE TABLE account_without_intent (
    app TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT,
    -- As the app has it, folded.
    user_name TEXT,
    state TEXT NOT NULL CHECK (state IN ('none', 'active', 'suspended', 'gone')),
    remote_id TEXT,
    -- JSON, each: what our last write made it, what the app returned to that, what an audit saw instead.
    sent TEXT NOT NULL,
    returned TEXT NOT NULL,
    drifted TEXT,
    is_suspended_by_us INTEGER NOT NULL CHECK (is_suspended_by_us IN (0, 1)),
    -- Microseconds that provisioning had been on when the account was seen suspended.
    seen_on INTEGER,
    -- JSON. NULL: none.
    causes TEXT,
    failing TEXT,
    pin TEXT,
    choice TEXT CHECK (choice IN ('take_over', 'wait', 'switch_on')),
    reason TEXT,
    -- What was compared when nothing was left to do.
    settled TEXT,
    wake_at INTEGER,
    PRIMARY KEY (app, user_id),
    CHECK (remote_id IS NOT NULL OR state NOT IN ('active', 'suspended'))
) STRICT;

INSERT INTO account_without_intent (app, user_id, email, user_name, state, remote_id, sent, returned, drifted,
                                    is_suspended_by_us, seen_on, causes, failing, pin, choice, reason, settled,
                                    wake_at)
SELECT app, user_id, email, user_name, state, remote_id, sent, returned, drifted, is_suspended_by_us, seen_on, causes,
       failing, pin, choice, reason, settled, wake_at
FROM account;

DROP TABLE account;
ALTER TABLE account_without_intent RENAME TO account;

CREATE INDEX account_by_user_name ON account (app, user_name);
CREATE INDEX account_by_remote_id ON account (app, remote_id);
CREATE INDEX account_by_state ON account (app, state);
CREATE INDEX account_by_wake_at ON account (app, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX account_failing ON account (app, user_id) WHERE failing IS NOT NULL;
CREATE INDEX account_leaving ON account (app, state) WHERE causes IS NOT NULL;

-- What a decision rested on, for the record of somebody who has none yet.
ALTER TABLE plan_operation ADD COLUMN settled TEXT;
