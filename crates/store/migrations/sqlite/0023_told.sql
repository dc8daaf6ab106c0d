-- Whom an open hold of groups told of. Where the group itself is to be deleted, the member is empty.
CREATE TABLE hold_member (
    app TEXT NOT NULL,
    hold TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (hold, group_id, member_id)
) STRICT;

CREATE INDEX hold_member_by_app ON hold_member (app, hold);

-- Whether the app has ever shown who is in a group: only then is an empty list of members an empty group.
ALTER TABLE app ADD COLUMN shows_members INTEGER NOT NULL DEFAULT 0 CHECK (shows_members IN (0, 1));
