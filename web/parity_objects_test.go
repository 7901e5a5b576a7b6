package web

import (
	"maps"
	"net/url"
	"strings"

	"myaccess/internal/access"
)

// newPackageForm is the wizard that creates the package N in the catalog, with the
// first policy of newPolicyForm, but for what is typed.
func newPackageForm(catalog string, typed url.Values) typedForm {
	all := newPolicyForm(nil).typed
	maps.Copy(all, url.Values{"displayName": {"N"}, "description": {"n"}, "place": {"old"}, "catalog": {catalog}})
	maps.Copy(all, typed)
	return typedForm{"/access-packages/new", all}
}

func catalogRefusals() map[string]parityCase {
	long, longName := strings.Repeat("x", access.MaxDescriptionLength+1), strings.Repeat("x", access.MaxNameLength+1)
	catalog := func(text, name, description string) parityCase {
		return parityCase{file: parityTenant + "    catalogs:\n" + text,
			form: typedForm{"/catalogs/new", url.Values{"displayName": {name}, "description": {description}}}}
	}
	pack := func(text, name, description string) parityCase {
		return parityCase{file: parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
			"        accessPackages:\n" + text,
			form: newPackageForm("{catalog C}", url.Values{"displayName": {name}, "description": {description}})}
	}
	return map[string]parityCase{
		"a catalog without a name": catalog("      - description: d\n        displayName: ' ' #!\n", " ", "d"),
		"a catalog with a long name": catalog("      - description: d\n        displayName: "+longName+" #!\n", longName,
			"d"),
		"a catalog with a control character in its name": catalog("      - description: d\n"+
			"        displayName: \"A\\x01B\" #!\n", "A\x01B", "d"),
		"a catalog with a long description": catalog("      - displayName: D\n        description: "+long+" #!\n", "D",
			long),
		"a stored catalog with a long description": {file: parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        description: " + long + " #!\n",
			form: typedForm{"/catalogs/{catalog C}/edit", url.Values{"description": {long}}}},
		"a new package without a name and a description": pack("          - description: '' #!\n"+
			"            displayName: ' ' #!\n", " ", ""),
		"a package with a long name": pack("          - description: d\n            displayName: "+longName+" #!\n",
			longName, "d"),
		"a package with a long description": pack("          - displayName: N\n            description: "+long+" #!\n", "N",
			long),
		"a stored package without a description": {file: strings.Replace(inPackage,
			"            description: p\n            assignmentPolicies:\n", "            description: '' #!\n", 1),
			form: typedForm{"/access-packages/{package P}/edit", url.Values{"description": {""}}}},
	}
}

func entryRefusals() map[string]parityCase {
	long, longName := strings.Repeat("x", access.MaxDescriptionLength+1), strings.Repeat("x", access.MaxNameLength+1)
	// entry creates the application E with the role Viewer, but for what is typed.
	entry := func(text string, typed url.Values) parityCase {
		all := url.Values{"displayName": {"E"}, "type": {"application"}, "roles": {"Viewer"}}
		maps.Copy(all, typed)
		return parityCase{file: parityTenant + "    resources:\n" + text, form: typedForm{"/directory/new", all}}
	}
	const application = "      - displayName: E\n        type: application\n"
	const viewer = application + "        roles: [Viewer]\n"
	roles := strings.Split("abcdefghijklmnopqrstu", "")
	board := func(roles ...string) parityCase {
		return parityCase{file: parityTenant + "    resources:\n      - displayName: Board\n        type: group\n" +
			"        roles: [" + strings.Join(roles, ", ") + "] #!\n",
			form: typedForm{"/directory/{entry Board}/edit", url.Values{"roles": {strings.Join(roles, "\n")}}}}
	}
	return map[string]parityCase{
		"a group with the roles Owner, Owner and no Member": {
			file: parityTenant + "    resources:\n      - displayName: G\n        type: group\n        roles: [Owner, Owner] " +
				"#!!\n",
			form: typedForm{"/directory/new", url.Values{"displayName": {"G"}, "type": {"group"}, "roles": {"Owner\nOwner"}}}},
		"a link that is none": entry(viewer+"        webUrl: \"https://a b<c>\" #!\n",
			url.Values{"webUrl": {"https://a b<c>"}}),
		"a link of another kind": entry(viewer+"        webUrl: \"javascript:alert(1)\" #!\n",
			url.Values{"webUrl": {"javascript:alert(1)"}}),
		"a role that somebody may hold": board("Member"),
		"an entry without a name": entry("      - type: application\n        roles: [Viewer]\n        displayName: ' ' #!\n",
			url.Values{"displayName": {" "}}),
		"an entry of no kind": entry("      - displayName: E\n        roles: [Viewer]\n        type: dream #!\n",
			url.Values{"type": {"dream"}}),
		"an entry with a long name": entry("      - type: application\n        roles: [Viewer]\n        displayName: "+
			longName+" #!\n", url.Values{"displayName": {longName}}),
		"an entry with a long description": entry(viewer+"        description: "+long+" #!\n",
			url.Values{"description": {long}}),
		"an entry with 21 roles": entry(application+"        roles: ["+strings.Join(roles, ", ")+"] #!\n",
			url.Values{"roles": {strings.Join(roles, "\n")}}),
		"an application with a role twice": entry(application+"        roles: [Viewer, Viewer] #!\n",
			url.Values{"roles": {"Viewer\nViewer"}}),
		"an application with a long role": entry(application+"        roles: ["+longName+"] #!\n",
			url.Values{"roles": {longName}}),
	}
}

// newOrganizationForm is the wizard that creates the proposed organization O of
// gmail.com, but for what is typed.
func newOrganizationForm(typed url.Values) typedForm {
	all := url.Values{"displayName": {"O"}, "description": {"d"}, "state": {"proposed"},
		"source": {"directory/{directory Mailers}"}}
	maps.Copy(all, typed)
	return typedForm{"/organizations/new", all}
}

func organizationRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	organization := func(text string, typed url.Values) parityCase {
		return parityCase{file: parityTenant + "    connectedOrganizations:\n" + text, form: newOrganizationForm(typed)}
	}
	const named = "      - displayName: O\n        description: d\n"
	const proposed = named + "        state: proposed\n        identitySources: [gmail.com]\n"
	return map[string]parityCase{
		"an organization without a name": organization("      - description: d\n        displayName: ' ' #!\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n", url.Values{"displayName": {" "}}),
		"an organization with a long description": organization("      - displayName: O\n        description: "+long+" #!\n"+
			"        state: proposed\n        identitySources: [gmail.com]\n", url.Values{"description": {long}}),
		"an organization without a directory": organization(named+"        state: proposed\n        identitySources: [] #!\n",
			url.Values{"source": {}}),
		"a directory of another organization": organization(named+"        state: proposed\n"+
			"        identitySources: [quay.example] #!\n", url.Values{"source": {"directory/{directory Quay}"}}),
		"an organization of the tenant's own directory": organization(named+"        state: proposed\n"+
			"        identitySources: [meridian.example] #!\n", url.Values{"source": {"directory/{directory Meridian Works}"}}),
		"a consumer domain that nobody has confirmed": organization("      - displayName: O #!\n        description: d\n"+
			"        identitySources: [gmail.com]\n", url.Values{"state": {"configured"}}),
		"a state and a description that are none": organization("      - displayName: O\n        description: '' #!\n"+
			"        state: famous #!\n        identitySources: [gmail.com]\n",
			url.Values{"description": {""}, "state": {"famous"}}),
		"a guest as internal sponsor": organization(proposed+"        internalSponsors: [mara@gmail.com] #!\n",
			url.Values{"internalSponsors": {"{mara}"}}),
		"a member as external sponsor": organization(proposed+"        externalSponsors: [lena@meridian.example] #!\n",
			url.Values{"externalSponsors": {"{lena}"}}),
		"a stored organization without a description": {file: parityTenant + "    connectedOrganizations:\n" +
			"      - displayName: Quay\n        description: ' ' #!\n        identitySources: [quay.example]\n",
			form: typedForm{"/organizations/{organization Quay}/edit", url.Values{"description": {" "}}}},
		"a member as external sponsor of a stored organization": {file: parityTenant + "    connectedOrganizations:\n" +
			"      - displayName: Quay\n        description: q\n        identitySources: [quay.example]\n" +
			"        externalSponsors: [lena@meridian.example] #!\n",
			form: typedForm{"/organizations/{organization Quay}/sponsors/edit",
				url.Values{"externalSponsors": {"{lena}"}}}},
	}
}
