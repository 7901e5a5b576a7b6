package kit

import (
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// RequestBadge is the state of a request.
func RequestBadge(p *lang.Printer, r access.Request) ui.Badge {
	if r.Type.IsRemoval() && r.State == access.Delivering {
		return ui.Badge{Kind: "info", Text: p.T("Being removed")}
	}
	if r.Type.IsRemoval() && r.State == access.Delivered {
		return ui.Badge{Kind: "idle", Text: p.T("Removed")}
	}
	return map[access.RequestState]ui.Badge{
		access.Submitted:          {Kind: "info", Text: p.T("Submitted")},
		access.PendingApproval:    {Kind: "wait", Text: p.T("Pending approval")},
		access.Scheduled:          {Kind: "info", Icon: "state_waiting", Text: p.T("Scheduled")},
		access.Delivering:         {Kind: "info", Text: p.T("Delivering")},
		access.Delivered:          {Kind: "quiet", Text: p.T("Delivered")},
		access.PartiallyDelivered: {Kind: "bad", Text: p.T("Partially delivered")},
		access.DeliveryFailed:     {Kind: "bad", Text: p.T("Delivery failed")},
		access.Denied:             {Kind: "bad", Icon: "state_refused", Text: p.T("Denied")},
		access.Canceled:           {Kind: "idle", Text: p.T("Canceled")},
		access.Expired:            {Kind: "bad", Icon: "state_refused", Text: p.T("Expired")},
	}[r.State]
}

// AssignmentBadge is the state of an assignment.
func AssignmentBadge(p *lang.Printer, s access.AssignmentState) ui.Badge {
	return map[access.AssignmentState]ui.Badge{
		access.AssignDelivering: {Kind: "info", Text: p.T("Delivering")},
		access.AssignPartial:    {Kind: "bad", Text: p.T("Partially delivered")},
		access.AssignDelivered:  {Kind: "quiet", Text: p.T("Active")},
		access.AssignFailed:     {Kind: "bad", Text: p.T("Delivery failed")},
		access.AssignExpired:    {Kind: "idle", Text: p.T("Ended")},
	}[s]
}

// GrantBadge is the state of a grant.
func GrantBadge(p *lang.Printer, s access.GrantState) ui.Badge {
	return map[access.GrantState]ui.Badge{
		access.Adding:   {Kind: "info", Text: p.T("Delivering")},
		access.Held:     {Kind: "quiet", Text: p.T("Delivered")},
		access.Removing: {Kind: "info", Text: p.T("Being removed")},
		access.Removed:  {Kind: "idle", Text: p.T("Removed")},
	}[s]
}

// KindWord is the kind of a resource.
func KindWord(p *lang.Printer, k access.ResourceKind) string {
	return map[access.ResourceKind]string{
		access.KindGroup: p.T("Group"), access.KindTeam: p.T("Team"), access.KindSite: p.T("Site"),
		access.KindApplication: p.T("Application"),
	}[k]
}

// Resources are resource roles as pages show them. Only roles that are held
// have a link.
func Resources(p *lang.Printer, roles []store.RoleWithResource, grants []access.Grant) []views.Resource {
	byRole := map[access.ResourceRoleID]access.Grant{}
	for _, g := range grants {
		byRole[g.Role] = g
	}
	var all []views.Resource
	for _, x := range roles {
		r := views.Resource{Name: x.Resource.Name, Kind: KindWord(p, x.Resource.Kind), Role: x.Role.Name}
		if g, ok := byRole[x.Role.ID]; ok {
			r.State = GrantBadge(p, g.State)
			if g.LastError != "" {
				r.Problem = p.T(lang.Message(g.LastError))
			}
			if g.State == access.Held {
				r.Link = SafeLink(x.Resource.Link)
			}
		}
		all = append(all, r)
	}
	return all
}

// forecast says what happens after submitting: who approves, and when the
// access would end.
func forecast(p *lang.Printer, o access.Policy, period access.Request, now time.Time) string {
	asks := p.T("No approval needed.")
	if n := len(o.Stages); n > 0 {
		asks = p.N(n, "Needs %d approval.", "Needs %d approvals, in order.")
	}
	start := now
	if period.Start.After(now) {
		start = period.Start.In(now.Location())
		asks += " " + p.T("Access starts on %s.", p.DateTime(start))
	}
	period.Terms = o.Terms
	switch end := period.AssignmentEnd(start); {
	case end.IsZero():
		return asks + " " + p.T("You'll keep this until it's removed.")
	case !end.After(start):
		return p.T("Access under this policy would have ended on %s, so you can't request it.", p.DateTime(end))
	case len(o.Stages) == 0:
		return asks + " " + p.T("If you submit now, you'll keep this until %s.", p.DateTime(end))
	default:
		return asks + " " + p.T("If this is approved today, you'll keep it until %s.", p.DateTime(end))
	}
}

// PersonKindWord says how the tenant knows a person.
func PersonKindWord(p *lang.Printer, one access.Person) string {
	return map[access.PersonKind]string{
		access.Member: p.T("Member"), access.Guest: p.T("Guest"), access.External: p.T("External"),
	}[one.Kind]
}

// Quoted is a text from outside in quotes, in which every unusual character is visible.
func Quoted(text string) string { return strconv.Quote(cutQuoted(text, maxQuoted)) }
