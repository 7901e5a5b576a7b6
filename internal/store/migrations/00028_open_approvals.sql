-- +goose Up

-- Who the request of an open stage is for and by, empty if by nobody: they cannot decide.
-- So pages count pending approvals without reading requests. Closed stages may lack them.
ALTER TABLE request_approver ADD COLUMN target_id TEXT NOT NULL DEFAULT '';
ALTER TABLE request_approver ADD COLUMN requestor_id TEXT NOT NULL DEFAULT '';
UPDATE request_approver SET closed = 0 WHERE closed IS NULL AND NOT EXISTS (SELECT 1 FROM request req
    WHERE req.tenant_id = request_approver.tenant_id AND req.id = request_approver.request_id
    AND req.state = 'pendingApproval');
UPDATE request_approver SET target_id = (SELECT req.target_id FROM request req
        WHERE req.tenant_id = request_approver.tenant_id AND req.id = request_approver.request_id),
    requestor_id = (SELECT COALESCE(req.requestor_id, '') FROM request req
        WHERE req.tenant_id = request_approver.tenant_id AND req.id = request_approver.request_id)
    WHERE closed IS NULL;

-- Closed and open stages have an index each.
DROP INDEX request_approver_use;

-- One index finds the requests of a requestor and the one that a form made.
DROP INDEX request_form;
DROP INDEX request_requestor;
CREATE UNIQUE INDEX request_form ON request (tenant_id, requestor_id, form_key);

-- What a requestor has withdrawn, the newest first.
CREATE INDEX request_withdrawn ON request (tenant_id, requestor_id, completed) WHERE state = 'canceled';
