package access

import (
	"time"
)

// FormDraft is what a person had typed into a form when the session was found to
// have ended. It waits for the same person to sign in again.
type FormDraft struct {
	Key     string    // SHA-256 of the random id in the link back to the form
	Account AccountID // whose session had ended; empty if that is not known
	Form    map[string][]string
	Created time.Time
}

// FormDraftLifetime is how long a draft waits.
const FormDraftLifetime = 24 * time.Hour
