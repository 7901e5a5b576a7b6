-- +goose Up

-- The domain of the recipient's address, and the slot that the lease of a message
-- takes of those that its domain has; NULL without a lease. Two leases of a domain
-- never have the same slot, which limits how many messages to it are in progress.
-- While a message is leased, next_try is the end of the lease.
ALTER TABLE mail ADD COLUMN domain TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN slot BIGINT;
DROP INDEX mail_due;
CREATE INDEX mail_queue ON mail (domain, next_try) WHERE next_try IS NOT NULL AND slot IS NULL;
CREATE INDEX mail_lease ON mail (next_try) WHERE slot IS NOT NULL;
CREATE UNIQUE INDEX mail_slot ON mail (domain, slot) WHERE slot IS NOT NULL;
