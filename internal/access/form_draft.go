package access

import (
	"time"
)

// FormDraft is a submitted form whose session had ended. It is restored when
// the same person signs in again.
type FormDraft struct {
	Key     string    // SHA-256 of the random id in the link back to the form
	Account AccountID // whose session had ended; empty if unknown
	Form    map[string][]string
	Created time.Time
}

// FormDraftLifetime is how long a draft is kept.
const FormDraftLifetime = 24 * time.Hour
