package access

import (
	"encoding/json"
	"time"
)

// FormDraft is a submitted form whose session had ended. It is restored when
// the same person signs in again.
type FormDraft struct {
	Key     string    // SHA-256 of the random id in the link back to the form
	Tenant  TenantID  // whose form it is
	Account AccountID // whose session had ended
	Form    map[string][]string
	Created time.Time
}

// Limits of drafts. They are stored before anyone has signed in, so that what they
// take of the database is limited: 80 MiB per tenant. When there are more, the oldest is
// deleted.
const (
	// FormDraftLifetime is how long a draft is kept, and how old a form may be that one
	// is made of.
	FormDraftLifetime   = 24 * time.Hour
	MaxDraftSize        = 64 << 10 // bytes of FormDraft.Size
	MaxDraftsPerAccount = 5
	MaxDraftsPerTenant  = 1250
)

// Size is the number of bytes of the form as it is stored, as JSON.
func (d FormDraft) Size() int {
	text, err := json.Marshal(d.Form)
	if err != nil {
		panic(err) // texts always marshal
	}
	return len(text)
}
