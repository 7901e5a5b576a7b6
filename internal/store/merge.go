package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func mergeColumns(m *access.MergeProposal) []column {
	return []column{
		{"mrg.id", &m.ID},
		{"mrg.tenant_id", &m.Tenant},
		{"mrg.from_id", &m.From},
		{"mrg.into_id", &m.Into},
		{"mrg.proposed_by", &m.By},
		{"mrg.reason", &m.Reason},
		{"mrg.created", scanTime{&m.Created}},
		{"COALESCE(mrg.proved_id, '')", &m.Proved},
		{"mrg.proof_key", &m.ProofKey},
		{"mrg.proved", scanTime{&m.ProvedAt}},
	}
}

// MergeProposal is the proposal with the id.
func (r *Reader) MergeProposal(ctx context.Context, t access.TenantID,
	id access.MergeID) (access.MergeProposal, error) {
	return queryOne(ctx, r, mergeColumns, `SELECT {columns} FROM merge_proposal mrg WHERE mrg.tenant_id = $1
		AND mrg.id = $2`, t, id)
}

// MergeProposals are up to limit open proposals, the oldest first.
func (r *Reader) MergeProposals(ctx context.Context, t access.TenantID, limit int) ([]access.MergeProposal, error) {
	return queryAll(ctx, r, mergeColumns, `SELECT {columns} FROM merge_proposal mrg WHERE mrg.tenant_id = $1
		ORDER BY mrg.id LIMIT $2`, t, int64(limit))
}

// MergeProposalsOf are the open proposals about the person.
func (r *Reader) MergeProposalsOf(ctx context.Context, t access.TenantID,
	p access.PersonID) ([]access.MergeProposal, error) {
	return queryAll(ctx, r, mergeColumns, `SELECT {columns} FROM merge_proposal mrg WHERE mrg.tenant_id = $1
		AND (mrg.from_id = $2 OR mrg.into_id = $2) ORDER BY mrg.id`, t, p)
}

// AddMergeProposal adds a proposal.
func (tx *Tx) AddMergeProposal(ctx context.Context, m access.MergeProposal) error {
	return tx.exec(ctx, `INSERT INTO merge_proposal (tenant_id, id, from_id, into_id, proposed_by, reason, created,
		proof_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '')`, m.Tenant, m.ID, m.From, m.Into, m.By, m.Reason, ms(tx.Now))
}

// SaveMergeProof stores which of the two has signed in to confirm the proposal.
func (tx *Tx) SaveMergeProof(ctx context.Context, m access.MergeProposal) error {
	return tx.execOne(ctx, `UPDATE merge_proposal SET proved_id = $3, proof_key = $4, proved = $5
		WHERE tenant_id = $1 AND id = $2`, m.Tenant, m.ID, m.Proved, m.ProofKey, ms(m.ProvedAt))
}

// DeleteMergeProposal deletes a proposal. It returns a Conflict if it is gone already.
func (tx *Tx) DeleteMergeProposal(ctx context.Context, m access.MergeProposal) error {
	return tx.execOne(ctx, `DELETE FROM merge_proposal WHERE tenant_id = $1 AND id = $2`, m.Tenant, m.ID)
}

// UndecidedRequests are the requests to add a package to the person that are not decided, or
// wait for their start.
func (r *Reader) UndecidedRequests(ctx context.Context, t access.TenantID,
	p access.PersonID) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req WHERE req.tenant_id = $1
		AND req.target_id = $2 AND req.state IN ('submitted', 'pendingApproval', 'scheduled')
		AND req.type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd') ORDER BY req.id`, t, p)
}

// PoliciesNaming are up to limit policies that name the person, as someone who may
// request or as an approver.
func (r *Reader) PoliciesNaming(ctx context.Context, t access.TenantID, p access.PersonID,
	limit int) ([]access.Policy, error) {
	all, err := queryAll(ctx, r, policyColumns, `SELECT {columns} FROM policy pol WHERE pol.tenant_id = $1 AND pol.id IN (
			SELECT pa.policy_id FROM policy_approver pa WHERE pa.tenant_id = $1 AND pa.subject_id = $2
			UNION SELECT ps.policy_id FROM policy_subject ps WHERE ps.tenant_id = $1 AND ps.subject_id = $2
			AND ps.kind = 'singleUser' AND ps.policy_id > '')
		ORDER BY pol.id LIMIT $3`, t, p, int64(limit))
	if err != nil {
		return nil, err
	}
	return all, r.addTargets(ctx, t, all)
}

// grantedMembership is the condition that an access package gives the membership mem, or
// is about to remove it.
const grantedMembership = `EXISTS (SELECT 1 FROM role_grant gr
	JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
	JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
	JOIN target tgt ON tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id
	WHERE gr.tenant_id = mem.tenant_id AND gr.person_id = mem.person_id AND gr.state <> 'removed'
	AND rr.external_id = mem.role AND res.external_id = mem.entry_id AND tgt.kind = 'directory')`

// mergeSteps are the statements that move what belongs to the person $2 to the person $3
// of the tenant $1. Where both have the same, one of the two is dropped first. What
// delivery has done is not moved: it follows from the assignments. Decisions and history
// are never changed; they name the person that decided.
func mergeSteps() []string {
	return []string{
		`UPDATE assignment SET person_id = $3 WHERE tenant_id = $1 AND person_id = $2`,
		`UPDATE request SET target_id = $3 WHERE tenant_id = $1 AND target_id = $2`,
		`UPDATE request SET requestor_id = $3 WHERE tenant_id = $1 AND requestor_id = $2`,
		`UPDATE request_approver SET target_id = $3 WHERE tenant_id = $1 AND target_id = $2 AND closed IS NULL
			AND request_id IN (SELECT req.id FROM request req WHERE req.tenant_id = $1 AND req.target_id = $3)`,
		`UPDATE request_approver SET requestor_id = $3 WHERE tenant_id = $1 AND requestor_id = $2 AND closed IS NULL
			AND request_id IN (SELECT req.id FROM request req WHERE req.tenant_id = $1 AND req.requestor_id = $3)`,
		`INSERT INTO request_approver (tenant_id, request_id, stage, kind, subject_id, closed, target_id, requestor_id)
			SELECT apv.tenant_id, apv.request_id, apv.stage, apv.kind, $3, apv.closed, apv.target_id, apv.requestor_id
			FROM request_approver apv WHERE apv.tenant_id = $1 AND apv.subject_id = $2 AND apv.closed IS NULL
			ON CONFLICT DO NOTHING`,
		`INSERT INTO request_approver (tenant_id, request_id, stage, kind, subject_id, closed)
			SELECT apv.tenant_id, apv.request_id, apv.stage, apv.kind, $3, apv.closed
			FROM request_approver apv WHERE apv.tenant_id = $1 AND apv.subject_id = $2 AND apv.closed IS NOT NULL
			ON CONFLICT DO NOTHING`,
		`DELETE FROM request_approver WHERE tenant_id = $1 AND subject_id = $2 AND closed IS NULL`,
		`DELETE FROM request_approver WHERE tenant_id = $1 AND subject_id = $2 AND closed IS NOT NULL`,
		`INSERT INTO role_assignment (tenant_id, role, subject_kind, subject_id, catalog_id)
			SELECT ra.tenant_id, ra.role, ra.subject_kind, $3, ra.catalog_id FROM role_assignment ra
			WHERE ra.tenant_id = $1 AND ra.subject_id = $2 ON CONFLICT DO NOTHING`,
		`DELETE FROM role_assignment WHERE tenant_id = $1 AND subject_id = $2`,
		`INSERT INTO directory_member (tenant_id, entry_id, role, person_id)
			SELECT mem.tenant_id, mem.entry_id, mem.role, $3 FROM directory_member mem
			WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND NOT ` + grantedMembership + ` ON CONFLICT DO NOTHING`,
		`DELETE FROM directory_member AS mem WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND NOT ` + grantedMembership,
		`INSERT INTO directory_owner (tenant_id, entry_id, person_id)
			SELECT own.tenant_id, own.entry_id, $3 FROM directory_owner own
			WHERE own.tenant_id = $1 AND own.person_id = $2 ON CONFLICT DO NOTHING`,
		`DELETE FROM directory_owner WHERE tenant_id = $1 AND person_id = $2`,
		`INSERT INTO organization_sponsor (tenant_id, organization_id, side, person_id)
			SELECT spo.tenant_id, spo.organization_id, spo.side, $3 FROM organization_sponsor spo
			WHERE spo.tenant_id = $1 AND spo.person_id = $2 ON CONFLICT DO NOTHING`,
		`DELETE FROM organization_sponsor WHERE tenant_id = $1 AND person_id = $2`,
		`INSERT INTO person_sponsor (tenant_id, person_id, sponsor_id)
			SELECT psp.tenant_id, psp.person_id, $3 FROM person_sponsor psp
			WHERE psp.tenant_id = $1 AND psp.sponsor_id = $2 AND psp.person_id <> $3 ON CONFLICT DO NOTHING`,
		`DELETE FROM person_sponsor WHERE tenant_id = $1 AND sponsor_id = $2`,
		`INSERT INTO person_sponsor (tenant_id, person_id, sponsor_id)
			SELECT psp.tenant_id, $3, psp.sponsor_id FROM person_sponsor psp
			WHERE psp.tenant_id = $1 AND psp.person_id = $2 AND psp.sponsor_id <> $3
			AND psp.sponsor_id NOT IN (SELECT psp.sponsor_id FROM person_sponsor psp WHERE psp.tenant_id = $1
			AND psp.person_id = $3)
			ORDER BY psp.sponsor_id LIMIT (SELECT ` + strconv.Itoa(access.MaxGuestSponsors) + ` - COUNT(*)
				FROM person_sponsor psp
				WHERE psp.tenant_id = $1 AND psp.person_id = $3)`,
		`DELETE FROM person_sponsor WHERE tenant_id = $1 AND person_id = $2`,
		`UPDATE person SET manager_id = $3 WHERE tenant_id = $1 AND manager_id = $2 AND id <> $3`,
		`UPDATE person SET merged_into = $3 WHERE tenant_id = $1 AND merged_into = $2`,
		`DELETE FROM merge_proposal WHERE tenant_id = $1 AND (from_id IN ($2, $3) OR into_id IN ($2, $3))`,
	}
}

// MergePerson moves everything that belongs to one person to another one, and makes the
// first a pointer to the second: it is in no list, has no rights, and its account signs in
// as the second. Their assignments and open requests must not concern the same packages.
func (tx *Tx) MergePerson(ctx context.Context, from, into access.Person) error {
	for _, step := range mergeSteps() {
		args := []any{from.Tenant, from.ID}
		if strings.Contains(step, "$3") {
			args = append(args, into.ID)
		}
		if err := tx.exec(ctx, step, args...); err != nil {
			return err
		}
	}
	account := from.Account
	if into.Account == "" {
		account = "" // it goes to into, whose sign-in it becomes
	}
	err := tx.exec(ctx, `UPDATE person SET merged_into = $3, account_id = $4, disabled = TRUE, manager_id = NULL,
		remove_due = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2`,
		from.Tenant, from.ID, into.ID, textOrNull(account))
	if err != nil {
		return err
	}
	if err := tx.indexWords(ctx, from.Tenant, wordsOfPerson, string(from.ID)); err != nil {
		return err
	}
	whole := into.Absorb(from)
	if into.Account == "" {
		whole.Account = from.Account
		if err := tx.moveCarried(ctx, from, into); err != nil {
			return err
		}
	}
	if err := tx.UpdatePerson(ctx, whole); err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE person SET directory_id = $3 WHERE tenant_id = $1 AND id = $2`, whole.Tenant, whole.ID,
		whole.Directory)
}

// moveCarried moves where from was carried over from to into, who gets the account.
func (tx *Tx) moveCarried(ctx context.Context, from, into access.Person) error {
	for id, p := range map[access.PersonID]access.Person{from.ID: {}, into.ID: from} {
		err := tx.exec(ctx, `UPDATE person SET carried_from = $3, carried_address = $4 WHERE tenant_id = $1 AND id = $2`,
			from.Tenant, id, textOrNull(p.CarriedFrom), p.CarriedAddress)
		if err != nil {
			return err
		}
	}
	return nil
}

// followMerged has, in the place of people who were merged into others, those others.
func (r *Reader) followMerged(ctx context.Context, t access.TenantID,
	subjects []access.SubjectRef) ([]access.SubjectRef, error) {
	var ids []string
	for _, s := range subjects {
		if s.Kind == access.SubjectPerson {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return subjects, nil
	}
	type merged struct{ from, into string }
	a := sqlq.Args{}
	found, err := queryAll(ctx, r, func(m *merged) []column {
		return []column{{"per.id", &m.from}, {"per.merged_into", &m.into}}
	}, `SELECT {columns} FROM person per WHERE per.tenant_id = `+a.Add(t)+` AND per.id IN `+sqlq.In(&a, ids)+`
		AND per.merged_into IS NOT NULL`, a.Values...)
	into := map[string]string{}
	for _, m := range found {
		into[m.from] = m.into
	}
	all := slices.Clone(subjects)
	for i, s := range all {
		if to := into[s.ID]; to != "" && s.Kind == access.SubjectPerson {
			all[i].ID = to
		}
	}
	return all, err
}
