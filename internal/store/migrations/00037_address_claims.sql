-- +goose Up

-- The claims that hold the address and the name; empty for the usual ones.
ALTER TABLE directory ADD COLUMN email_claim TEXT NOT NULL DEFAULT '';
ALTER TABLE directory ADD COLUMN name_claim TEXT NOT NULL DEFAULT '';

-- What the provider sent as the address at the last sign-in, if that is not used. It is
-- shown and nothing else.
ALTER TABLE account ADD COLUMN sent_email TEXT NOT NULL DEFAULT '';
CREATE INDEX account_email_problem ON account (directory_id, email_problem) WHERE email_problem <> '';
