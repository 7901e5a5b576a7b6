package mail

import (
	"myaccess/internal/access"
	"myaccess/internal/lang"
	"strings"
)

// writer sets the content of one kind of message. The names in f are on one line.
type writer func(c *content, p *lang.Printer, f Facts)

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
		CarryOverCode:           writeCarryOverCode,
		ProviderChanged:         writeProviderChanged,
		PersonMatched:           writePersonMatched,
		SubjectNeeded:           writeSubjectNeeded,
		NotMember:               writeNotMember,
		AddressesTrusted:        writeAddressesTrusted,
		NoApprover:              writeNoApprover,
	}
}

func writeAsked(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Approve or deny by %s: %s → %s", p.Date(f.Due), f.Requestor.Name, f.Package)
	c.Lead = p.T("%s requests access to “%s”. Approve or deny the request by %s.", f.Requestor.Name, f.Package,
		p.DateTime(f.Due))
	c.approval(p, f)
}

func writeReminder(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Reminder: Approve or deny by %s: %s → %s", p.Date(f.Due), f.Requestor.Name, f.Package)
	c.Lead = p.T("The request of %s for “%s” is pending approval. If no one decides by %s, it expires.", f.Requestor.Name,
		f.Package, p.DateTime(f.Due))
	c.approval(p, f)
}

func writeStageApproved(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Stage %d of %d approved: %s → %s", f.Stage, f.Stages, f.Requestor.Name, f.Package)
	c.Lead = p.T("Stage %d of %d was approved. The approvers of the next stage have been notified.", f.Stage, f.Stages)
	c.decided(p, f)
}

func writeApproved(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Request approved: %s → %s", f.Requestor.Name, f.Package)
	c.Lead = p.T("The request was approved. You don't need to do anything.")
	c.decided(p, f)
}

func writeDenied(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your request for %s was denied", f.Package)
	c.Lead = p.T("Your request for “%s” was denied.", f.Package)
	c.row(p.T("Reason"), f.Reason)
	c.link(p.T("View request"), f, "/requests/"+string(f.RequestID))
}

func writeDeniedApprovers(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Request denied: %s → %s", f.Requestor.Name, f.Package)
	c.Lead = p.T("The request was denied. You don't need to do anything.")
	c.decided(p, f)
}

func writeExpired(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your request for %s has expired", f.Package)
	c.Lead = p.T("No one decided on your request for “%s” in time. You can submit it again: what you entered is saved.",
		f.Package)
	c.link(p.T("Submit again"), f, "/requests/"+string(f.RequestID))
}

func writeExpiredApprovers(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Request expired: %s → %s", f.Requestor.Name, f.Package)
	c.Lead = p.T("No one decided on the request of %s for “%s” in time. You can't decide on it anymore.",
		f.Requestor.Name, f.Package)
	c.link(p.T("View request"), f, "/approvals/"+string(f.RequestID))
}

// writeCanceled has no button: it goes to the requestor and to approvers, and none of
// them has anything to do.
func writeCanceled(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Request canceled: %s → %s", f.Requestor.Name, f.Package)
	if f.Note == "" {
		c.Lead = p.T("%s canceled the request for “%s”. You don't need to do anything.", f.Requestor.Name, f.Package)
		return
	}
	c.Lead = p.T("The request of %s for “%s” was canceled.", f.Requestor.Name, f.Package)
	c.row(p.T("Reason"), p.T(lang.Message(f.Note)))
}

func writeDelivered(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("You now have access to %s", f.Package)
	c.Lead = p.T("You now have access to everything in “%s”.", f.Package)
	if !f.End.IsZero() {
		c.row(p.T("Until"), p.DateTime(f.End))
	}
	c.items(p, f)
	c.link(p.T("Open your access packages"), f, "/access-packages?tab=active")
}

func writePartial(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Part of your access to %s couldn't be delivered yet", f.Package)
	c.Lead = p.T("Some of the resources in “%s” couldn't be delivered yet. We'll keep trying until it succeeds.",
		f.Package)
	c.items(p, f)
	c.link(p.T("View request"), f, "/requests/"+string(f.RequestID))
}

func writeFailed(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your access to %s couldn't be delivered yet", f.Package)
	c.Lead = p.T("Your request for “%s” was approved, but nothing could be delivered yet. We'll keep trying until it "+
		"succeeds.", f.Package)
	c.items(p, f)
	c.link(p.T("View request"), f, "/requests/"+string(f.RequestID))
}

// writeEnded does not say whether the person can request the package again; the
// package's page does.
func writeEnded(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your access to %s has ended", f.Package)
	c.Lead = p.T("Your access to “%s” has ended and was removed. If you still need it, open the access package to see if "+
		"you can request it again.", f.Package)
	c.link(p.T("View access package"), f, "/access-packages/"+string(f.PackageID))
}

// writePasscode keeps the code out of the subject, because lock screens show that, and
// has no link, because the page that asks for the code is open.
func writePasscode(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your code to sign in to %s", f.Tenant)
	c.Greeting = p.T("Hello,")
	c.Lead = p.T("Someone wants to sign in to %s with this address. If it's you, enter this code on the page that asked "+
		"for it, in the same browser. If it isn't you, ignore this mail.", f.Tenant)
	c.row(p.T("Code"), f.Code)
	c.row(p.T("Valid for"), p.N(int(access.PasscodeLifetime.Minutes()), "%d minute", "%d minutes"))
}

// writeCarryOverCode says whose account gets the access, because a code that was asked for
// by somebody else must not be handed on.
func writeCarryOverCode(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Your code to keep your access at %s", f.Tenant)
	c.Greeting = p.T("Hello,")
	c.Lead = p.T("People with your mail address sign in to %s at their own provider now. Someone signed in there and "+
		"wants to continue with the access of this address. If it was you, enter this code on the page that asked for "+
		"it. If it wasn't you, don't share the code with anyone.", f.Tenant)
	c.row(p.T("Code"), f.Code)
	c.row(p.T("Valid for"), p.N(int(access.PasscodeLifetime.Minutes()), "%d minute", "%d minutes"))
	c.row(p.T("Signed in as"), f.Notice.Name)
	c.row(p.T("Provider"), f.Notice.Provider)
}

// writeProviderChanged lets administrators notice a change by someone who should not
// have made it.
func writeProviderChanged(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Sign-in settings of %s changed", f.Provider.Name)
	c.Lead = p.T("All global administrators get a mail when a provider or a domain is added or changed. If you didn't " +
		"expect this, turn the provider off.")
	c.row(p.T("Provider"), f.Provider.Name)
	c.row(p.T("Change"), p.T(lang.Message(f.Provider.Change)))
	c.row(p.T("Domain"), p.Series(strings.Fields(f.Provider.Domain)))
	c.row(p.T("Changed by"), f.Provider.By)
	c.link(p.T("Open the providers"), f, "/admin/organizations/providers")
}

// writePersonMatched lets administrators notice a person who is somebody else's.
func writePersonMatched(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("First sign-in: %s was recognized by mail address", f.Notice.Name)
	c.Lead = p.T("%s was added before signing in, and has now signed in. The mail address matched. If this is someone "+
		"else, disable the person and end all sessions.", f.Notice.Name)
	c.person(p, f)
	c.link(p.T("Open the person"), f, "/admin/people/"+string(f.Notice.PersonID))
}

func writeSubjectNeeded(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Confirm the account of %s, who can't sign in yet", f.Notice.Name)
	c.Lead = p.T("Someone with the mail address of %s has signed in. %s has administrative roles, so the address isn't "+
		"enough. If the subject below belongs to %s, enter it on the person's page.", f.Notice.Name, f.Notice.Name,
		f.Notice.Name)
	c.person(p, f)
	c.link(p.T("Enter the subject"), f, "/admin/people/"+string(f.Notice.PersonID)+"/subject")
}

func writeNotMember(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("%s signed in and is a guest, not a member", f.Notice.Name)
	c.Lead = p.T("The mail address of %s is in none of your directory's domains. Policies for members don't apply. If "+
		"this person is a member, add the domain to the directory.", f.Notice.Name)
	if f.Notice.Reason != "" {
		c.Lead = p.T("Your identity provider says that %s is a guest. Policies for members don't apply. If this person is "+
			"a member, change the guest rule of your directory.", f.Notice.Name)
		c.row(p.T("Claim"), f.Notice.Reason)
	}
	c.person(p, f)
	c.link(p.T("Open the person"), f, "/admin/people/"+string(f.Notice.PersonID))
}

func writeAddressesTrusted(c *content, p *lang.Printer, f Facts) {
	c.Subject = p.T("Mail addresses from %s are trusted after the upgrade", f.Notice.Provider)
	c.Lead = p.T("People you added before their first sign-in are now recognized by mail address only if the address is "+
		"verified. Microsoft Entra ID doesn't say so. To keep sign-ins working, the upgrade turned on “Trust mail "+
		"addresses” for %s. Turn it off if people can choose their address there.", f.Notice.Provider)
	c.row(p.T("Provider"), f.Notice.Provider)
	c.link(p.T("Open the provider"), f, "/admin/organizations/providers/"+string(f.Notice.DirectoryID))
}

// writeNoApprover names one request or policy in the subject, so that several such mails
// can be told apart.
func writeNoApprover(c *content, p *lang.Printer, f Facts) {
	all, n := f.Gap.Items, len(f.Gap.Items)+f.Gap.More
	switch {
	case n == 1 && all[0].Policy == "":
		c.Subject = p.T("No one can approve or deny by %s: %s → %s", p.Date(all[0].Due), all[0].Person, all[0].Package)
	case n == 1:
		c.Subject = p.T("No one can approve requests for %s under “%s”", all[0].Package, all[0].Policy)
	default:
		c.Subject = p.T("No one can approve %d requests and policies in the catalog “%s”", n, f.Gap.Catalog)
	}
	c.Lead = p.T("The approvers are disabled, can't sign in, are groups without members, made the request, or are the " +
		"only people who can request. Choose other approvers on the page of the request before it expires. Change the " +
		"policy: until then, new requests under it are refused.")
	for _, g := range all {
		if g.Policy == "" {
			c.row(p.T("Request"), p.T("%s → %s, stage %d, expires on %s", g.Person, g.Package, g.Stage, p.DateTime(g.Due)))
		} else {
			c.row(p.T("Policy"), p.T("%s of %s, stage %d", g.Policy, g.Package, g.Stage))
		}
	}
	if f.Gap.More > 0 {
		c.row(p.T("Others"), p.T("%d more", f.Gap.More))
	}
	c.link(p.T("Open the overview"), f, "/admin/")
}

// person adds the person and the account of a notice.
func (c *content) person(p *lang.Printer, f Facts) {
	c.row(p.T("Person"), f.Notice.Name)
	c.row(p.T("Email"), f.Notice.Address)
	c.row(p.T("Provider"), f.Notice.Provider)
	c.row(p.T("Subject"), f.Notice.Subject)
}
