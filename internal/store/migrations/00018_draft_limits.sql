-- +goose Up

-- The oldest drafts of an account and of a tenant are deleted when there are too
-- many. Those of before have no tenant, and expire within a day.
ALTER TABLE draft ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '';
CREATE INDEX draft_account ON draft (account_id, created, id);
CREATE INDEX draft_tenant ON draft (tenant_id, created, id);

-- Whether the patterns of the policy's questions are too complex to be checked, so
-- that nobody can request under it.
ALTER TABLE policy ADD COLUMN unusable BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX policy_unusable ON policy (tenant_id, sort_name, id) WHERE unusable;
