-- What every other migration stands on.

-- Which migrations were applied, and in which form.
CREATE TABLE migration (
    name TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the migration's text, as hex.
    checksum TEXT NOT NULL
) STRICT;

-- Facts about the database itself. `canary` is sealed with the key, so that a wrong key is found out at the start.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
