-- Members whom an app refused, or whose membership it did not change although it said yes: each waits by themselves.

CREATE TABLE group_refusal (
    app TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    -- Whether they were to be a member; else they were to be none.
    is_added BIGINT NOT NULL CHECK (is_added IN (0, 1)),
    n_attempts BIGINT NOT NULL,
    retry_at BIGINT NOT NULL,
    PRIMARY KEY (app, group_id, member_id, is_added)
);
