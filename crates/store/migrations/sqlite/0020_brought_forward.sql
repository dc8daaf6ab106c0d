-- When an admin said not to wait for the delay of what somebody is losing; NULL: nobody did.
ALTER TABLE account ADD COLUMN brought_forward INTEGER;
