package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestRoleAssignmentCheck(t *testing.T) {
	person := ref(access.SubjectPerson, "lena")
	for i, r := range access.AdminRoles() {
		perCatalog := i >= 4
		if r.PerCatalog() != perCatalog {
			t.Errorf("%s is assigned per catalog: %v", r, r.PerCatalog())
		}
		for catalog, ok := range map[access.CatalogID]bool{"": !perCatalog, "projects": perCatalog} {
			want := "catalog"
			if ok {
				want = ""
			}
			wantFields(t, access.RoleAssignment{Role: r, Subject: person, Catalog: catalog}.Check(), want)
		}
	}
	wantFields(t, access.RoleAssignment{Role: "king", Subject: person}.Check(), "role")
	group := ref(access.SubjectGroup, "crew")
	wantFields(t, access.RoleAssignment{Role: access.CatalogCreator, Subject: group}.Check(), "")
	for _, s := range []access.SubjectRef{ref(access.SubjectOrganization, "harbor"), ref("robot", "r2"), {}} {
		wantFields(t, access.RoleAssignment{Role: access.CatalogCreator, Subject: s}.Check(), "subject")
	}
	if access.AdminRole("king").PerCatalog() {
		t.Error("an unknown role is assigned per catalog")
	}
}
