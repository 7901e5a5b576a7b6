-- +goose Up

-- A known text, encrypted with the key of the secrets: it tells whether a key fits. Only
-- the program adds the row, at its first start.
CREATE TABLE key_check (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BYTEA NOT NULL
);
