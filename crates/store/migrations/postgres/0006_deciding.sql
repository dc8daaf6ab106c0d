-- The accounts that somebody else switched off, found without reading those that Usher suspended.
CREATE INDEX account_off_by_others ON account (app, is_suspended_by_us, user_id)
    WHERE state = 'suspended' AND is_suspended_by_us = 0;
