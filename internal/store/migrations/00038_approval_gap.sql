-- +goose Up

-- When the approvers of the open stage were reminded last; NULL if they were not.
ALTER TABLE request ADD COLUMN reminded_at BIGINT;

-- Approval stages in which no one can decide, of which the owners of the catalog have a
-- mail already. A stage is counted from 1.
CREATE TABLE approval_gap (
    tenant_id TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('policy', 'request')),
    object_id TEXT NOT NULL,
    stage     BIGINT NOT NULL,
    found     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, object_id, stage)
);
