-- +goose Up

-- Items of jobs that failed, which are not tried again before next_try. A row of an
-- item that has been handled since has no effect and is deleted later.
CREATE TABLE job_retry (
    job       TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    item_id   TEXT NOT NULL,
    attempts  BIGINT NOT NULL, -- failures in a row
    next_try  BIGINT NOT NULL,
    PRIMARY KEY (job, tenant_id, item_id)
);
CREATE INDEX job_retry_next ON job_retry (next_try);
