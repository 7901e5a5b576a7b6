-- +goose Up

-- sent_for is the sign-in whose mail has the code of this one too; empty if a mail was
-- sent for this one. client is the network of the browser.
ALTER TABLE passcode ADD COLUMN sent_for TEXT NOT NULL DEFAULT '';
ALTER TABLE passcode ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE passcode ADD COLUMN spent BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX passcode_sent_for ON passcode (sent_for, client) WHERE sent_for <> '';
