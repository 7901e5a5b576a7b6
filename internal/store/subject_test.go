package store_test

import (
	"fmt"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestSubjects checks that any number of subjects are read together; those of
// another tenant and unknown ones are missing from the result.
func TestSubjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		refs := []access.SubjectRef{
			{Kind: access.SubjectPerson, ID: string(w.Lena.ID)}, {Kind: access.SubjectPerson, ID: string(w.Omar.ID)},
			{Kind: access.SubjectPerson, ID: string(w.Lena.ID)},
			{Kind: access.SubjectGroup, ID: string(w.Reviewers.ID)}, {Kind: access.SubjectOrganization,
				ID: string(w.Partner.ID)},
			{Kind: access.SubjectPerson, ID: ""}, {Kind: "nothing", ID: string(w.Lena.ID)},
		}
		for i := range 1200 {
			refs = append(refs, access.SubjectRef{Kind: access.SubjectPerson, ID: fmt.Sprint("none", i)})
		}
		refs = append(refs, access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)})
		found, err := w.Subjects(t.Context(), w.Tenant.ID, refs)
		if err != nil || len(found.People) != 3 || found.People[w.Ida.ID].Name != w.Ida.Name ||
			len(found.Groups) != 1 || found.Groups[w.Reviewers.ID].Name != w.Reviewers.Name ||
			len(found.Organizations) != 1 || found.Organizations[w.Partner.ID].Name != w.Partner.Name {
			t.Errorf("%+v, %v", found, err)
		}
		if other, err := w.Subjects(t.Context(), "another", refs); err != nil ||
			len(other.People)+len(other.Groups)+len(other.Organizations) > 0 {
			t.Errorf("another tenant has %+v, %v", other, err)
		}
	})
}
