-- Groups at an app: what is on record of each and of who is in it, what the app listed, plans and the log.

-- When the app's groups were last listed as a whole.
ALTER TABLE app ADD COLUMN groups_listed_at BIGINT;

CREATE TABLE group_account (
    app TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- As the app has it, folded.
    display_name TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('none', 'known', 'gone')),
    remote_id TEXT COLLATE "C",
    -- JSON, each: what our last write made it, what the app returned to that, what an audit saw instead.
    sent TEXT COLLATE "C" NOT NULL,
    returned TEXT COLLATE "C" NOT NULL,
    drifted TEXT COLLATE "C",
    -- The run that began a write whose answer is not on record; no request of it is in flight after `intent_until`.
    intent_run TEXT COLLATE "C",
    intent_until BIGINT,
    missed_at BIGINT,
    -- Nobody knows what it is like until it is read.
    is_unread BIGINT NOT NULL CHECK (is_unread IN (0, 1)),
    read_at BIGINT,
    -- Since when the app is not to have it.
    left_at BIGINT,
    -- JSON. NULL: none.
    failing TEXT COLLATE "C",
    pin TEXT COLLATE "C",
    choice TEXT COLLATE "C" CHECK (choice IN ('take_over', 'wait')),
    reason TEXT COLLATE "C",
    wake_at BIGINT,
    PRIMARY KEY (app, group_id),
    CHECK (remote_id IS NOT NULL OR state <> 'known'),
    CHECK ((intent_run IS NULL) = (intent_until IS NULL))
);

CREATE INDEX group_account_by_remote_id ON group_account (app, remote_id);
CREATE INDEX group_account_by_display_name ON group_account (app, display_name);
CREATE INDEX group_account_by_wake_at ON group_account (app, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX group_account_unsure ON group_account (app, group_id) WHERE intent_run IS NOT NULL OR is_unread = 1;
CREATE INDEX group_account_failing ON group_account (app, group_id) WHERE failing IS NOT NULL;
CREATE INDEX group_account_pinned ON group_account (app, group_id) WHERE pin IS NOT NULL;

-- Who is in a group at an app, by the app's ids of their accounts. Narrow rows, walked and looked up by their key.
CREATE TABLE group_member (
    app TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    -- Missing: we added them, and a read of the group did not show them.
    standing TEXT COLLATE "C" NOT NULL CHECK (standing IN ('ours', 'foreign', 'missing', 'kept')),
    -- The read that saw them last.
    mark BIGINT NOT NULL,
    PRIMARY KEY (app, group_id, member_id)
);

-- With the standing, because SQLite takes the key if the index does not hold all that is asked for, and so reads everybody.
CREATE INDEX group_member_by_member ON group_member (app, member_id, group_id, standing);

-- The groups that the last listing of the app showed.
CREATE TABLE remote_group (
    app TEXT COLLATE "C" NOT NULL,
    remote_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    display_name TEXT COLLATE "C" NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app, remote_id)
);

CREATE INDEX remote_group_by_external_id ON remote_group (app, external_id);
CREATE INDEX remote_group_by_folded ON remote_group (app, folded);

-- The operations on groups of an app's plan. What may be long comes last: who counts and holds reads no further.
CREATE TABLE group_operation (
    app TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('group_create', 'group_adopt', 'group_update', 'members_add', 'members_remove', 'group_delete')),
    -- How many memberships it adds or takes away.
    n_members BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('planned', 'held', 'blocked', 'intended', 'done', 'failed', 'unknown', 'dropped')),
    hold TEXT COLLATE "C",
    is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
    -- JSON, each; the failure is what blocks it.
    failure TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app, run, seq)
);

CREATE INDEX group_operation_by_group ON group_operation (app, run, group_id, seq);

-- The provisioning log of groups: one line per effect.
CREATE TABLE group_event (
    app TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('group_create', 'group_adopt', 'group_update', 'members_add', 'members_remove', 'group_delete',
                        'group_failure')),
    at BIGINT NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    -- How many memberships it added or took away.
    n_members BIGINT NOT NULL,
    is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
    -- JSON.
    reason TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C",
    -- JSON: a list of whose memberships those were.
    members TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app, run, seq, kind)
);

CREATE INDEX group_event_by_time ON group_event (app, at);
CREATE INDEX group_event_by_group ON group_event (app, group_id, at);
CREATE INDEX group_event_by_run ON group_event (run, kind, seq);
