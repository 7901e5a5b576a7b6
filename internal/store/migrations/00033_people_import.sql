-- +goose Up

-- Files of people that administrators import, in steps.
CREATE TABLE people_import (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id        TEXT NOT NULL,
    by_id     TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('mapping', 'checking', 'checked', 'running', 'done', 'stopped')),
    reading   JSONB NOT NULL,
    lines     BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    content   BYTEA, -- the file, compressed and encrypted; NULL when the import has ended
    created   BIGINT NOT NULL,
    ended     BIGINT,
    version   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, by_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX people_import_by ON people_import (tenant_id, by_id, id);
CREATE INDEX people_import_busy ON people_import (id) WHERE state IN ('checking', 'running');

-- What would happen to each line, and then what has happened.
CREATE TABLE people_import_line (
    tenant_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    line      BIGINT NOT NULL,
    outcome   TEXT NOT NULL,
    address   TEXT NOT NULL,
    name      TEXT NOT NULL,
    detail    JSONB NOT NULL,
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES people_import (tenant_id, id)
);
CREATE INDEX people_import_line_outcome ON people_import_line (tenant_id, import_id, outcome, line);
