package mail

import (
	"myaccess/internal/access"
	"myaccess/internal/lang"
)

// writer fills a letter in from facts whose names are on one line already.
type writer func(l *letter, p *lang.Printer, f Facts)

func writers() map[Kind]writer {
	return map[Kind]writer{
		ApprovalAsked:           writeAsked,
		ApprovalReminder:        writeReminder,
		StageApproved:           writeStageApproved,
		RequestApproved:         writeApproved,
		RequestDenied:           writeDenied,
		RequestDeniedApprovers:  writeDeniedApprovers,
		RequestExpired:          writeExpired,
		RequestExpiredApprovers: writeExpiredApprovers,
		RequestCanceled:         writeCanceled,
		AccessDelivered:         writeDelivered,
		DeliveryPartial:         writePartial,
		DeliveryFailed:          writeFailed,
		AccessEnded:             writeEnded,
		Passcode:                writePasscode,
		ProviderChanged:         writeProviderChanged,
	}
}

func writeAsked(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Action required: Approve or deny request by %s", p.Date(f.Due))
	l.Lead = p.T("%s asks for access to “%s”. Your decision is needed by %s.", f.Requestor.Name, f.Package,
		p.DateTime(f.Due))
	l.approval(p, f)
}

func writeReminder(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Reminder: Approve or deny the request by %s for %s", p.Date(f.Due), f.Requestor.Name)
	l.Lead = p.T("The request of %s for “%s” still waits. If nobody decides by %s, it expires.", f.Requestor.Name,
		f.Package, p.DateTime(f.Due))
	l.approval(p, f)
}

func writeStageApproved(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request approved for %s to %s", f.Requestor.Name, f.Package)
	l.Lead = p.T("Stage %d of %d was approved. The next stage has been asked.", f.Stage, f.Stages)
	l.decided(p, f)
}

func writeApproved(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request approved for %s to %s", f.Requestor.Name, f.Package)
	l.Lead = p.T("The request was approved. There is nothing left for you to do.")
	l.decided(p, f)
}

func writeDenied(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request denied to %s", f.Package)
	l.Lead = p.T("Your request for “%s” was denied.", f.Package)
	l.row(p.T("Reason"), f.Reason)
	l.link(p.T("See your request"), f, "/requests/"+string(f.RequestID))
}

func writeDeniedApprovers(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request denied for %s to %s", f.Requestor.Name, f.Package)
	l.Lead = p.T("The request was denied. There is nothing left for you to do.")
	l.decided(p, f)
}

func writeExpired(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Your request has expired for %s", f.Package)
	l.Lead = p.T("Nobody decided your request for “%s” in time. You can submit it again; what you wrote is kept.",
		f.Package)
	l.link(p.T("Submit it again"), f, "/requests/"+string(f.RequestID))
}

func writeExpiredApprovers(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request has expired for %s", f.Package)
	l.Lead = p.T("Nobody decided the request of %s for “%s” in time. It can no longer be decided.", f.Requestor.Name,
		f.Package)
	l.link(p.T("See the request"), f, "/approvals/"+string(f.RequestID))
}

// writeCanceled has no button: it goes to people of both sides, and nothing is
// left to do for any of them.
func writeCanceled(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request canceled for %s", f.Package)
	if f.Reason == "" {
		l.Lead = p.T("%s has withdrawn the request for “%s”. There is nothing left for you to do.", f.Requestor.Name,
			f.Package)
		return
	}
	l.Lead = p.T("The request of %s for “%s” was canceled.", f.Requestor.Name, f.Package)
	l.row(p.T("Reason"), p.T(f.Reason))
}

func writeDelivered(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("You now have access to %s", f.Package)
	l.Lead = p.T("You now have access to everything in “%s”.", f.Package)
	if !f.End.IsZero() {
		l.row(p.T("Until"), p.DateTime(f.End))
	}
	l.items(f)
	l.link(p.T("Open your access packages"), f, "/access-packages?tab=active")
}

func writePartial(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Part of your access to %s is still missing", f.Package)
	l.Lead = p.T("Some of what belongs to “%s” could not be delivered yet. It is tried again until it succeeds.",
		f.Package)
	l.items(f)
	l.link(p.T("See how it stands"), f, "/requests/"+string(f.RequestID))
}

func writeFailed(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Your access to %s could not be delivered yet", f.Package)
	l.Lead = p.T("Your request for “%s” was granted, but nothing of it could be delivered yet. It is tried again until "+
		"it succeeds.", f.Package)
	l.items(f)
	l.link(p.T("See how it stands"), f, "/requests/"+string(f.RequestID))
}

// writeEnded promises nothing: whether the person may ask again is for the
// package's page to say.
func writeEnded(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Access has ended for %s", f.Package)
	l.Lead = p.T("Your access to “%s” has ended and was removed. If you still need it, the access package's page says "+
		"whether you can ask again.", f.Package)
	l.link(p.T("See the access package"), f, "/access-packages/"+string(f.PackageID))
}

// writePasscode keeps the code out of the subject, which screens show to
// whoever is near, and has no link: the page that asked for it is open.
func writePasscode(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Your code to sign in to %s", f.Tenant)
	l.Greeting = p.T("Hello,")
	l.Lead = p.T("Somebody, most likely you, wants to sign in to %s with this address. Type this code into the page "+
		"that asked for it, in the same browser. If it was not you, do nothing.", f.Tenant)
	l.row(p.T("Code"), f.Code)
	l.row(p.T("Valid for"), p.N(int(access.PasscodeLifetime.Minutes()), "%d minute", "%d minutes"))
}

// writeProviderChanged lets administrators notice what somebody has done who
// ought not to (security.md 3.2, note 15).
func writeProviderChanged(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("How people of %s sign in was changed", f.Provider.Name)
	l.Lead = p.T("Every global administrator is told when a provider or a domain is added or changed. If you did not " +
		"expect this, switch the provider off.")
	l.row(p.T("Provider"), f.Provider.Name)
	l.row(p.T("What was done"), p.T(f.Provider.Change))
	l.row(p.T("Domain"), f.Provider.Domain)
	l.row(p.T("By"), f.Provider.By)
	l.link(p.T("Open the providers"), f, "/admin/organizations/providers")
}
