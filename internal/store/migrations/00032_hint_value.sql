-- +goose Up

-- What administrators entered for the domain hint: for the directory, and by domain. Until
-- now the domain was sent, which is no name of a connector: providers whose parameter takes
-- one get nothing until a value is entered.
ALTER TABLE directory ADD COLUMN hint_value TEXT NOT NULL DEFAULT '';
ALTER TABLE directory ADD COLUMN hint_values JSONB NOT NULL DEFAULT '{}';
