-- +goose Up

-- The session that the browser had when the sign-in began; empty if it had none. The
-- session may have ended since.
ALTER TABLE attempt ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
