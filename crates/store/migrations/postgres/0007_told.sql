-- How often an app's directory was told of a change: what came while a run was under way is not forgotten at its end.
ALTER TABLE app ADD COLUMN n_told BIGINT NOT NULL DEFAULT 0;
