-- The log, the newest first: of all, of one kind, of one run, of one person. Lines of one instant stand in the order of the rest of the key.
DROP INDEX event_by_time;
CREATE INDEX event_by_time ON event (app, at, run, seq, kind);
CREATE INDEX event_by_kind ON event (app, kind, at, run, seq);
CREATE INDEX event_by_run ON event (app, run, at, seq, kind);
DROP INDEX event_by_user;
CREATE INDEX event_by_user ON event (app, user_id, at, run, seq, kind);

-- The few members that are groups, or everyone, without reading those that are people.
DROP INDEX membership_nested;
CREATE INDEX membership_nested ON membership (directory, group_id, member_key, member_kind)
    WHERE member_kind IN ('group', 'customer');
