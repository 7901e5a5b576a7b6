-- +goose Up

-- Why the mail server did not accept the message at the last attempt, and when an
-- administrator has put it into the queue again; NULL if nobody has.
ALTER TABLE mail ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN queued_again BIGINT;
CREATE INDEX mail_given_up ON mail (tenant_id, created) WHERE sent IS NULL AND next_try IS NULL;
