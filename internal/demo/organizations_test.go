package demo

import (
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

func TestSampleOrganizations(t *testing.T) {
	const at = "http://localhost:1234"
	all, err := organizations(SampleWorkspace(at), at)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range all {
		names = append(names, o.Slug)
		if o.Issuer != at+"/idp/"+o.Slug || len(o.People) < 3 {
			t.Errorf("%s has the issuer %s and %d people", o.Name, o.Issuer, len(o.People))
		}
		var subjects []string
		for _, p := range o.People {
			d, ok := mailaddr.DomainOf(p.Email)
			if !ok || !slices.Contains(o.Domains, string(d)) || slices.Contains(subjects, p.Subject) {
				t.Errorf("%s: %+v is not one of its people, or twice", o.Name, p)
			}
			subjects = append(subjects, p.Subject)
		}
	}
	if !slices.Equal(names, []string{"meridian", "northlight", "harbor"}) {
		t.Errorf("got %q", names)
	}
	if strings.Contains(string(SampleWorkspace(at)), sampleConsoleURL) {
		t.Error("the sample still names the other console")
	}
	if all[2].Tenant || !all[0].Tenant || len(all[0].Partners) != 2 {
		t.Errorf("got %+v", all)
	}
}

func TestOrganizationsOfOtherFiles(t *testing.T) {
	const at = "http://localhost:8081"
	file := func(issuers ...string) []byte {
		text := "directories:\n"
		for i, issuer := range issuers {
			text += "  - displayName: D" + string(rune('a'+i)) + "\n    domains: [d" + string(rune('a'+i)) +
				".example]\n    provider: {issuer: '" + issuer + "', clientId: x}\n"
		}
		return []byte(text)
	}
	if all, err := organizations(file("https://login.example", at+"/idp/d"), at); err != nil || len(all) != 1 ||
		len(all[0].People) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
	for name, bad := range map[string][]byte{"not a file": []byte("x: ["), "twice": file(at+"/idp/d", at+"/idp/d"),
		"path": file(at + "/idp/a/b"), "no name": file(at + "/idp/")} {
		if _, err := organizations(bad, at); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestNewPerson(t *testing.T) {
	o := Organization{Domains: []string{"harbor.example", "harbor-lab.example"},
		People: partnerPeople([]string{"harbor.example"})}
	if p, err := o.NewPerson(" Zoë  Lang ", " Zoe@Harbor-lab.example "); err != nil || p.Name != "Zoë Lang" ||
		p.Subject != "by-address:zoe@harbor-lab.example" {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := o.NewPerson("Anybody", "mira@harbor.example"); err != nil || p.Subject != "mira" {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, bad := range [][2]string{
		{"", "zoe@harbor.example"}, {"Zoë", "zoe@meridian.example"}, {"Zoë", "harbor.example"}, {"Zoë", "a@b@harbor.example"},
		{"Zoë", "zoe@evil.harbor.example"}, {strings.Repeat("x", access.MaxNameLength+1), "zoe@harbor.example"},
		{"a\x00b", "zoe@harbor.example"},
	} {
		if p, err := o.NewPerson(bad[0], bad[1]); access.KindOf(err) != access.Invalid {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}
