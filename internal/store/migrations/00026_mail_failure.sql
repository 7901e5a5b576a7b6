-- +goose Up

-- Why the mail server did not accept the message at the last attempt, and when an
-- administrator has put it into the queue again; NULL if nobody has.
ALTER TABLE mail ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN queued_again BIGINT;
