package access

import (
	"strings"
	"unicode/utf8"
)

// Limits of what is known of a person besides.
const (
	MaxGuestSponsors   = 5 // F-203
	MaxAttributes      = 20
	MaxAttributeLength = 200 // characters of a name or a value
)

// CheckDetails finds every fault of what an administrator may change of a
// person: language, manager, sponsors and attributes.
func (p Person) CheckDetails() error {
	var es Errors
	es.Add(p.CheckName())
	if len(p.Language) > 35 || strings.ContainsFunc(p.Language, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		es.Add(Invalidf("language", "“%s” is not a language such as en or de-CH.", p.Language))
	}
	if p.Manager != "" && p.Manager == p.ID {
		es.Add(Invalidf("manager", "Nobody is their own manager."))
	}
	if len(p.Sponsors) > MaxGuestSponsors {
		es.Add(Invalidf("sponsors", "A guest has at most %d sponsors.", MaxGuestSponsors))
	}
	for _, s := range p.Sponsors {
		if s == p.ID {
			es.Add(Invalidf("sponsors", "Nobody is their own sponsor."))
		}
	}
	if len(p.Attributes) > MaxAttributes {
		es.Add(Invalidf("attributes", "At most %d attributes are kept.", MaxAttributes))
	}
	for name, value := range p.Attributes {
		if strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > MaxAttributeLength ||
			utf8.RuneCountInString(value) > MaxAttributeLength ||
			!printable(name, false) || !printable(value, false) {
			es.Add(Invalidf("attributes", "An attribute has a name and a value of at most %d characters, in one line.",
				MaxAttributeLength))
			break
		}
	}
	return es.Err()
}

// Check finds every fault of an entry of the built-in directory.
func (e Entry) Check() error {
	var es Errors
	es.Add(checkName("displayName", e.Name))
	es.Add(checkDescription("description", e.Description, false))
	if !e.Kind.known() {
		es.Add(Invalidf("type", "Choose what it is."))
	}
	if e.Link != "" &&
		(len(e.Link) > 2000 || !strings.HasPrefix(e.Link, "https://") && !strings.HasPrefix(e.Link, "http://") ||
			!printable(e.Link, false) || strings.ContainsAny(e.Link, " \"<>")) {
		es.Add(Invalidf("webUrl", "A link begins with https:// or http://."))
	}
	if len(e.Roles) == 0 || len(e.Roles) > 20 {
		es.Add(Invalidf("roles", "It has from 1 to 20 roles."))
	}
	seen := map[string]bool{}
	for _, r := range e.Roles {
		if checkName("roles", r) != nil || seen[r] {
			es.Add(Invalidf("roles", "Each role has a name of its own, of at most %d characters.", MaxNameLength))
			break
		}
		seen[r] = true
	}
	if e.IsGroup() && !seen["Member"] {
		es.Add(Invalidf("roles", "A group or team has the role Member."))
	}
	return es.Err()
}

func (k ResourceKind) known() bool {
	for _, known := range ResourceKinds() {
		if k == known {
			return true
		}
	}
	return false
}
