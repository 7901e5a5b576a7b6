-- +goose Up

-- The address that the person typed, and the prompt that the provider was sent; empty if
-- none. A session has that of its sign-in.
ALTER TABLE attempt ADD COLUMN login_hint TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN prompt TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN prompt TEXT NOT NULL DEFAULT '';
