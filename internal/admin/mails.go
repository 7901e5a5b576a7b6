package admin

import (
	"context"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SendMailAgain puts mails that were given up into the queue again (ManageSettings). It
// returns a Conflict if there are none, such as when somebody else has just done it. The
// audit record has the number of mails.
func (ed *Editor) SendMailAgain(ctx context.Context, which store.GivenUpMails) error {
	if err := ed.rights.May(access.ManageSettings); err != nil {
		return err
	}
	n, err := ed.tx.SendMailAgain(ctx, ed.by.Tenant, which)
	if err != nil {
		return err
	}
	if n == 0 {
		return access.Refuse(access.Conflict, "There's nothing to send again. The mails may be in the queue already.")
	}
	about := object{kind: access.ObjectTenant, id: string(ed.by.Tenant), to: strconv.FormatInt(n, 10)}
	if which.Request != "" {
		about.kind, about.id = access.ObjectRequest, string(which.Request)
	}
	return ed.record(ctx, access.ActSendMailAgain, about)
}
