package access

import (
	"slices"
	"strings"
	"testing"
)

// TestMayChangeMembers: the members of a group are changed by who could name the group
// directly, in every place that names it (W-25).
func TestMayChangeMembers(t *testing.T) {
	role := func(r AdminRole, c CatalogID) GroupUse {
		return GroupUse{GroupName: "G", Kind: UseRole, Role: r, Catalog: c}
	}
	in := func(k GroupUseKind, c CatalogID) GroupUse { return GroupUse{GroupName: "G", Kind: k, Catalog: c} }
	tenant := func(r AdminRole) Rights { return Rights{Tenant: []AdminRole{r}} }
	catalog := func(r AdminRole) Rights { return Rights{Catalogs: map[CatalogID][]AdminRole{"c": {r}}} }
	people := map[string]Rights{
		"ga": tenant(GlobalAdministrator), "iga": tenant(IdentityGovernanceAdministrator),
		"coa": tenant(ConnectedOrganizationAdministrator), "creator": tenant(CatalogCreator),
		"owner": catalog(CatalogOwner), "reader": catalog(CatalogReader), "manager": catalog(AccessPackageManager),
		"assigner": catalog(AccessPackageAssignmentManager), "nobody": {},
	}
	for name, c := range map[string]struct {
		uses []GroupUse
		may  string // who may
		says string // to those who may not
	}{
		"nothing":              {nil, "ga iga coa creator owner reader manager assigner nobody", ""},
		"global administrator": {[]GroupUse{role(GlobalAdministrator, "")}, "ga", "Only a global administrator"},
		"governance": {[]GroupUse{role(IdentityGovernanceAdministrator, "")}, "ga",
			"Only a global administrator"},
		"creator":             {[]GroupUse{role(CatalogCreator, "")}, "ga", "Only a global administrator"},
		"catalog owner":       {[]GroupUse{role(CatalogOwner, "c")}, "ga iga owner", "Only an owner of that catalog"},
		"reader of another":   {[]GroupUse{role(CatalogReader, "other")}, "ga iga", "Only an owner of that catalog"},
		"approver":            {[]GroupUse{in(UseApprover, "c")}, "ga iga owner manager", "manage the policies"},
		"approver in another": {[]GroupUse{in(UseApprover, "other")}, "ga iga", "manage the policies"},
		"audience": {[]GroupUse{in(UseAudience, "c")}, "ga iga owner manager assigner",
			"can assign that access package"},
		"audience in another":     {[]GroupUse{in(UseAudience, "other")}, "ga iga", "can assign that access package"},
		"sponsor":                 {[]GroupUse{in(UseSponsor, "")}, "ga iga coa", "connected organization administrator"},
		"every place that it has": {[]GroupUse{in(UseAudience, "c"), in(UseSponsor, "")}, "ga iga", "Only people who"},
		"the last place counts":   {[]GroupUse{in(UseSponsor, ""), in(UseApprover, "c")}, "ga iga", "Only"},
	} {
		for who, rights := range people {
			err := rights.MayChangeMembers(c.uses)
			if may := slices.Contains(strings.Fields(c.may), who); may != (err == nil) {
				t.Errorf("%s, %s: %v", name, who, err)
			}
			switch {
			case err == nil:
			case KindOf(err) != Forbidden || !strings.Contains(err.Error(), "“G”"):
				t.Errorf("%s, %s: %v", name, who, err)
			case who == "nobody" && !strings.Contains(err.Error(), c.says):
				t.Errorf("%s: %v does not say %q", name, err, c.says)
			}
		}
	}
}

// TestMayNameGroup: a group that access packages deliver gets no role, and other rights
// only by who can assign the packages (W-25).
func TestMayNameGroup(t *testing.T) {
	here := []GroupPackage{{Package: "p", Name: "Tidal", Catalog: "c"}}
	both := append(slices.Clone(here), GroupPackage{Package: "q", Name: "Quay", Catalog: "other"})
	owner := Rights{Catalogs: map[CatalogID][]AdminRole{"c": {CatalogOwner}}}
	assigner := Rights{Catalogs: map[CatalogID][]AdminRole{"c": {AccessPackageAssignmentManager}}}
	global, nobody := Rights{Tenant: []AdminRole{GlobalAdministrator}}, Rights{}
	for name, c := range map[string]struct {
		by       Rights
		kind     GroupUseKind
		packages []GroupPackage
		want     ErrorKind
		says     string // empty if it is allowed
	}{
		"no package":             {nobody, UseRole, nil, 0, ""},
		"a role":                 {owner, UseRole, here, Conflict, "The access package “Tidal” adds people to “G”"},
		"a role, by the highest": {global, UseRole, here, Conflict, "Remove the group from the access package first."},
		"a role, unseen":         {nobody, UseRole, here, Conflict, "An access package in another catalog"},
		"approver":               {owner, UseApprover, here, 0, ""},
		"approver, both":         {owner, UseApprover, both, Forbidden, "in another catalog adds people to “G”"},
		"approver, by all":       {global, UseApprover, both, 0, ""},
		"audience":               {assigner, UseAudience, here, 0, ""},
		"audience, other":        {nobody, UseAudience, here, Forbidden, "Only people who can assign that access package"},
		"sponsor":                {nobody, UseSponsor, here, Forbidden, "in another catalog"},
	} {
		err := c.by.MayNameGroup(c.kind, "G", c.packages)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says == "":
		case err == nil || KindOf(err) != c.want || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %v", name, err)
		case strings.Contains(err.Error(), "Tidal") != (c.by.MayInCatalog(ReadCatalog, "c") == nil && c.kind == UseRole):
			t.Errorf("%s names what the reader may not see, or not what helps: %v", name, err)
		}
	}
}

// TestMayManagePerson: people with a role are disabled only by who could assign it (W-26).
func TestMayManagePerson(t *testing.T) {
	for name, c := range map[string]struct {
		by    AdminRole
		their []AdminRole
		may   bool
	}{
		"nobody's role": {IdentityGovernanceAdministrator, nil, true},
		"the same role": {IdentityGovernanceAdministrator, []AdminRole{IdentityGovernanceAdministrator}, true},
		"a lower role":  {IdentityGovernanceAdministrator, []AdminRole{CatalogCreator}, true},
		"the highest": {IdentityGovernanceAdministrator, []AdminRole{CatalogCreator, GlobalAdministrator},
			false},
		"the highest, by the same":    {GlobalAdministrator, []AdminRole{GlobalAdministrator}, true},
		"higher than an organization": {ConnectedOrganizationAdministrator, []AdminRole{CatalogCreator}, false},
	} {
		err := Rights{Tenant: []AdminRole{c.by}}.MayManagePerson("Ana", Rights{Tenant: c.their})
		if c.may != (err == nil) ||
			err != nil && (KindOf(err) != Forbidden || !strings.HasPrefix(err.Error(), "Ana has a role")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
