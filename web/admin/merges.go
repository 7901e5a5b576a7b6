package admin

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// mergeRoutes are the pages on which two people are merged who are the same.
func mergeRoutes() []kit.Route {
	const list = root + "/merges"
	return append(formRoutes(root+"/people/:id/merge", access.ManagePeople, kit.OfTenant, showMerge, postMerge),
		pageRoute(list, access.ManagePeople, kit.OfTenant, showMerges),
		actionRoute(list+"/confirm", access.ManagePeople, kit.OfTenant, confirmMerge),
		actionRoute(list+"/decline", access.ManagePeople, kit.OfTenant, declineMerge))
}

// mergeForm proposes to merge the person with another one.
func mergeForm(c *kit.Context, one access.Person) kit.EditForm {
	p := c.Printer
	base := c.AdminPath("people", string(one.ID))
	return kit.EditForm{Title: p.T("Merge %s with another person", one.Name), Path: base + "/merge", Cancel: base,
		Submit: p.T("Propose merge"), Crumbs: peopleCrumbs(c, views.Link{Label: one.Name, Href: base}),
		Lead: p.T("Use this if the same person is listed twice, for example after a change at the identity provider. " +
			"Access, requests, roles, group memberships and sponsorships go to the person you keep. Another global " +
			"administrator confirms the merge, or the person signs in with both accounts."),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Parts: []views.Part{
				kit.Picker(c, kit.PickPeople, typed, faults, ui.Field{Name: "other", Label: p.T("Other person"), MaxLength: 1,
					Required: true}),
				kit.OptionsField(typed, faults, ui.Options{Name: "stays", Label: p.T("Person to keep"), Required: true,
					Hint: p.T("Keeps their history. Both accounts sign in as this person afterwards."),
					Options: []ui.Option{{Value: "this", Label: p.T("%s (this person, known since %s)",
						one.Name, p.Date(one.Created))}, {Value: "other", Label: p.T("The other person")}}}),
				kit.TextField(typed, faults, ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area",
					MaxLength: access.MaxReasonLength, Required: true}),
			}}}
		}}
}

func showMerge(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	form := mergeForm(c, read.Person())
	form.Stored = url.Values{"stays": {"this"}}
	if with := c.QueryParam("with"); with != "" {
		form.Stored.Set("other", kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: with}))
	}
	return form.Show(c)
}

func postMerge(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	one := read.Person()
	if c.Searching() {
		return mergeForm(c, one).Rerender(c, nil)
	}
	typed := c.Fields()
	var es access.Errors
	others := kit.ReadPeople(typed, "other", &es)
	if len(others) != 1 && len(es) == 0 {
		es.Add(access.Invalidf("other", "Select another person."))
	}
	stays := typed.Get("stays")
	if stays != "this" && stays != "other" {
		es.Add(access.Invalidf("stays", "Select one of the options."))
	}
	err = access.CheckText("reason", typed.Get("reason"), access.MaxReasonLength, true)
	if es.Add(err); es.Err() != nil {
		return mergeForm(c, one).Rerender(c, es.Err())
	}
	f := admin.MergeForm{From: others[0], Into: one.ID, Reason: typed.Get("reason")}
	if stays == "other" {
		f.From, f.Into = f.Into, f.From
	}
	if _, err := c.Admin.ProposeMerge(c.Ctx, c.Person, f); err != nil {
		return mergeForm(c, one).Rerender(c, err)
	}
	return c.Done(c.AdminPath("merges"), "proposed")
}

// showMerges lists the proposals that wait for a confirmation.
func showMerges(c *kit.Context) error {
	p := c.Printer
	page := views.DetailPage{Chrome: c.Chrome(p.T("Merges to confirm")), Crumbs: peopleCrumbs(c),
		Intro: p.T("Each merge is confirmed by a global administrator other than the one who proposed it, or by the " +
			"person, " +
			"who opens the link and signs in with both accounts.")}
	all, err := c.View.Merges(c.Ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		page.Sections = append(page.Sections, mergeSection(c, m))
	}
	if len(all) == 0 {
		page.Sections = []views.Section{{Text: p.T("No merges to confirm. Open a person's page to propose one.")}}
	}
	return c.Show(http.StatusOK, page.Page())
}

func mergeSection(c *kit.Context, m admin.MergeView) views.Section {
	p := c.Printer
	hidden := []views.Hidden{{Name: "merge", Value: string(m.ID)}}
	confirm := views.Command{Label: p.T("Confirm merge"), Href: c.AdminPath("merges", "confirm"), Post: true,
		Hidden: hidden, Primary: true}
	if err := m.CanConfirm(c.Person.ID, c.Rights); err != nil {
		confirm.DisabledReason = kit.ErrorText(p, err)
	}
	link := c.Base + c.Links.Home(c.Tenant.PrimaryDomain()) + "/merges/" + string(m.ID)
	return views.Section{Title: p.T("%s → %s", m.FromPerson.Name, m.IntoPerson.Name),
		Facts: []ui.Fact{{Name: p.T("Will be merged"), Value: personLine(p.Date(m.FromPerson.Created), m.FromPerson)},
			{Name: p.T("Will be kept"), Value: personLine(p.Date(m.IntoPerson.Created), m.IntoPerson)},
			{Name: p.T("Reason"), Value: m.Reason}, {Name: p.T("Proposed by"), Value: m.Proposer},
			{Name: p.T("Proposed"), Value: p.DateTime(m.Created)},
			{Name: p.T("Link for the person"), Value: link}},
		Commands: []views.Command{confirm, {Label: p.T("Decline merge"), Href: c.AdminPath("merges", "decline"), Post: true,
			Hidden: hidden}}}
}

// personLine tells two people with the same name apart.
func personLine(since string, one access.Person) string {
	return one.Name + " <" + one.Email + ">, " + string(one.Domain) + ", " + since
}

func confirmMerge(c *kit.Context) error {
	m, err := c.Admin.ConfirmMerge(c.Ctx, c.Person, access.MergeID(c.FormText("merge")))
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("people", string(m.Into)), "merged")
}

func declineMerge(c *kit.Context) error {
	if err := c.Admin.DeclineMerge(c.Ctx, c.Person, access.MergeID(c.FormText("merge"))); err != nil {
		return err
	}
	return c.Done(c.AdminPath("merges"), "declined")
}

// addTwins adds notices to a person's page: into whom they were merged, who has the same
// address, and that a merge is to be confirmed.
func addTwins(c *kit.Context, page *views.DetailPage, read admin.PersonView) error {
	p, one := c.Printer, read.Person()
	others, into, err := read.SameAddress(c.Ctx)
	if err != nil {
		return err
	}
	if one.MergedInto != "" {
		page.State = ui.Badge{Kind: "idle", Text: p.T("Merged")}
		page.Commands = nil
		page.Notices = append(page.Notices, views.Notice{Kind: "info",
			Text: p.T("This person was merged into %s and is kept for the records.", into.Name),
			Link: views.Link{Label: into.Name, Href: c.AdminPath("people", string(into.ID))}})
		return nil
	}
	if len(others) > 0 {
		n := views.Notice{Kind: "warn", Text: p.T("Other people have the same mail address. If they are the same person, " +
			"merge them."), Link: views.Link{Label: p.T("Merge"),
			Href: c.AdminPath("people", string(one.ID), "merge") + "?with=" + string(others[0].ID)}}
		for _, o := range others {
			n.Items = append(n.Items, views.Link{Label: personLine(p.Date(o.Created), o),
				Href: c.AdminPath("people", string(o.ID))})
		}
		page.Notices = append(page.Notices, n)
	}
	open, err := read.MergeProposals(c.Ctx)
	if err == nil && len(open) > 0 {
		page.Notices = append(page.Notices, views.Notice{Kind: "info",
			Text: p.T("A merge of this person is waiting for confirmation."),
			Link: views.Link{Label: p.T("Merges to confirm"), Href: c.AdminPath("merges")}})
	}
	return err
}
