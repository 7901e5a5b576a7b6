package access

import (
	"encoding/json"
	"time"
)

// FormDraft is what was typed in a form: in one whose session had ended, restored when the
// same person signs in again, or in the steps of a wizard so far.
type FormDraft struct {
	Key     string    // SHA-256 of the random id in the link back to the form
	Tenant  TenantID  // whose form it is
	Account AccountID // who typed it
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

// Names of values of a draft that no field of a form has.
const (
	// FormSaved is an id of the last save of a wizard's draft.
	FormSaved = "saved"
	// FormFinished is the address of what a wizard has made. A draft with it has no other
	// values.
	FormFinished = "finished"
)

// IsFinished reports whether the wizard of the draft has made what it is for.
func (d FormDraft) IsFinished() bool { return len(d.Form[FormFinished]) > 0 }

// HasExpired reports whether the draft must not be used any more.
func (d FormDraft) HasExpired(now time.Time) bool {
	return !now.Before(d.Created.Add(FormDraftLifetime))
}

// CanReplace checks whether d may replace old, which has the same key. base is the
// FormSaved of the draft that d was made from; empty if there was none. It returns
// NotFound for a draft of another account, and Conflict if the wizard has been finished or
// saved since (F-283).
func (d FormDraft) CanReplace(old FormDraft, base string, now time.Time) error {
	switch saved := old.Form[FormSaved]; {
	case old.HasExpired(now):
		return nil
	case old.Account != d.Account:
		return Missing()
	case d.IsFinished():
		return nil
	case old.IsFinished(), len(saved) > 0 && saved[0] != base:
		return Refuse(Conflict, "This form was changed in another tab or window. Open it again.")
	}
	return nil
}

// CanFinish checks whether d, which says that a wizard is finished, may replace old, so
// that it makes nothing twice. It returns NotFound for a draft of another account.
func (d FormDraft) CanFinish(old FormDraft, now time.Time) error {
	if err := d.CanReplace(old, "", now); err != nil || !old.IsFinished() || old.HasExpired(now) {
		return err
	}
	return Refuse(Conflict, "You've already submitted this form. Nothing was created twice.")
}

// Size is the number of bytes of the form as it is stored, as JSON.
func (d FormDraft) Size() int {
	text, err := json.Marshal(d.Form)
	if err != nil {
		panic(err) // texts always marshal
	}
	return len(text)
}
