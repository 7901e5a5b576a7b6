-- +goose Up

-- A person who was merged into another one keeps its row, for what is told of the past
-- and for the account, which leads to the other one.
ALTER TABLE person ADD COLUMN merged_into TEXT;
CREATE INDEX person_merged ON person (tenant_id, merged_into) WHERE merged_into IS NOT NULL;

-- Proposals to merge two people that are not confirmed yet.
CREATE TABLE merge_proposal (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    from_id     TEXT NOT NULL,
    into_id     TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    reason      TEXT NOT NULL,
    created     BIGINT NOT NULL,
    proved_id   TEXT, -- the one who has signed in first
    proof_key   TEXT NOT NULL,
    proved      BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, from_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, into_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX merge_proposal_from ON merge_proposal (tenant_id, from_id);
CREATE INDEX merge_proposal_into ON merge_proposal (tenant_id, into_id);
CREATE INDEX person_sponsor_sponsor ON person_sponsor (tenant_id, sponsor_id, person_id);
