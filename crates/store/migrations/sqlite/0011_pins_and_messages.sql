-- Whoever Usher must not touch at an app is listed without reading everybody.
CREATE INDEX account_pinned ON account (app, user_id) WHERE pin IS NOT NULL;

-- Where a push channel's messages are sent: one to another address than today's is as good as none.
ALTER TABLE push_channel ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- When somebody was last said to have changed: a whole listing that began later has read them.
ALTER TABLE hint ADD COLUMN said_at INTEGER NOT NULL DEFAULT 0;
