package workspace_test

import (
	"context"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

func objectRefusals() map[string]parityCase {
	type editor = admin.Editor
	long, longName := strings.Repeat("x", access.MaxDescriptionLength+1), strings.Repeat("x", access.MaxNameLength+1)
	entry := func(text string, e access.Entry) parityCase {
		return parityCase{file: parityTenant + "    resources:\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *editor) error { return a.saveEntry(ctx, ed, e) }}
	}
	application := func(roles ...string) access.Entry {
		return access.Entry{Kind: access.KindApplication, Name: "E", Roles: roles}
	}
	many := strings.Split(strings.Repeat("r", 21), "")
	for i := range many {
		many[i] += string(rune('a' + i))
	}
	described := application("Viewer")
	described.Description = long
	catalog := func(text string, c access.Catalog) parityCase {
		return parityCase{file: parityTenant + "    catalogs:\n" + text,
			page: func(ctx context.Context, _ *parityFixture, ed *editor) error {
				_, err := ed.SaveCatalog(ctx, c)
				return err
			}}
	}
	pack := func(text string, p access.Package) parityCase {
		return parityCase{file: parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
			"        accessPackages:\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *editor) error {
				p.Catalog = a.catalog.ID
				_, err := ed.AddPackage(ctx, p, nil)
				return err
			}}
	}
	return map[string]parityCase{
		"an entry of no kind": entry("      - displayName: E\n        roles: [Viewer]\n        type: dream #!\n",
			access.Entry{Kind: "dream", Name: "E", Roles: []string{"Viewer"}}),
		"an entry with a long name": entry("      - type: application\n        roles: [Viewer]\n        displayName: "+
			longName+" #!\n", access.Entry{Kind: access.KindApplication, Name: longName, Roles: []string{"Viewer"}}),
		"an entry with a long description": entry("      - displayName: E\n        type: application\n"+
			"        roles: [Viewer]\n        description: "+long+" #!\n", described),
		"an entry with 21 roles": entry("      - displayName: E\n        type: application\n        roles: ["+
			strings.Join(many, ", ")+"] #!\n", application(many...)),
		"an application with a role twice": entry("      - displayName: E\n        type: application\n"+
			"        roles: [Viewer, Viewer] #!\n", application("Viewer", "Viewer")),
		"a catalog without a name": catalog("      - description: d\n        displayName: ' ' #!\n",
			access.Catalog{Name: " ", Description: "d", Published: true}),
		"a catalog with a long description": catalog("      - displayName: D\n        description: "+long+" #!\n",
			access.Catalog{Name: "D", Description: long, Published: true}),
		"a new package without a name and a description": pack("          - description: '' #!\n"+
			"            displayName: ' ' #!\n", access.Package{Name: " "}),
		"a package with a long name": pack("          - description: d\n            displayName: "+longName+" #!\n",
			access.Package{Name: longName, Description: "d"}),
		"a package with a long description": pack("          - displayName: N\n            description: "+long+" #!\n",
			access.Package{Name: "N", Description: long}),
		"an organization without a name": organization("      - description: d\n        displayName: ' ' #!\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n",
			func(_ *parityFixture, o *access.Organization) { o.Name, o.State = " ", access.Proposed }),
		"an organization with a long description": organization("      - displayName: O\n        description: "+long+" #!\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n",
			func(_ *parityFixture, o *access.Organization) { o.Description, o.State = long, access.Proposed }),
		"an organization without a directory": organization("      - displayName: O\n        description: d\n"+
			"        identitySources: [] #!\n", func(_ *parityFixture, o *access.Organization) { o.Directories = nil }),
		"a directory of another organization": organization("      - displayName: O\n        description: d\n"+
			"        identitySources: [quay.example] #!\n",
			func(a *parityFixture, o *access.Organization) { o.Directories = a.quay.Directories }),
		"a guest as internal sponsor": organization("      - displayName: O\n        description: d\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n        internalSponsors: [mara@gmail.com] #!\n",
			func(a *parityFixture, o *access.Organization) {
				o.State, o.InternalSponsors = access.Proposed, []access.SubjectRef{a.ref(a.mara)}
			}),
		"a member as external sponsor": organization("      - displayName: O\n        description: d\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n        externalSponsors: [lena@m.example] #!\n",
			func(a *parityFixture, o *access.Organization) {
				o.State, o.ExternalSponsors = access.Proposed, []access.PersonID{a.lena.ID}
			}),
	}
}

// organization connects an organization of gmail.com, which change changes.
func organization(text string, change func(a *parityFixture, o *access.Organization)) parityCase {
	return parityCase{file: parityTenant + "    connectedOrganizations:\n" + text,
		page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
			o := access.Organization{Name: "O", Description: "d", State: access.Configured,
				Directories: []access.DirectoryID{a.gmail}}
			change(a, &o)
			return a.connect(ctx, ed, o, false)
		}}
}

func peopleRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxAttributeLength+1)
	// person changes Lena.
	person := func(text string, change func(a *parityFixture, p *access.Person)) parityCase {
		return parityCase{file: parityTenant + "    users:\n      - mail: lena@m.example\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.lena
				change(a, &p)
				return ed.SavePerson(ctx, p)
			}}
	}
	const lena = "        displayName: Lena\n"
	settings := func(text string, change func(s *access.Settings)) parityCase {
		return parityCase{file: parityTenant + "    settings:\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				t := a.tenant
				change(&t.Settings)
				return ed.SaveSettings(ctx, t)
			}}
	}
	role := func(text string, change func(a *parityFixture, r *access.RoleAssignment)) parityCase {
		return parityCase{file: parityTenant + "    roleAssignments:\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				r := access.RoleAssignment{Tenant: a.tenant.ID, Subject: a.ref(a.lena)}
				change(a, &r)
				return ed.AssignRole(ctx, r)
			}}
	}
	return map[string]parityCase{
		"a person without a name": person("        displayName: ' ' #!\n",
			func(_ *parityFixture, p *access.Person) { p.Name = " " }),
		"a language that is none": person(lena+"        preferredLanguage: en_US #!\n",
			func(_ *parityFixture, p *access.Person) { p.Language = "en_US" }),
		"a long attribute": person(lena+"        attributes: {department: "+long+"} #!\n",
			func(_ *parityFixture, p *access.Person) { p.Attributes = map[string]string{"department": long} }),
		"one's own manager": person(lena+"        manager: lena@m.example #!\n",
			func(_ *parityFixture, p *access.Person) { p.Manager = p.ID }),
		"one's own sponsor": person(lena+"        sponsors: [lena@m.example] #!\n",
			func(_ *parityFixture, p *access.Person) { p.Sponsors = []access.PersonID{p.ID} }),
		"a ring of managers": {file: parityTenant + "    users:\n" +
			"      - {displayName: Lena, mail: lena@m.example, manager: ida@m.example}\n" +
			"      - displayName: Ida\n        mail: ida@m.example\n        manager: lena@m.example #!\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				lena, ida := a.lena, a.ida
				lena.Manager, ida.Manager = ida.ID, lena.ID
				if err := ed.SavePerson(ctx, lena); err != nil {
					return err
				}
				return ed.SavePerson(ctx, ida)
			}},
		"settings that nobody knows": settings("      externalUserLifecycleAction: forget #!\n"+
			"      resourceVisibility: some #!\n", func(s *access.Settings) {
			s.GuestAction, s.ResourceVisibility = "forget",
				"some"
		}),
		"long texts in the settings": settings("      supportContact: "+long+" #!\n      senderName: "+long+" #!\n",
			func(s *access.Settings) { s.SupportContact, s.SenderName = long, long }),
		"long sessions": settings("      sessionIdleMinutes: 481 #!\n      sessionLifeMinutes: 721 #!\n",
			func(s *access.Settings) { s.SessionIdle, s.SessionLife = 481*time.Minute, 721*time.Minute }),
		"a role in a catalog without one": role("      - role: catalogOwner #!\n        user: lena@m.example\n",
			func(_ *parityFixture, r *access.RoleAssignment) { r.Role = access.CatalogOwner }),
		"a role of the tenant in a catalog": role("      - role: catalogCreator\n        user: lena@m.example\n"+
			"        catalog: C #!\n",
			func(a *parityFixture, r *access.RoleAssignment) {
				r.Role, r.Catalog = access.CatalogCreator, a.catalog.ID
			}),
	}
}

func directoryRefusals() map[string]parityCase {
	type directory = access.Directory
	// A page makes a provider of the tenant's along with an organization, a file a
	// directory of the installation.
	provider := func(text string, change func(d *directory)) parityCase {
		return parityCase{file: "directories:\n" + text,
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				d := directory{Kind: access.DirectoryOpenID, Name: "D", Issuer: "https://login.d.example", ClientID: "x",
					ClientSecret: "y", AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"email"},
					Domains: []access.Domain{"d.example"}}
				change(&d)
				return a.connect(ctx, ed, access.Organization{Name: "O", Description: "d", State: access.Configured}, false, d)
			}}
	}
	const beginning = "  - displayName: D\n    domains: [d.example]\n    provider:\n"
	const issuer, client = "      issuer: https://login.d.example\n", "      clientId: x\n      clientSecret: y\n"
	return map[string]parityCase{
		"a provider with a long name": provider("  - domains: [d.example]\n    displayName: "+
			strings.Repeat("x", access.MaxNameLength+1)+" #!\n    provider:\n"+issuer+client,
			func(d *directory) { d.Name = strings.Repeat("x", access.MaxNameLength+1) }),
		"an issuer without https": provider(beginning+"      issuer: http://login.d.example #!\n"+client,
			func(d *directory) { d.Issuer = "http://login.d.example" }),
		"an issuer of everybody": provider(beginning+"      issuer: https://login.microsoftonline.com/common/v2.0 #!\n"+
			client, func(d *directory) { d.Issuer = "https://login.microsoftonline.com/common/v2.0" }),
		"Google without a claim": provider("  - displayName: D\n    domains: [d.example]\n    provider: #!\n"+
			"      issuer: https://accounts.google.com\n"+client,
			func(d *directory) { d.Issuer = "https://accounts.google.com" }),
		"a claim without a value": provider(beginning+issuer+client+"      tenantClaim: hd #!\n",
			func(d *directory) { d.TenantClaim = "hd" }),
		"no client": provider(beginning+issuer+"      clientId: '' #!\n      clientSecret: '' #!\n",
			func(d *directory) { d.ClientID, d.ClientSecret = "", "" }),
		"styles that are none": provider(beginning+issuer+client+"      tokenEndpointAuthMethod: shout #!\n"+
			"      domainHintParameter: wink #!\n",
			func(d *directory) { d.AuthStyle, d.HintStyle = "shout", "wink" }),
		"scopes and hosts that are none": provider(beginning+issuer+client+"      scopes: ['a b'] #!\n"+
			"      confirmedHosts: ['a b'] #!\n",
			func(d *directory) { d.Scopes, d.ConfirmedHosts = []string{"a b"}, []string{"a b"} }),
		"a domain of another directory": provider("  - displayName: D\n    domains:\n      - d.example\n"+
			"      - m.example #!\n    provider:\n"+issuer+client,
			func(d *directory) { d.Domains = append(d.Domains, "m.example") }),
		"a domain that is none": provider("  - displayName: D\n    domains:\n      - d.example\n"+
			"      - 10.0.0.1 #!\n    provider:\n"+issuer+client,
			func(d *directory) { d.Domains = append(d.Domains, "10.0.0.1") }),
	}
}
