-- Runs that take back what another run did.

ALTER TABLE run
    DROP CONSTRAINT run_kind_check,
    ADD CONSTRAINT run_kind_check CHECK (kind IN ('full', 'incremental', 'on_demand', 'audit', 'undo'));
