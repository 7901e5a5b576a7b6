-- +goose Up

-- The last failed sign-ins of a reason in a tenant and at a directory. code, description
-- and detail are quoted wherever they are shown.
CREATE TABLE sign_in_failure (
    id           TEXT NOT NULL PRIMARY KEY,
    directory_id TEXT NOT NULL REFERENCES directory (id),
    tenant_id    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    reference    TEXT NOT NULL,
    account      TEXT NOT NULL,
    code         TEXT NOT NULL,
    description  TEXT NOT NULL,
    detail       TEXT NOT NULL,
    created      BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_directory ON sign_in_failure (directory_id, tenant_id, reason, created, id);
CREATE INDEX sign_in_failure_created ON sign_in_failure (created);

-- How many sign-ins failed in a day; day is its start in UTC.
CREATE TABLE sign_in_failure_day (
    directory_id TEXT NOT NULL REFERENCES directory (id),
    tenant_id    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    day          BIGINT NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (directory_id, tenant_id, reason, day)
);
CREATE INDEX sign_in_failure_day_day ON sign_in_failure_day (day);
