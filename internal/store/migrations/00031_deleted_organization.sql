-- +goose Up

-- Connected organizations that were deleted stayed in the policies that named them. Rows
-- of offer and offer_word for their people match nobody; the next change of the policy
-- replaces them.
DELETE FROM policy_subject WHERE kind = 'connectedOrganizationMembers'
    AND NOT EXISTS (SELECT 1 FROM organization org
        WHERE org.tenant_id = policy_subject.tenant_id AND org.id = policy_subject.subject_id);
