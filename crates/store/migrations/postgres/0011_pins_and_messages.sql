-- Whoever Usher must not touch at an app is listed without reading everybody.
CREATE INDEX account_pinned ON account (app, user_id) WHERE pin IS NOT NULL;

-- Where a push channel's messages are sent: one to another address than today's is as good as none.
ALTER TABLE push_channel ADD COLUMN address TEXT COLLATE "C" NOT NULL DEFAULT '';

-- When somebody was last said to have changed: a whole listing that began later has read them.
ALTER TABLE hint ADD COLUMN said_at BIGINT NOT NULL DEFAULT 0;

-- How often the directory has become another, by import or by edit: an edit that was thought out for an earlier one is not
-- kept.
ALTER TABLE directory ADD COLUMN edition BIGINT NOT NULL DEFAULT 0;

-- Whoever is not the directory's own is looked for by what the API calls them, group by group.
CREATE INDEX membership_word ON membership (directory, group_id, member_key)
    WHERE member_kind IN ('external', 'customer');
