package access

import (
	"time"
)

// SetupLink makes the first global administrator of a tenant, once.
type SetupLink struct {
	Key     string // SHA-256 of the token in the link, in hexadecimal
	Tenant  TenantID
	Created time.Time
	Used    time.Time // zero before
}

// SetupLinkLifetime is how long a link for the first administrator may be used.
const SetupLinkLifetime = 24 * time.Hour

// Usable reports whether the link may still be used at now.
func (l SetupLink) Usable(now time.Time) bool {
	return l.Used.IsZero() && now.Before(l.Created.Add(SetupLinkLifetime))
}
