package demo

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/workspace"
)

//go:embed workspace.yaml
var sample string

// sampleConsoleURL is the console's address in the sample file.
const sampleConsoleURL = "http://localhost:8081"

// Person is a person who can sign in at a development provider.
type Person struct {
	// Subject is the provider's permanent key for the person.
	Subject  string
	Name     string
	Email    string
	Language string // BCP 47
	Role     string // role at the organization, for display; may be empty
}

// Organization is a directory of the workspace file whose people sign in at the
// console's development provider.
type Organization struct {
	Slug    string // the last part of the issuer
	Issuer  string
	Name    string
	Domains []string
	Tenant  bool // it is a tenant of the portal
	Support string
	// Partners are its connected organizations.
	Partners []Partner
	People   []Person
}

// Partner is a connected organization on the console.
type Partner struct {
	Name   string
	Domain string // for the domain hint in links
}

// Person returns the person with the subject.
func (o Organization) Person(subject string) (Person, bool) {
	i := slices.IndexFunc(o.People, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return Person{}, false
	}
	return o.People[i], true
}

// NewPerson returns a person of the organization who is not in its list, with
// the mail address as key. Its domain must be one of the organization's.
func (o Organization) NewPerson(name, email string) (Person, error) {
	email = access.LowerASCII(strings.TrimSpace(email))
	name = strings.Join(strings.Fields(name), " ")
	d, ok := mailaddr.DomainOf(email)
	if !ok || strings.Count(email, "@") != 1 || len(email) > 200 || !slices.Contains(o.Domains, string(d)) {
		return Person{}, access.Invalidf("email", "Type an address that ends in @%s.", strings.Join(o.Domains, " or @"))
	}
	if err := access.CheckText("name", name, access.MaxNameLength, true); err != nil {
		return Person{}, err
	}
	for _, p := range o.People {
		if p.Email == email {
			return p, nil
		}
	}
	return Person{Subject: "by-address:" + email, Name: name, Email: email, Language: "en"}, nil
}

// SampleWorkspace returns the workspace file of the demonstration, with the
// providers at consoleURL.
func SampleWorkspace(consoleURL string) []byte {
	return []byte(strings.ReplaceAll(sample, sampleConsoleURL+"/", consoleURL+"/"))
}

// slugPattern is the pattern for the last part of an issuer.
const slugPattern = `^[a-z0-9][a-z0-9-]{0,62}$`

// organizations returns the directories of a workspace file whose issuer is at
// consoleURL, in the order of the file.
func organizations(file []byte, consoleURL string) ([]Organization, error) {
	f, err := workspace.Parse(file)
	if err != nil {
		return nil, err
	}
	valid := regexp.MustCompile(slugPattern)
	var all []Organization
	for _, d := range f.Directories {
		slug, ok := strings.CutPrefix(d.V.Provider.Issuer, consoleURL+"/idp/")
		if !ok {
			continue
		}
		if !valid.MatchString(slug) || slices.ContainsFunc(all, func(o Organization) bool { return o.Slug == slug }) {
			return nil, access.Invalidf("issuer", "Line %d: %s can't be a provider of the console.", d.Line,
				d.V.Provider.Issuer)
		}
		o := Organization{Slug: slug, Issuer: d.V.Provider.Issuer, Name: d.V.DisplayName, Domains: d.V.Domains}
		for _, t := range f.Tenants {
			o.addTenant(t.V)
		}
		o.People = append(o.People, partnerPeople(o.Domains)...)
		all = append(all, o)
	}
	for i, o := range all {
		all[i].Partners = partnersWithProvider(o.Partners, all)
	}
	return all, nil
}

// addTenant copies the tenant's people and partners from the file to the
// organization.
func (o *Organization) addTenant(t workspace.Tenant) {
	if t.Directory == o.Name {
		o.Tenant = true
		if t.Settings != nil {
			o.Support = t.Settings.SupportContact
		}
		for _, c := range t.Organizations {
			for _, domain := range c.V.IdentitySources {
				o.Partners = append(o.Partners, Partner{c.V.DisplayName, string(domain)})
			}
		}
	}
	for _, u := range t.Users {
		home := u.V.Directory
		if home == "" {
			home = t.Directory
		}
		if _, known := o.Person(u.V.Subject); home == o.Name && u.V.Subject != "" && !known {
			o.People = append(o.People, person(u.V))
		}
	}
}

func person(u workspace.User) Person {
	p := Person{Subject: u.Subject, Name: u.DisplayName, Email: u.Mail, Language: u.Language,
		Role: u.Attributes["jobTitle"]}
	if p.Role == "" {
		p.Role = u.Attributes["department"]
	}
	if p.Language == "" {
		p.Language = "en"
	}
	return p
}

// partnersWithProvider returns the partners that can sign in at the console.
func partnersWithProvider(ps []Partner, all []Organization) []Partner {
	return slices.DeleteFunc(ps, func(p Partner) bool {
		return !slices.ContainsFunc(all, func(o Organization) bool { return slices.Contains(o.Domains, p.Domain) })
	})
}

// partnerPeople returns the people of the sample's partner. No tenant knows
// them before they sign in, so the workspace file does not list them.
func partnerPeople(domains []string) []Person {
	all := []Person{
		{Subject: "mira", Name: "Mira Sand", Email: "mira@harbor.example", Language: "en", Role: "Designer"},
		{Subject: "tom", Name: "Tom Okafor", Email: "tom@harbor.example", Language: "de", Role: "Photographer"},
		{Subject: "elif", Name: "Elif Demir", Email: "elif@harbor.example", Language: "en", Role: "Studio manager"},
		{Subject: "ravi", Name: "Ravi Menon", Email: "ravi@harbor-lab.example", Language: "en", Role: "Prototypes"},
	}
	return slices.DeleteFunc(all, func(p Person) bool {
		d, _ := mailaddr.DomainOf(p.Email)
		return !slices.Contains(domains, string(d))
	})
}
