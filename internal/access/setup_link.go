package access

import (
	"time"
)

// SetupLink makes the person who opens it the first global administrator of a
// tenant. It works once.
type SetupLink struct {
	Key     string // SHA-256 of the token in the link, in hexadecimal
	Tenant  TenantID
	Created time.Time
	Used    time.Time // zero before
}

// SetupLinkLifetime is how long a set-up link can be used.
const SetupLinkLifetime = 24 * time.Hour

// Usable reports whether the link can be used at now.
func (l SetupLink) Usable(now time.Time) bool {
	return l.Used.IsZero() && now.Before(l.Created.Add(SetupLinkLifetime))
}
