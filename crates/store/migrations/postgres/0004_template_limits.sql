-- What an app's limits ask to be kept: how old its token is, and what was taken out of texts that it would refuse.

-- When the app generated the token. NULL: nobody knows.
ALTER TABLE app ADD COLUMN token_created_at BIGINT;

-- JSON: what was taken out of the texts that the operation writes. NULL: nothing.
ALTER TABLE plan_operation ADD COLUMN cleaned TEXT COLLATE "C";
