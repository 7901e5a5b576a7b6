-- +goose Up

-- The people and groups that approve in the stages of a policy, copied from its
-- terms, so that the policies of an approver are found by an index. Stages count
-- from 1.
CREATE TABLE policy_approver (
    tenant_id  TEXT NOT NULL,
    policy_id  TEXT NOT NULL,
    stage      BIGINT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('singleUser', 'groupMembers')),
    subject_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, policy_id, stage, kind, subject_id),
    FOREIGN KEY (tenant_id, policy_id) REFERENCES policy (tenant_id, id)
);
CREATE INDEX policy_approver_subject ON policy_approver (tenant_id, subject_id, policy_id, stage);
