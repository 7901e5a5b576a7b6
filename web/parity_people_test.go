package web

import (
	"maps"
	"net/url"
	"strings"

	"myaccess/internal/access"
)

// personCase changes Nils, who has not signed in yet.
func personCase(text string, typed url.Values) parityCase {
	return parityCase{file: parityTenant + "    users:\n      - mail: nils@meridian.example\n" + text,
		form: typedForm{"/people/{person nils}/edit", typed}}
}

func personRefusals() map[string]parityCase {
	long, longName := strings.Repeat("x", access.MaxAttributeLength+1), strings.Repeat("x", access.MaxNameLength+1)
	const nils = "        displayName: Nils\n"
	newcomer := func(text, address, name string) parityCase {
		return parityCase{file: parityTenant + "    users:\n" + text,
			form: typedForm{"/people/new", url.Values{"address": {address}, "name": {name}}}}
	}
	return map[string]parityCase{
		"a person without a name":   personCase("        displayName: ' ' #!\n", url.Values{"name": {" "}}),
		"a person with a long name": personCase("        displayName: "+longName+" #!\n", url.Values{"name": {longName}}),
		"a language that is none": personCase(nils+"        preferredLanguage: en_US #!\n",
			url.Values{"language": {"en_US"}}),
		"a person with a time zone that is none": personCase(nils+"        timeZone: Moon #!\n",
			url.Values{"timeZone": {"Moon"}}),
		"a long attribute": personCase(nils+"        attributes: {department: "+long+"} #!\n",
			url.Values{"attributes": {"department: " + long}}),
		"an attribute without a name": personCase(nils+"        attributes: {' ': a} #!\n",
			url.Values{"attributes": {" : a"}}),
		"a person who was merged into another": {file: parityTenant + "    users:\n      - id: " + moritz + " #!\n" +
			"        mail: moritz@meridian.example\n        displayName: Moritz M.\n",
			form: typedForm{"/people/" + moritz + "/edit", url.Values{"name": {"Moritz M."}}}},
		"one's own manager": personCase(nils+"        manager: nils@meridian.example #!\n",
			url.Values{"manager": {"{nils}"}}),
		"one's own sponsor": {file: parityTenant + "    users:\n      - mail: mara@gmail.com\n        displayName: Mara\n" +
			"        directory: Mailers\n        userType: guest\n        sponsors: [mara@gmail.com] #!\n",
			form: typedForm{"/people/{person mara}/edit", url.Values{"sponsors": {"{mara}"}}}},
		"a new person without a name": newcomer("      - mail: nora@meridian.example\n        displayName: ' ' #!\n",
			"nora@meridian.example", " "),
		"a new person with a long name": newcomer("      - mail: nora@meridian.example\n        displayName: "+longName+
			" #!\n", "nora@meridian.example", longName),
		"a new person whose address has a blank": newcomer("      - displayName: Nora\n"+
			"        mail: no ra@meridian.example #!\n", "no ra@meridian.example", "Nora"),
		"a new person whose address is in brackets": newcomer("      - displayName: Nora\n"+
			"        mail: <nora@meridian.example #!\n", "<nora@meridian.example", "Nora"),
	}
}

func settingRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	settings := func(text string, typed url.Values) parityCase {
		return parityCase{file: parityTenant + "    settings:\n" + text, form: typedForm{"/settings", typed}}
	}
	return map[string]parityCase{
		"settings that are none": settings("      timeZone: Moon #!\n      daysUntilExternalUserDeleted: -1 #!\n",
			url.Values{"timeZone": {"Moon"}, "daysUntilExternalUserDeleted": {"-1"}}),
		"too many days of guests": settings("      daysUntilExternalUserDeleted: 3661 #!\n",
			url.Values{"daysUntilExternalUserDeleted": {"3661"}}),
		"very many days of guests": settings("      daysUntilExternalUserDeleted: 9999999999 #!\n",
			url.Values{"daysUntilExternalUserDeleted": {"9999999999"}}),
		"too many days of disabled people": settings("      daysUntilDisabledUserLosesAccess: 3661 #!\n",
			url.Values{"daysUntilDisabledUserLosesAccess": {"3661"}}),
		"days of disabled people below zero": settings("      daysUntilDisabledUserLosesAccess: -1 #!\n",
			url.Values{"daysUntilDisabledUserLosesAccess": {"-1"}}),
		"settings that nobody knows": settings("      externalUserLifecycleAction: forget #!\n"+
			"      resourceVisibility: some #!\n",
			url.Values{"externalUserLifecycleAction": {"forget"}, "resourceVisibility": {"some"}}),
		"long texts in the settings": settings("      supportContact: "+long+" #!\n      senderName: "+long+" #!\n",
			url.Values{"supportContact": {long}, "senderName": {long}}),
		"long sessions": settings("      sessionIdleMinutes: 481 #!\n      sessionLifeMinutes: 721 #!\n",
			url.Values{"sessionIdle": {"481"}, "sessionLife": {"721"}}),
		"sessions below zero": settings("      sessionIdleMinutes: -1 #!\n      sessionLifeMinutes: -1 #!\n",
			url.Values{"sessionIdle": {"-1"}, "sessionLife": {"-1"}}),
		// So many minutes are 10 ms in 64 bits of nanoseconds.
		"sessions that overflow": settings("      sessionIdleMinutes: 307445734562 #!\n"+
			"      sessionLifeMinutes: 307445734562 #!\n",
			url.Values{"sessionIdle": {"307445734562"}, "sessionLife": {"307445734562"}}),
		"an allowed domain that is none": settings("      allowedDomains:\n        - 10.0.0.1 #!\n",
			url.Values{"domainRule": {"allow"}, "domains": {"10.0.0.1"}}),
		"blocked domains that are none": settings("      blockedDomains:\n        - partner.example\n"+
			"        - nothing #!\n        - a_b.example #!\n",
			url.Values{"domainRule": {"deny"}, "domains": {"partner.example\nnothing\na_b.example"}}),
	}
}

func roleRefusals() map[string]parityCase {
	role := func(text, path, role string) parityCase {
		return parityCase{file: parityTenant + "    roleAssignments:\n" + text,
			form: typedForm{path, url.Values{"role": {role}, "subject": {"{nils}"}}}}
	}
	none := role("      - user: nils@meridian.example\n        role: boss #!\n", "/roles/assign", "boss")
	outside := role("      - role: catalogOwner #!\n        user: nils@meridian.example\n", "/roles/assign",
		"catalogOwner")
	outside.noField = "the page names no catalog"
	inside := role("      - role: catalogCreator\n        user: nils@meridian.example\n        catalog: C #!\n",
		"/catalogs/{catalog C}/roles", "catalogCreator")
	inside.noField = "the page belongs to the catalog"
	all := wrongRoles(none, outside, inside)
	unknown := role("      - role: catalogCreator #!\n        user: nils@meridian.example\n", "/roles/assign",
		"catalogCreator")
	guestRule := func(text string, typed url.Values) parityCase {
		return parityCase{file: "directories:\n  - displayName: Quay\n    domains: [quay.example]\n    provider:\n" +
			"      issuer: https://q.example\n      clientId: x\n" + text,
			form: typedForm{"/organizations/providers/{directory Pier}/address-rules", typed}}
	}
	rule := func(text string, typed url.Values) parityCase { return guestRule("      guestRule:\n"+text, typed) }
	claim := func(key string) parityCase {
		return parityCase{file: "directories:\n  - displayName: Quay\n    domains: [quay.example]\n    provider:\n" +
			"      issuer: https://q.example\n      clientId: x\n      " + key + ": " + strings.Repeat("x", 256) + " #!\n",
			form: typedForm{"/organizations/providers/{directory Pier}/address-rules",
				url.Values{"provider." + key: {strings.Repeat("x", 256)}}}}
	}
	tooLong, many := strings.Repeat("x", 256), strings.Repeat("v, ", 20)+"v"
	maps.Copy(all, map[string]parityCase{
		"a role of somebody without a subject": unknown,
		"a long claim for the address":         claim("emailClaim"),
		"a long claim for the name":            claim("nameClaim"),
		"a guest rule without values": guestRule("      guestRule: #!\n        claim: acct\n",
			url.Values{"provider.guestClaim": {"acct"}}),
		"a guest rule without a claim": rule("        claim: ''  #!\n        values: ['1']\n",
			url.Values{"provider.guestValues": {"1"}}),
		"a guest rule with a long claim": rule("        claim: "+tooLong+" #!\n        values: ['1']\n",
			url.Values{"provider.guestClaim": {tooLong}, "provider.guestValues": {"1"}}),
		"a guest rule with a control character": rule("        claim: \"a\\tb\" #!\n        values: ['1']\n",
			url.Values{"provider.guestClaim": {"a\tb"}, "provider.guestValues": {"1"}}),
		"a value of guests with a control character": rule("        claim: acct\n        values: [\"a\\tb\"] #!\n",
			url.Values{"provider.guestClaim": {"acct"}, "provider.guestValues": {"a\tb"}}),
		"a guest rule with many values": rule("        claim: acct\n        values: ["+many+"] #!\n",
			url.Values{"provider.guestClaim": {"acct"}, "provider.guestValues": {strings.ReplaceAll(many, ", ", "\n")}}),
		"a subject that is none": {file: parityTenant + "    users:\n      - displayName: N\n" +
			"        mail: n@meridian.example\n        subject: " + tooLong + " #!\n",
			form: typedForm{"/people/new", url.Values{"address": {"n@meridian.example"}, "name": {"N"}, "subject": {tooLong}}}},
	})
	return all
}

// identifiedRefusals are changes by which somebody without an account would have an
// administrative role through a group, with either of the two stored.
func identifiedRefusals() map[string]parityCase {
	const member = parityTenant + "    resources:\n" +
		"      - {displayName: Board, type: group, members: [nils@meridian.example]}\n"
	const role = "    roleAssignments:\n      - {group: Board, role: catalogCreator}\n"
	return map[string]parityCase{
		"a role of a group with a member without a subject": {given: member,
			file: parityTenant + "    roleAssignments:\n      - group: Board #!\n        role: catalogCreator\n",
			form: typedForm{"/roles/assign", url.Values{"role": {"catalogCreator"}, "subject": {"{Board}"}}}},
		"a role in a catalog of a group with a member without a subject": {given: member,
			file: parityTenant + "    roleAssignments:\n      - group: Board #!\n        role: catalogReader\n" +
				"        catalog: C\n",
			form: typedForm{"/catalogs/{catalog C}/roles", url.Values{"role": {"catalogReader"}, "subject": {"{Board}"}}}},
		"a member without a subject of a group with a role": {given: parityTenant + role,
			file: parityTenant + "    resources:\n      - displayName: Board\n        type: group\n        members:\n" +
				"          - nils@meridian.example #!\n",
			form: typedForm{"/directory/{entry Board}", url.Values{"people": {"{nils}"}}}},
	}
}

func wrongRoles(none, outside, inside parityCase) map[string]parityCase {
	return map[string]parityCase{"a role that is none": none, "a role in a catalog without one": outside,
		"a role of the tenant in a catalog": inside}
}

// newProviderForm is the wizard that creates the organization O with the OpenID
// Provider D of d.example, but for what is typed.
func newProviderForm(typed url.Values) typedForm {
	all := newOrganizationForm(url.Values{"source": {"openid/d.example"},
		"provider.id": {"0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01"}, "provider.displayName": {"D"},
		"provider.issuer": {"https://login.d.example"}, "provider.clientId": {"x"}, "provider.clientSecret": {"y"},
		"provider.tokenEndpointAuthMethod": {"client_secret_basic"}, "provider.domainHintParameter": {"none"},
		"provider.tenantClaim": {""}, "provider.tenantValue": {""}, "provider.scopes": {"email"},
		"provider.confirmedHosts": {""}})
	maps.Copy(all.typed, typed)
	return all
}

// directoryRefusals are those of providers. A page makes a provider of the tenant
// along with an organization, a file a directory of the installation.
func directoryRefusals() map[string]parityCase {
	provider := func(text string, typed url.Values) parityCase {
		return parityCase{file: "directories:\n" + text, form: newProviderForm(typed)}
	}
	const beginning = "  - displayName: D\n    domains: [d.example]\n    provider:\n"
	const issuer, client = "      issuer: https://login.d.example\n", "      clientId: x\n      clientSecret: y\n"
	long, longClient := strings.Repeat("x", access.MaxNameLength+1), strings.Repeat("x", access.MaxClientLength+1)
	claim, longHint := strings.Repeat("x", access.MaxClaimLength+1), strings.Repeat("x", access.MaxHintLength+1)
	named := func(name string) string {
		return "  - domains: [d.example]\n    displayName: " + name + " #!\n    provider:\n"
	}
	return map[string]parityCase{
		"a provider without a name":   provider(named("' '")+issuer+client, url.Values{"provider.displayName": {" "}}),
		"a provider with a long name": provider(named(long)+issuer+client, url.Values{"provider.displayName": {long}}),
		"an issuer without https": provider(beginning+"      issuer: http://login.d.example #!\n"+client,
			url.Values{"provider.issuer": {"http://login.d.example"}}),
		"an issuer of everybody": provider(beginning+"      issuer: https://login.microsoftonline.com/common/v2.0 #!\n"+
			client, url.Values{"provider.issuer": {"https://login.microsoftonline.com/common/v2.0"}}),
		"Google without a claim": provider("  - displayName: D\n    domains: [d.example]\n    provider: #!\n"+
			"      issuer: https://accounts.google.com\n"+client,
			url.Values{"provider.issuer": {"https://accounts.google.com"}}),
		"a claim without a value": provider(beginning+issuer+client+"      tenantClaim: hd #!\n",
			url.Values{"provider.tenantClaim": {"hd"}}),
		"long claims": provider(beginning+issuer+client+"      tenantClaim: "+claim+" #!\n      tenantValue: "+claim+
			" #!\n", url.Values{"provider.tenantClaim": {claim}, "provider.tenantValue": {claim}}),
		"no client": provider(beginning+issuer+"      clientId: '' #!\n      clientSecret: '' #!\n",
			url.Values{"provider.clientId": {""}, "provider.clientSecret": {""}}),
		"a long client": provider(beginning+issuer+"      clientId: "+longClient+" #!\n      clientSecret: "+longClient+
			" #!\n", url.Values{"provider.clientId": {longClient}, "provider.clientSecret": {longClient}}),
		"styles that are none": provider(beginning+issuer+client+"      tokenEndpointAuthMethod: shout #!\n"+
			"      domainHintParameter: wink #!\n",
			url.Values{"provider.tokenEndpointAuthMethod": {"shout"}, "provider.domainHintParameter": {"wink"}}),
		"a host that is never connected to": provider(beginning+issuer+client+
			"      confirmedHosts: [169.254.169.254] #!\n", url.Values{"provider.confirmedHosts": {"169.254.169.254"}}),
		"a value without a parameter": provider(beginning+issuer+client+"      domainHintParameter: none #!\n"+
			"      domainHintValue: ldap\n", url.Values{"provider.domainHintValue": {"ldap"}}),
		"a value for a foreign domain": provider(beginning+issuer+client+"      domainHintParameter: hd\n"+
			"      domainHintValues: {e.example: ldap} #!\n", url.Values{"provider.domainHintParameter": {"hd"},
			"provider.domainHintValues": {"e.example = ldap"}}),
		"a domain without a value": provider(beginning+issuer+client+"      domainHintParameter: hd\n"+
			"      domainHintValues: {d.example: ''} #!\n", url.Values{"provider.domainHintParameter": {"hd"},
			"provider.domainHintValues": {"d.example"}}),
		"long values of the hint": provider(beginning+issuer+client+"      domainHintParameter: hd\n"+
			"      domainHintValue: "+longHint+" #!\n      domainHintValues: {d.example: "+longHint+"} #!\n",
			url.Values{"provider.domainHintParameter": {"hd"}, "provider.domainHintValue": {longHint},
				"provider.domainHintValues": {"d.example=" + longHint}}),
		"scopes and hosts that are none": provider(beginning+issuer+client+"      scopes: ['a\"b'] #!\n"+
			"      confirmedHosts: [a_b] #!\n", url.Values{"provider.scopes": {`a"b`}, "provider.confirmedHosts": {"a_b"}}),
		"a domain of another directory": provider("  - displayName: D\n    domains:\n      - d.example\n"+
			"      - meridian.example #!\n    provider:\n"+issuer+client,
			url.Values{"source": {"openid/meridian.example"}}),
		"a domain that is none": {file: "directories:\n  - displayName: D\n    domains:\n      - d.example\n" +
			"      - 10.0.0.1 #!\n    provider:\n" + issuer + client,
			form: typedForm{"/organizations/providers/{directory Pier}/domains", url.Values{"domain": {"10.0.0.1"}}}},
	}
}
