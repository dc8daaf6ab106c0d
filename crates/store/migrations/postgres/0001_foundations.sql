-- What every other migration stands on.
--
-- Text is collated by its bytes ("C"), so that it sorts here as it does on SQLite and in Rust.

-- Rows as one JSON parameter: the same statement says json_rows here and json_each on SQLite.
CREATE FUNCTION json_rows(rows TEXT) RETURNS TABLE (value JSONB) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1000
    AS $$ SELECT row.value FROM jsonb_array_elements(CAST(rows AS JSONB)) AS row (value) $$;

-- As SQLite's function of this name.
CREATE FUNCTION unhex(digits TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT decode(digits, 'hex') $$;

-- Which migrations were applied, and in which form.
CREATE TABLE migration (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- SHA-256 of the migration's text, as hex.
    checksum TEXT COLLATE "C" NOT NULL
);

-- Facts about the database itself. `canary` is sealed with the key, so that a wrong key is found out at the start.
CREATE TABLE meta (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);
