package access

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// HintStyle is the query parameter in which a provider expects a domain hint.
// login_hint is always sent as well.
type HintStyle string

// The parameters for domain hints.
const (
	HintNone      HintStyle = "none"
	HintDomain    HintStyle = "domain_hint"  // Microsoft Entra ID
	HintHosted    HintStyle = "hd"           // Google
	HintKeycloak  HintStyle = "kc_idp_hint"  // Keycloak; names a connector
	HintConnector HintStyle = "connector_id" // Dex; names a connector
)

// HintStyles lists every hint style.
func HintStyles() []HintStyle {
	return []HintStyle{HintNone, HintDomain, HintHosted, HintKeycloak, HintConnector}
}

// NamesConnector reports whether the parameter takes a name that the provider has given to
// one of its connectors. No domain is such a name, and some providers refuse a sign-in
// with a name that they do not know (C09).
func (s HintStyle) NamesConnector() bool { return s == HintKeycloak || s == HintConnector }

// MaxHintLength is the maximum length in characters of a value of a domain hint.
const MaxHintLength = 200

// Hint returns the parameter and the value by which a provider is told the domain of a
// person; d is empty if the domain is not known. ok is false if nothing is sent.
//
// The value is that which an administrator entered for the domain or, second, for the
// directory. Without one it is the domain, unless the parameter names a connector; at
// Google, where a Workspace is known by its primary domain, it is the value of the tenant
// claim.
func (dir Directory) Hint(d Domain) (parameter, value string, ok bool) {
	if dir.HintStyle == HintNone || dir.HintStyle == "" {
		return "", "", false
	}
	value = dir.HintValues[d]
	if value == "" {
		value = dir.HintValue
	}
	if value == "" && d != "" && !dir.HintStyle.NamesConnector() {
		value = string(d)
		if dir.HintStyle == HintHosted && dir.TenantClaim == "hd" {
			value = dir.TenantValue
		}
	}
	return string(dir.HintStyle), value, value != ""
}

// checkHint refuses an unknown parameter, a value without a parameter, values for domains
// that the directory does not have, and values that are none.
func (dir Directory) checkHint() error {
	var es Errors
	if !slices.Contains(HintStyles(), dir.HintStyle) {
		es.Add(Invalidf("domainHintParameter", "“%s” is not a domainHintParameter.", string(dir.HintStyle)))
	}
	if dir.HintStyle == HintNone && (dir.HintValue != "" || len(dir.HintValues) > 0) {
		es.Add(Invalidf("domainHintParameter", "Choose the parameter in which the provider expects the values of the "+
			"domain hint, or remove the values."))
	}
	if dir.HintValue != "" && !validHint(dir.HintValue) {
		es.Add(errHint("domainHintValue"))
	}
	for _, d := range slices.Sorted(maps.Keys(dir.HintValues)) {
		if !dir.HasDomain(d) && !slices.ContainsFunc(dir.DomainClaims, func(c DomainClaim) bool { return c.Domain == d }) {
			es.Add(Invalidf("domainHintValues", "“%s” is not a domain of this provider.", string(d)))
		}
		if !validHint(dir.HintValues[d]) {
			es.Add(errHint("domainHintValues"))
		}
	}
	return es.Err()
}

func errHint(field string) error {
	return Invalidf(field, "Enter domain hint values of 1 to %d characters.", MaxHintLength)
}

func validHint(value string) bool {
	return value != "" && strings.TrimSpace(value) == value && utf8.RuneCountInString(value) <= MaxHintLength &&
		printable(value, false)
}
