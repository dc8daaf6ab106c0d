-- Apps: their configuration, the accounts on record, plans, holds, runs and the provisioning log.
--
-- There are no foreign keys: what belongs to an app is written in bulk, in transactions that hold the app's own row,
-- and one function deletes it all.

CREATE TABLE app (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL,
    directory TEXT NOT NULL,
    -- JSON. NULL: not configured.
    settings TEXT,
    -- JSON: a list of assignments. Empty: the template's own.
    mapping TEXT NOT NULL,
    endpoint TEXT,
    -- Sealed for (app, id, token).
    token BLOB,
    token_set_at INTEGER,
    is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    enabled_at INTEGER,
    -- Microseconds that provisioning was on, before enabled_at.
    on_micros INTEGER NOT NULL,
    -- Counts changes of the configuration.
    config_version INTEGER NOT NULL,
    -- Counts runs; with the run's id it is what fences them.
    epoch INTEGER NOT NULL,
    run TEXT,
    -- When the app refused the token (401).
    refused_at INTEGER,
    -- JSON: why, how often, until when.
    quarantine TEXT,
    -- When the app's accounts were last listed as a whole.
    listed_at INTEGER,
    -- How many people the last accepted listing of the directory had.
    accepted_people INTEGER,
    next_run_at INTEGER,
    created_at INTEGER NOT NULL,
    CHECK ((is_enabled = 1) = (enabled_at IS NOT NULL))
) STRICT;

CREATE INDEX app_by_directory ON app (directory);

-- Access: units that have a switch of their own. Units are compared without case (folded).
CREATE TABLE app_unit (
    app TEXT NOT NULL,
    folded TEXT NOT NULL,
    path TEXT NOT NULL,
    switch TEXT NOT NULL CHECK (switch IN ('on', 'off')),
    PRIMARY KEY (app, folded)
) STRICT;

-- Access: groups that the app is on for.
CREATE TABLE app_group (
    app TEXT NOT NULL,
    group_id TEXT NOT NULL,
    -- Their address when they were chosen: a group may vanish.
    email TEXT NOT NULL,
    -- How many members it had when that was last accepted. NULL: not known yet.
    accepted_members INTEGER,
    PRIMARY KEY (app, group_id)
) STRICT;

-- The provisioning scope.
CREATE TABLE app_scope (
    app TEXT NOT NULL,
    group_id TEXT NOT NULL,
    email TEXT NOT NULL,
    depth TEXT NOT NULL CHECK (depth IN ('direct', 'nested')),
    accepted_members INTEGER,
    PRIMARY KEY (app, group_id)
) STRICT;

-- What is known of each user's account at an app.
CREATE TABLE account (
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
    -- JSON: the write that was begun and has no answer yet.
    intent TEXT,
    -- No request of the intent is in flight after this.
    intent_until INTEGER,
    missed_at INTEGER,
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
    CHECK (remote_id IS NOT NULL OR state NOT IN ('active', 'suspended')),
    CHECK ((intent IS NULL) = (intent_until IS NULL))
) STRICT;

CREATE INDEX account_by_user_name ON account (app, user_name);
CREATE INDEX account_by_remote_id ON account (app, remote_id);
CREATE INDEX account_by_state ON account (app, state);
CREATE INDEX account_by_wake_at ON account (app, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX account_intended ON account (app, user_id) WHERE intent IS NOT NULL;
CREATE INDEX account_failing ON account (app, user_id) WHERE failing IS NOT NULL;
CREATE INDEX account_leaving ON account (app, state) WHERE causes IS NOT NULL;

-- The accounts that the last listing of the app showed.
CREATE TABLE remote_account (
    app TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    external_id TEXT,
    user_name TEXT NOT NULL,
    folded TEXT NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    -- JSON.
    attributes TEXT NOT NULL,
    PRIMARY KEY (app, remote_id)
) STRICT;

CREATE INDEX remote_account_by_external_id ON remote_account (app, external_id);
CREATE INDEX remote_account_by_folded ON remote_account (app, folded);

-- The operations of an app's plan; an app has one plan at a time.
CREATE TABLE plan_operation (
    app TEXT NOT NULL,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'adopt', 'update', 'suspend', 'unsuspend', 'delete')),
    -- JSON, both.
    operation TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- What guards count: 1 removals, 2 recreations, 4 renames, 8 clearings.
    classes INTEGER NOT NULL,
    is_app_off INTEGER NOT NULL CHECK (is_app_off IN (0, 1)),
    -- The user names, folded, that it takes and gives up.
    takes TEXT,
    frees TEXT,
    turn INTEGER NOT NULL,
    -- 0: suspensions and deletes, which wait for nothing else. 1: the rest.
    lane INTEGER NOT NULL CHECK (lane IN (0, 1)),
    state TEXT NOT NULL
        CHECK (state IN ('planned', 'held', 'blocked', 'intended', 'done', 'failed', 'unknown', 'dropped')),
    hold TEXT,
    is_released INTEGER NOT NULL CHECK (is_released IN (0, 1)),
    -- JSON: what blocks it.
    failure TEXT,
    PRIMARY KEY (app, run, seq)
) STRICT;

CREATE INDEX plan_operation_by_lane ON plan_operation (app, run, lane, turn, seq);
CREATE INDEX plan_operation_by_user ON plan_operation (app, run, user_id);
CREATE INDEX plan_operation_takes ON plan_operation (app, run, takes) WHERE takes IS NOT NULL;
CREATE INDEX plan_operation_frees ON plan_operation (app, run, frees) WHERE frees IS NOT NULL;

-- Operations that a guard stopped.
CREATE TABLE hold (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    -- The guard without its figures.
    key TEXT NOT NULL,
    -- JSON.
    tripped TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'released', 'discarded', 'closed')),
    opened_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    n_operations INTEGER NOT NULL
) STRICT;

CREATE INDEX hold_by_app ON hold (app, state);
CREATE UNIQUE INDEX hold_open ON hold (app, key) WHERE state = 'open';

CREATE TABLE hold_operation (
    app TEXT NOT NULL,
    hold TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    email TEXT NOT NULL,
    -- JSON.
    reason TEXT NOT NULL,
    PRIMARY KEY (hold, user_id, kind)
) STRICT;

CREATE INDEX hold_operation_by_user ON hold_operation (app, user_id);

CREATE TABLE run (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'incremental', 'on_demand', 'audit')),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- JSON.
    outcome TEXT
) STRICT;

CREATE INDEX run_by_app ON run (app, started_at);

-- The provisioning log: one line per effect.
CREATE TABLE event (
    app TEXT NOT NULL,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('create', 'adopt', 'update', 'suspend', 'unsuspend', 'hard_delete', 'failure')),
    at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT,
    -- JSON.
    reason TEXT NOT NULL,
    detail TEXT,
    -- What guards count, as in plan_operation.
    classes INTEGER NOT NULL,
    is_released INTEGER NOT NULL CHECK (is_released IN (0, 1)),
    PRIMARY KEY (app, run, seq, kind)
) STRICT;

CREATE INDEX event_by_time ON event (app, at);
CREATE INDEX event_by_user ON event (app, user_id, at);
