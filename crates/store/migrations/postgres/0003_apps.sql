-- Apps: their configuration, the accounts on record, plans, holds, runs and the provisioning log.
--
-- There are no foreign keys: what belongs to an app is written in bulk, in transactions that hold the app's own row,
-- and one function deletes it all.

CREATE TABLE app (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    template TEXT COLLATE "C" NOT NULL,
    directory TEXT COLLATE "C" NOT NULL,
    -- JSON. NULL: not configured.
    settings TEXT COLLATE "C",
    -- JSON: a list of assignments. Empty: the template's own.
    mapping TEXT COLLATE "C" NOT NULL,
    endpoint TEXT COLLATE "C",
    -- Sealed for (app, id, token).
    token BYTEA,
    token_set_at BIGINT,
    is_enabled BIGINT NOT NULL CHECK (is_enabled IN (0, 1)),
    enabled_at BIGINT,
    -- Microseconds that provisioning was on, before enabled_at.
    on_micros BIGINT NOT NULL,
    -- Counts changes of the configuration.
    config_version BIGINT NOT NULL,
    -- Counts runs; with the run's id it is what fences them.
    epoch BIGINT NOT NULL,
    run TEXT COLLATE "C",
    -- When the app refused the token (401).
    refused_at BIGINT,
    -- JSON: why, how often, until when.
    quarantine TEXT COLLATE "C",
    -- When the app's accounts were last listed as a whole.
    listed_at BIGINT,
    -- How many people the last accepted listing of the directory had.
    accepted_people BIGINT,
    next_run_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((is_enabled = 1) = (enabled_at IS NOT NULL))
);

CREATE INDEX app_by_directory ON app (directory);

-- Access: units that have a switch of their own. Units are compared without case (folded).
CREATE TABLE app_unit (
    app TEXT COLLATE "C" NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    switch TEXT COLLATE "C" NOT NULL CHECK (switch IN ('on', 'off')),
    PRIMARY KEY (app, folded)
);

-- Access: groups that the app is on for.
CREATE TABLE app_group (
    app TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    -- Their address when they were chosen: a group may vanish.
    email TEXT COLLATE "C" NOT NULL,
    -- How many members it had when that was last accepted. NULL: not known yet.
    accepted_members BIGINT,
    PRIMARY KEY (app, group_id)
);

-- The provisioning scope.
CREATE TABLE app_scope (
    app TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    depth TEXT COLLATE "C" NOT NULL CHECK (depth IN ('direct', 'nested')),
    accepted_members BIGINT,
    PRIMARY KEY (app, group_id)
);

-- What is known of each user's account at an app.
CREATE TABLE account (
    app TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- As the app has it, folded.
    user_name TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('none', 'active', 'suspended', 'gone')),
    remote_id TEXT COLLATE "C",
    -- JSON, each: what our last write made it, what the app returned to that, what an audit saw instead.
    sent TEXT COLLATE "C" NOT NULL,
    returned TEXT COLLATE "C" NOT NULL,
    drifted TEXT COLLATE "C",
    is_suspended_by_us BIGINT NOT NULL CHECK (is_suspended_by_us IN (0, 1)),
    -- Microseconds that provisioning had been on when the account was seen suspended.
    seen_on BIGINT,
    -- JSON: the write that was begun and has no answer yet.
    intent TEXT COLLATE "C",
    -- No request of the intent is in flight after this.
    intent_until BIGINT,
    missed_at BIGINT,
    -- JSON. NULL: none.
    causes TEXT COLLATE "C",
    failing TEXT COLLATE "C",
    pin TEXT COLLATE "C",
    choice TEXT COLLATE "C" CHECK (choice IN ('take_over', 'wait', 'switch_on')),
    reason TEXT COLLATE "C",
    -- What was compared when nothing was left to do.
    settled TEXT COLLATE "C",
    wake_at BIGINT,
    PRIMARY KEY (app, user_id),
    CHECK (remote_id IS NOT NULL OR state NOT IN ('active', 'suspended')),
    CHECK ((intent IS NULL) = (intent_until IS NULL))
);

CREATE INDEX account_by_user_name ON account (app, user_name);
CREATE INDEX account_by_remote_id ON account (app, remote_id);
CREATE INDEX account_by_state ON account (app, state);
CREATE INDEX account_by_wake_at ON account (app, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX account_intended ON account (app, user_id) WHERE intent IS NOT NULL;
CREATE INDEX account_failing ON account (app, user_id) WHERE failing IS NOT NULL;
CREATE INDEX account_leaving ON account (app, state) WHERE causes IS NOT NULL;

-- The accounts that the last listing of the app showed.
CREATE TABLE remote_account (
    app TEXT COLLATE "C" NOT NULL,
    remote_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    user_name TEXT COLLATE "C" NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    is_active BIGINT NOT NULL CHECK (is_active IN (0, 1)),
    -- JSON.
    attributes TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app, remote_id)
);

CREATE INDEX remote_account_by_external_id ON remote_account (app, external_id);
CREATE INDEX remote_account_by_folded ON remote_account (app, folded);

-- The operations of an app's plan; an app has one plan at a time.
CREATE TABLE plan_operation (
    app TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('create', 'adopt', 'update', 'suspend', 'unsuspend', 'delete')),
    -- JSON, both.
    operation TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    -- What guards count: 1 removals, 2 recreations, 4 renames, 8 clearings.
    classes BIGINT NOT NULL,
    is_app_off BIGINT NOT NULL CHECK (is_app_off IN (0, 1)),
    -- The user names, folded, that it takes and gives up.
    takes TEXT COLLATE "C",
    frees TEXT COLLATE "C",
    turn BIGINT NOT NULL,
    -- 0: suspensions and deletes, which wait for nothing else. 1: the rest.
    lane BIGINT NOT NULL CHECK (lane IN (0, 1)),
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('planned', 'held', 'blocked', 'intended', 'done', 'failed', 'unknown', 'dropped')),
    hold TEXT COLLATE "C",
    is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
    -- JSON: what blocks it.
    failure TEXT COLLATE "C",
    PRIMARY KEY (app, run, seq)
);

CREATE INDEX plan_operation_by_lane ON plan_operation (app, run, lane, turn, seq);
CREATE INDEX plan_operation_by_user ON plan_operation (app, run, user_id);
CREATE INDEX plan_operation_takes ON plan_operation (app, run, takes) WHERE takes IS NOT NULL;
CREATE INDEX plan_operation_frees ON plan_operation (app, run, frees) WHERE frees IS NOT NULL;

-- Operations that a guard stopped.
CREATE TABLE hold (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    app TEXT COLLATE "C" NOT NULL,
    -- The guard without its figures.
    key TEXT COLLATE "C" NOT NULL,
    -- JSON.
    tripped TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'released', 'discarded', 'closed')),
    opened_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    n_operations BIGINT NOT NULL
);

CREATE INDEX hold_by_app ON hold (app, state);
CREATE UNIQUE INDEX hold_open ON hold (app, key) WHERE state = 'open';

CREATE TABLE hold_operation (
    app TEXT COLLATE "C" NOT NULL,
    hold TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    -- JSON.
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (hold, user_id, kind)
);

CREATE INDEX hold_operation_by_user ON hold_operation (app, user_id);

CREATE TABLE run (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    app TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('full', 'incremental', 'on_demand', 'audit')),
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- JSON.
    outcome TEXT COLLATE "C"
);

CREATE INDEX run_by_app ON run (app, started_at);

-- The provisioning log: one line per effect.
CREATE TABLE event (
    app TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('create', 'adopt', 'update', 'suspend', 'unsuspend', 'hard_delete', 'failure')),
    at BIGINT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- JSON.
    reason TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C",
    -- What guards count, as in plan_operation.
    classes BIGINT NOT NULL,
    is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
    PRIMARY KEY (app, run, seq, kind)
);

CREATE INDEX event_by_time ON event (app, at);
CREATE INDEX event_by_user ON event (app, user_id, at);
