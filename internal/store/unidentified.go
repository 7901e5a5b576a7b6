package store

import (
	"context"

	"myaccess/internal/access"
)

// firstUnidentified is the query for the first person, by name, whose id the query has and
// who has no account, where people do not sign in with passcodes.
func firstUnidentified(ids string) string {
	return `SELECT {columns} FROM (` + ids + `) AS ids CROSS JOIN person per CROSS JOIN directory dir
		WHERE per.tenant_id = $1 AND per.id = ids.id AND per.account_id IS NULL AND per.merged_into IS NULL
		AND dir.id = per.directory_id AND dir.kind <> 'passcode' ORDER BY per.sort_name, per.id LIMIT 1`
}

// UnidentifiedMember is the first person without an account who is a member of the group,
// or holds an access package that makes people its members. People who sign in with
// passcodes do not count.
func (r *Reader) UnidentifiedMember(ctx context.Context, t access.TenantID,
	group access.EntryID) (access.Person, bool, error) {
	return queryOptional(ctx, r, personColumns, firstUnidentified(`SELECT mem.person_id AS id FROM directory_member mem
			WHERE mem.tenant_id = $1 AND mem.entry_id = $2 AND mem.role = 'Member'
		UNION SELECT asg.person_id FROM target tgt CROSS JOIN resource res CROSS JOIN resource_role rr
			CROSS JOIN package_role pr CROSS JOIN assignment asg
			WHERE tgt.tenant_id = $1 AND tgt.kind = 'directory' AND res.tenant_id = $1 AND res.target_id = tgt.id
			AND res.external_id = $2 AND rr.tenant_id = $1 AND rr.resource_id = res.id AND rr.external_id = 'Member'
			AND pr.tenant_id = $1 AND pr.role_id = rr.id AND asg.tenant_id = $1 AND asg.package_id = pr.package_id
			AND asg.state <> 'expired'`), t, group)
}

// UnidentifiedHolder is the first person without an account who holds the package. People
// who sign in with passcodes do not count.
func (r *Reader) UnidentifiedHolder(ctx context.Context, t access.TenantID,
	id access.PackageID) (access.Person, bool, error) {
	return queryOptional(ctx, r, personColumns, firstUnidentified(`SELECT asg.person_id AS id FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired'`), t, id)
}
