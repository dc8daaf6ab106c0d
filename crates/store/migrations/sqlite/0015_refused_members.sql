-- Members whom an app refused, or whose membership it did not change although it said yes: each waits by themselves.

CREATE TABLE group_refusal (
    app TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- Whether they were to be a member; else they were to be none.
    is_added INTEGER NOT NULL CHECK (is_added IN (0, 1)),
    n_attempts INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    PRIMARY KEY (app, group_id, member_id, is_added)
) STRICT, WITHOUT ROWID;
