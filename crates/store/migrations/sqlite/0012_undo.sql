-- Runs that take back what another run did. The table is made anew, for a check cannot be changed.

CREATE TABLE run_or_undo (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'incremental', 'on_demand', 'audit', 'undo')),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- JSON.
    outcome TEXT
) STRICT;

INSERT INTO run_or_undo (id, app, kind, started_at, ended_at, outcome)
SELECT id, app, kind, started_at, ended_at, outcome FROM run;

DROP TABLE run;
ALTER TABLE run_or_undo RENAME TO run;

CREATE INDEX run_by_app ON run (app, started_at);
