-- +goose Up

-- The directories of an organization in their order.
DROP INDEX organization_directory_organization;
CREATE INDEX organization_directory_organization ON organization_directory (tenant_id, organization_id, directory_id);

-- The words of a thing: those of one kind lie together, so that going through a
-- list of some thousands does not touch the words of all.
DROP INDEX search_word_object;
CREATE INDEX search_word_object ON search_word (tenant_id, kind, object_id, word);
