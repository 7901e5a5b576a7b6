package peoplefile

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// header is the name of a column without what differs between programs: case, blanks,
// signs, and what is in brackets.
func header(name string) string {
	plain, depth := strings.Builder{}, 0
	for _, r := range norm.NFC.String(name) {
		switch {
		case r == '[' || r == '(':
			depth++
		case r == ']' || r == ')':
			depth = max(0, depth-1)
		case depth == 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			plain.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.TrimSuffix(plain.String(), "required")
}

// synonyms are the names of columns by their contents, the best first. Of several columns
// with the same content, the one with the best name and with fitting values is taken.
func synonyms() map[access.ImportField][]string {
	return map[access.ImportField][]string{
		access.ImportMail: {"mail", "email", "emailaddress", "mailaddress", "primaryemail", "primarysmtpaddress", "workemail",
			"workemailaddress", "emailwork", "inviteeemail", "emailaddresstoinvite", "inviteduseremailaddress",
			"emailaddresses", "emails", "windowsemailaddress", "emailaddress1", "email1value", "emailadresse", "emailadressen",
			"mailadresse", "adresseemail", "adressemail", "courriel", "correo", "correoelectrónico", "posta",
			"indirizzoemail", "userprincipalname", "upn", "login", "username", "signinname"},
		access.ImportName: {"displayname", "fullname", "name", "commonname", "cn", "anzeigename", "vollständigername",
			"nomcomplet", "nomdaffichage", "nombrecompleto", "nomecompleto", "formattedname"},
		access.ImportGivenName: {"givenname", "firstname", "first", "given", "vorname", "prénom", "nombre"},
		access.ImportSurname: {"surname", "lastname", "familyname", "last", "sn", "nachname", "nomdefamille", "apellidos",
			"cognome"},
		access.ImportManager: {"manager", "manageremail", "managermail", "manageremailaddress", "managerupn",
			"vorgesetzter"},
		access.ImportLanguage: {"preferredlanguage", "language", "lang", "locale", "sprache", "langue"},
		access.ImportTimeZone: {"timezone", "tz", "zoneinfo", "zeitzone"},
		access.ImportGroups:   {"groups", "group", "gruppen", "groupes"},
		access.ImportSubject:  {"subject"},
	}
}

// attributes are the names of frequent attributes as they are stored, whatever their case
// in a file.
func attributes() []string {
	return []string{"department", "jobTitle", "title", "company", "companyName", "organization", "division", "office",
		"officeLocation", "city", "country", "state", "postalCode", "streetAddress", "phone", "mobilePhone",
		"telephoneNumber", "costCenter", "employeeId", "employeeNumber", "employeeType", "description"}
}

// technical are columns that other programs write and that are no details of a person
// here.
func technical() []string {
	return []string{"id", "objectid", "objectguid", "guid", "sid", "objectsid", "dn", "distinguishedname", "objectclass",
		"objectcategory", "usertype", "type", "accountenabled", "enabled", "status", "domain", "gueststate", "governed",
		"removaldue", "disabled", "createddatetime", "created", "whencreated", "whenchanged", "creationtype",
		"directorysynced", "onpremisessyncenabled", "invitationstate", "identityissuer", "orgunitpath",
		"newprimaryemail", "recoveryemail", "recoveryphone", "homesecondaryemail", "worksecondaryemail", "secondemail",
		"alternateemailaddress", "othermails", "proxyaddresses", "authenticationphonenumber",
		"authenticationalternativephonenumber", "authenticationemail", "agegroup", "consentprovidedforminor",
		"legalagegroupclassification", "usagelocation", "redirectionurl", "inviteredirecturl", "sendinvitationmessage",
		"sendemail", "customizedinvitationmessage", "customizedmessagebody", "memberof", "managerid", "samaccountname",
		"useraccountcontrol", "lastlogon", "lastlogondate", "lastsignin", "profileurl", "middlename", "honorificprefix",
		"honorificsuffix", "nickname", "newstatus", "advancedprotectionprogramenrollment", "blockcredential",
		"mailnickname", "lastpasswordchangedatetime", "immutableid"}
}

// isKnownHeader reports whether a column of a file of people often has the name.
func isKnownHeader(name string) bool {
	h := header(name)
	for _, all := range synonyms() {
		if slices.Contains(all, h) {
			return true
		}
	}
	return knownAttribute(h) != "" || slices.Contains(technical(), h) || strings.Contains(h, "password")
}

// knownAttribute is the stored name of a frequent attribute; empty for others.
func knownAttribute(h string) string {
	for _, name := range attributes() {
		if strings.ToLower(name) == h {
			return name
		}
	}
	return ""
}

// guess returns what the columns of a file seem to be. What is not known is an attribute
// if it has values. Never imported by a guess: passwords, IDs and dates of other systems,
// a second column with the same content, and a column whose values are no such content.
func guess(f File) []access.ImportColumn {
	g := guesser{File: f, columns: make([]access.ImportColumn, len(f.Head))}
	for _, field := range access.ImportFields() {
		if names := synonyms()[field]; names != nil {
			g.take(field, names)
		}
	}
	if i := slices.IndexFunc(f.Head, func(n string) bool { return header(n) == "id" }); i >= 0 && g.isOwnDownload() {
		g.columns[i].Field = access.ImportPersonID
	}
	if g.isHeadless() {
		g.byValues()
		return g.columns
	}
	g.takeAttributes()
	return g.columns
}

type guesser struct {
	File
	columns []access.ImportColumn
}

// isOwnDownload reports whether the file has the columns of the portal's list of people.
func (g guesser) isOwnDownload() bool {
	for _, name := range []string{"guestState", "governed", "removalDue"} {
		if !slices.Contains(g.Head, name) {
			return false
		}
	}
	return true
}

func (g guesser) isHeadless() bool { return isBlank(g.Head) }

// values returns how many values a column has, and how many fulfil the condition.
func (g guesser) values(column int, fits func(string) bool) (all, fitting int) {
	for _, row := range g.Rows {
		if row.Fault != nil || row.Cells[column] == "" {
			continue
		}
		if all++; fits(row.Cells[column]) {
			fitting++
		}
	}
	return all, fitting
}

func isAddress(s string) bool {
	_, ok := mailaddr.Parse(s)
	return ok
}

// take gives the field to the best of the columns with one of the names.
func (g guesser) take(f access.ImportField, names []string) {
	type candidate struct{ column, rank, fitting int }
	var all []candidate
	for i, name := range g.Head {
		rank := slices.Index(names, header(name))
		if rank < 0 || g.columns[i].Field != access.ImportNothing {
			continue
		}
		c := candidate{column: i, rank: rank}
		var n int
		switch f {
		case access.ImportMail:
			_, c.fitting = g.values(i, isAddress)
		case access.ImportManager:
			if n, c.fitting = g.values(i, isAddress); n > 0 && c.fitting == 0 {
				continue // names, IDs or entries of a directory
			}
		case access.ImportName, access.ImportLanguage: // of Okta: often without values
			c.fitting, _ = g.values(i, isAddress)
		default:
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return
	}
	best := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(boolCompare(a.fitting > 0, b.fitting > 0), cmp.Compare(a.rank, b.rank), cmp.Compare(a.column, b.column))
	})
	if f == access.ImportName && best.fitting == 0 && len(g.Rows) > 0 && g.mentions(access.ImportGivenName) {
		return // the name is made of the first and last names
	}
	g.columns[best.column] = access.ImportColumn{Field: f}
}

// boolCompare sorts true before false.
func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// mentions reports whether a column has one of the names of the field.
func (g guesser) mentions(f access.ImportField) bool {
	return slices.ContainsFunc(g.Head, func(n string) bool { return slices.Contains(synonyms()[f], header(n)) })
}

// takeAttributes makes attributes of the columns that are nothing else.
func (g guesser) takeAttributes() {
	left := access.MaxAttributes
	taken := map[string]bool{}
	for i := len(g.Head) - 1; i >= 0; i-- { // of two columns with one name the last counts
		h := header(g.Head[i])
		if g.columns[i].Field != access.ImportNothing || h == "" || strings.Contains(h, "password") ||
			slices.Contains(technical(), h) || g.isSynonym(h) {
			continue
		}
		name := cmp.Or(knownAttribute(h), g.Head[i])
		n, _ := g.values(i, isAddress)
		if n == 0 || taken[name] {
			continue
		}
		taken[name] = true
		g.columns[i] = access.ImportColumn{Field: access.ImportAttribute, Attribute: name}
	}
	for i, c := range g.columns {
		if c.Field != access.ImportAttribute {
			continue
		}
		if left--; left < 0 {
			g.columns[i] = access.ImportColumn{}
		}
	}
}

// isSynonym reports whether the name is one of a field other than an attribute.
func (g guesser) isSynonym(h string) bool {
	for _, all := range synonyms() {
		if slices.Contains(all, h) {
			return true
		}
	}
	return false
}

// byValues finds the addresses and the names in a file without names of columns.
func (g guesser) byValues() {
	mail, most := -1, 0
	for i := range g.columns {
		if _, n := g.values(i, isAddress); n > most {
			mail, most = i, n
		}
	}
	if mail < 0 {
		return
	}
	g.columns[mail].Field = access.ImportMail
	if len(g.columns) == 2 {
		g.columns[1-mail].Field = access.ImportName
	}
}
