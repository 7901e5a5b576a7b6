-- +goose Up

-- The address of a person in canonical form (package mailaddr), empty if the person
-- has none that can be parsed. It identifies people who have not signed in yet. The
-- column email_key was folded for searching, which maps different addresses to one;
-- search_word has the words that people are searched by.
DROP INDEX person_email;
ALTER TABLE person DROP COLUMN email_key;
ALTER TABLE person ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX person_address ON person (tenant_id, address, id);
