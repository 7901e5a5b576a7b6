package access

import (
	"testing"
)

// TestAdmission walks through what a way into a tenant needs: each case differs from one
// that is let in by a single fact.
func TestAdmission(t *testing.T) {
	partner := func(change func(*Admission)) Admission {
		a := Admission{Tenant: "Meridian Works", Directory: "Harbor Studio", Kind: DirectoryOpenID, Enabled: true,
			Domains: []Domain{"harbor.example", "harbor-lab.example"}, Visible: true, Connected: true}
		if change != nil {
			change(&a)
		}
		return a
	}
	mail := func(a *Admission) { a.Kind, a.Passcodes = DirectoryPasscode, true }
	for name, tt := range map[string]struct {
		admission Admission
		domain    Domain
		in        bool
	}{
		"a partner":           {partner(nil), "harbor.example", true},
		"its second domain":   {partner(nil), "harbor-lab.example", true},
		"without a domain":    {partner(nil), "", true},
		"a removed domain":    {partner(nil), "old.example", false},
		"all domains removed": {partner(func(a *Admission) { a.Domains = nil }), "", false},
		"switched off":        {partner(func(a *Admission) { a.Enabled = false }), "harbor.example", false},
		"not connected":       {partner(func(a *Admission) { a.Connected = false }), "harbor.example", false},
		"not connected, but for anyone": {partner(func(a *Admission) { a.Connected, a.Open = false, true }), "harbor.example",
			true},
		"of another tenant": {partner(func(a *Admission) { a.Visible = false }), "harbor.example", false},
		"of another tenant, for anyone": {partner(func(a *Admission) { a.Visible, a.Open = false, true }), "harbor.example",
			false},
		"own":                   {partner(func(a *Admission) { a.Own, a.Connected = true, false }), "harbor.example", true},
		"own, switched off":     {partner(func(a *Admission) { a.Own, a.Enabled = true, false }), "harbor.example", false},
		"own, a removed domain": {partner(func(a *Admission) { a.Own = true }), "old.example", false},
		"passcodes":             {partner(mail), "harbor.example", true},
		"passcodes that are turned off": {partner(func(a *Admission) {
			mail(a)
			a.Passcodes = false
		}), "harbor.example", false},
	} {
		err := tt.admission.CheckPerson(Person{Domain: tt.domain})
		if (err == nil) != tt.in || err != nil && KindOf(err) != Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}
