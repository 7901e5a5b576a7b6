package storetest

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// AuditTrail prints the audit records of a tenant as lines, so that a test can write out
// what it expects.
type AuditTrail struct {
	world  *World
	tenant access.TenantID
	names  []string // ids and their names in turn
	seen   int      // records that have been compared
}

// AuditTrail returns the trail of the world's tenant from now on.
func (w *World) AuditTrail() *AuditTrail {
	w.t.Helper()
	a := w.AuditTrailOf(w.Tenant.ID)
	a.Skip()
	return a
}

// AuditTrailOf returns the trail of a tenant from the beginning.
func (w *World) AuditTrailOf(t access.TenantID) *AuditTrail {
	a := &AuditTrail{world: w, tenant: t}
	for id, name := range map[string]string{
		string(w.Tenant.ID): "Meridian Works", string(w.Harbor.ID): "Harbor Studio", string(w.Other.ID): "Elsewhere",
		string(w.Partner.ID): "Harbor Studio", string(w.Catalog.ID): "Projects", string(w.Lena.ID): "Lena Berg",
		string(w.Omar.ID): "Omar Haddad", string(w.Ida.ID): "Ida Falk", string(w.Reviewers.ID): "Reviewers",
	} {
		a.Name(name, id)
	}
	return a
}

// Name makes lines show the name instead of the id.
func (a *AuditTrail) Name(name, id string) { a.names = append(a.names, id, name) }

// Skip skips the records that have been written since the last call.
func (a *AuditTrail) Skip() { a.seen = len(a.records()) }

// Want fails the test unless exactly these records have been written since the
// last call, in this order. A line is
//
//	actor | activity | object kind and name | from > to | reason | request
//
// in which "-" is an empty field, and empty fields at the end are left out. The request is
// that of a record about another object.
func (a *AuditTrail) Want(want ...string) {
	a.world.t.Helper()
	a.compare(want, a.next())
}

// WantAnyOrder is Want for records whose order is not part of the contract.
func (a *AuditTrail) WantAnyOrder(want ...string) {
	a.world.t.Helper()
	got := a.next()
	slices.Sort(got)
	slices.Sort(want)
	a.compare(want, got)
}

func (a *AuditTrail) compare(want, got []string) {
	a.world.t.Helper()
	if !slices.Equal(want, got) {
		a.world.t.Errorf("audit records:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (a *AuditTrail) records() []access.AuditRecord {
	a.world.t.Helper()
	all, err := a.world.AuditLog(context.Background(), a.tenant)
	if err != nil {
		a.world.t.Fatal(err)
	}
	return all
}

// next returns the lines since the last call.
func (a *AuditTrail) next() []string {
	a.world.t.Helper()
	all := a.records()
	var lines []string
	names := strings.NewReplacer(a.names...)
	for _, r := range all[a.seen:] {
		lines = append(lines, names.Replace(auditLine(r)))
	}
	a.seen = len(all)
	return lines
}

func auditLine(r access.AuditRecord) string {
	fields := []string{string(r.Actor), string(r.Activity), string(r.ObjectKind) + " " + r.ObjectID, "", r.Reason, ""}
	if r.Actor == "" {
		fields[0] = "system"
	}
	if r.OnBehalfOf != "" {
		fields[0] += " for " + string(r.OnBehalfOf)
	}
	if r.From != "" || r.To != "" {
		fields[3] = strings.TrimSpace(r.From + " > " + r.To)
	}
	if string(r.Request) != r.ObjectID {
		fields[5] = string(r.Request)
	}
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	for i, f := range fields {
		if f == "" {
			fields[i] = "-"
		}
	}
	return strings.Join(fields, " | ")
}
