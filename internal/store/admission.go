package store

import (
	"context"

	"myaccess/internal/access"
)

// Admission is how people of the directory come into the tenant now. What follows from
// policies is read every time, because their changes raise no rights version.
func (r *Reader) Admission(ctx context.Context, t access.TenantID,
	dir access.DirectoryID) (access.Admission, error) {
	type known struct {
		access.TenantID
		access.DirectoryID
	}
	type line struct {
		access.Admission
		organization access.OrganizationID // proposed
		settings     access.Settings
	}
	l, err := cachedForTenant(r, t, known{t, dir}, func() (line, error) {
		return queryOne(ctx, r, func(l *line) []column {
			return []column{
				{"ten.name", &l.Tenant},
				{"ten.settings", jsonValue{&l.settings}},
				{"dir.name", &l.Directory},
				{"dir.kind", &l.Kind},
				{"dir.enabled", &l.Enabled},
				{"COALESCE(dir.successor_id, '')", &l.Successor},
				{"ten.directory_id = dir.id", &l.Own},
				{"dir.owner_id IN ('', ten.id)", &l.Visible},
				{"COALESCE(org.state = 'configured', FALSE)", &l.Connected},
				{"COALESCE(CASE WHEN org.state = 'proposed' THEN org.id END, '')", &l.organization},
				{`COALESCE((SELECT string_agg(dom.name, ' ' ORDER BY dom.position) FROM directory_domain dom
					WHERE dom.directory_id = dir.id AND dom.proof <> 'pending'), '')`, scanWords[access.Domain]{&l.Domains}},
			}
		}, `SELECT {columns} FROM tenant ten JOIN directory dir ON dir.id = $2
			LEFT JOIN organization_directory od ON od.tenant_id = ten.id AND od.directory_id = dir.id
			LEFT JOIN organization org ON org.tenant_id = od.tenant_id AND org.id = od.organization_id
			WHERE ten.id = $1`, t, dir)
	})
	a := l.Admission
	a.Passcodes = l.settings.Passcode
	if err != nil || a.Own || a.Connected || !a.Visible {
		return a, err
	}
	if l.organization != "" {
		if a.Connected, err = r.NamedByPolicy(ctx, t, l.organization); err != nil || a.Connected {
			return a, err
		}
	}
	a.Open, err = r.OpenToAnyone(ctx, t)
	return a, err
}

// NamedByPolicy reports whether a policy names the connected organization.
func (r *Reader) NamedByPolicy(ctx context.Context, t access.TenantID, id access.OrganizationID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.PolicyID], `SELECT ps.policy_id FROM policy_subject ps
		WHERE ps.tenant_id = $1 AND ps.subject_id = $2 AND ps.kind = 'connectedOrganizationMembers' LIMIT 1`, t, id)
	return ok, err
}

// wayIn is the admission of people of the directory: that of its successor, if they are
// carried over to it when they sign in there.
func (r *Reader) wayIn(ctx context.Context, t access.TenantID, dir access.DirectoryID) (access.Admission, error) {
	a, err := r.Admission(ctx, t, dir)
	if err != nil || a.Successor == "" {
		return a, err
	}
	return r.Admission(ctx, t, a.Successor)
}

// CheckAdmitted refuses a person of a directory that has no way into the tenant now
// (access.Admission). Those who are not carried over yet have the way of the provider.
func (r *Reader) CheckAdmitted(ctx context.Context, p access.Person) error {
	a, err := r.wayIn(ctx, p.Tenant, p.Directory)
	if err != nil {
		return err
	}
	return a.CheckPerson(p)
}

// CheckWayIn refuses a person who cannot enter the tenant now: disabled, or not admitted.
func (r *Reader) CheckWayIn(ctx context.Context, p access.Person) error {
	if p.Disabled {
		return access.Refuse(access.Forbidden, "This account has been disabled by an administrator.")
	}
	return r.CheckAdmitted(ctx, p)
}

// WithWayIn returns the people of the tenant who can enter it now (CheckWayIn). It reads
// each directory once.
func (r *Reader) WithWayIn(ctx context.Context, t access.TenantID, people []access.Person) ([]access.Person, error) {
	admissions := map[access.DirectoryID]access.Admission{}
	var in []access.Person
	for _, p := range people {
		a, ok := admissions[p.Directory]
		if !ok {
			var err error
			if a, err = r.wayIn(ctx, t, p.Directory); err != nil {
				return nil, err
			}
			admissions[p.Directory] = a
		}
		if !p.Disabled && a.CheckPerson(p) == nil {
			in = append(in, p)
		}
	}
	return in, nil
}

// HasWayIn reports whether CheckWayIn refuses nothing.
func (r *Reader) HasWayIn(ctx context.Context, p access.Person) (bool, error) {
	err := r.CheckWayIn(ctx, p)
	if access.KindOf(err) == access.Forbidden && err != nil {
		return false, nil
	}
	return err == nil, err
}
