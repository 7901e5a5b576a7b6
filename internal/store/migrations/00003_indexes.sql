-- +goose Up

-- The directories of an organization in their order.
DROP INDEX organization_directory_organization;
CREATE INDEX organization_directory_organization ON organization_directory (tenant_id, organization_id, directory_id);

-- Groups that are internal sponsors: their members are.
CREATE TABLE organization_sponsor_group (
    tenant_id       TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    entry_id        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, entry_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES directory_entry (tenant_id, id)
);
CREATE INDEX organization_sponsor_group_entry ON organization_sponsor_group (tenant_id, entry_id);

-- The words of a thing: those of one kind lie together, so that going through a
-- list of some thousands does not touch the words of all.
DROP INDEX search_word_object;
CREATE INDEX search_word_object ON search_word (tenant_id, kind, object_id, word);
