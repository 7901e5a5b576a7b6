package auth

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/web/kit"
)

// showMerge asks one of two people, of whom an administrator says that they are the same,
// to confirm that. It does not exist for anyone else.
func showMerge(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	m, err := c.Store.MergeProposal(c.Ctx, c.Tenant.ID, access.MergeID(id))
	if err != nil {
		return err
	}
	if !m.Involves(c.Person.ID) {
		return access.Missing()
	}
	p := c.Printer
	intro := p.T("%s wants to merge two accounts that belong to you. You're signed in with the first: %s. Confirm "+
		"that it's yours, then sign in with the second.", c.Tenant.Name, kit.AccountLabel(c))
	if m.ProvedWith(c.Person.ID, mergeProof(c, id), c.Now) {
		intro = p.T("You're signed in with the second account: %s. If both accounts are yours, confirm the merge. You "+
			"sign in again afterwards.", kit.AccountLabel(c))
	}
	page := views.AdminForm{Chrome: c.Chrome(p.T("Merge your accounts")), Action: c.Request().URL.Path, Intro: intro,
		Buttons: []views.Button{{Label: p.T("Both accounts are mine"), Primary: true}}, CancelURL: c.PagePath()}
	return c.Show(http.StatusOK, page.Page())
}

// mergeState names the cookie that remembers the first of the two sign-ins.
func mergeState(id string) string { return "merge " + id }

// mergeProof is the hash of the token that the browser has from the first sign-in; empty
// if it has none.
func mergeProof(c *kit.Context, id string) string {
	if token := c.SessionCookies.Binding(c.Request(), mergeState(id)); token != "" {
		return signin.HashToken(token)
	}
	return ""
}

// postMerge confirms: with the first account it asks to sign in with the second, with the
// second it merges the two.
func postMerge(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	if c.Person.ID == "" {
		return access.Missing()
	}
	token := signin.NewToken()
	merged, err := c.Lifecycle.Merges.Prove(c.Ctx, c.Person, lifecycle.MergeProof{Proposal: access.MergeID(id),
		Held: mergeProof(c, id), Fresh: signin.HashToken(token)})
	if err != nil {
		return err
	}
	p := c.Printer
	if !merged {
		c.SessionCookies.Bind(c.Response(), c.Request(), signin.Started{State: mergeState(id), Binding: token})
		page := views.ErrorPage{Chrome: c.Chrome(p.T("Sign in with the second account")),
			SwitchAccount: kit.SwitchAccount(c, c.Request().URL.Path),
			Text:          []string{p.T("Now sign in with your other account in this browser, and confirm again.")}}
		return c.Show(http.StatusOK, page.Page())
	}
	c.SessionCookies.Unbind(c.Response(), mergeState(id))
	c.SessionCookies.ClearSession(c.Response())
	c.SessionKey, c.Person, c.Account = "", access.Person{}, access.Account{}
	page := views.ErrorPage{Chrome: c.Chrome(p.T("Your accounts are merged")),
		Text:  []string{p.T("Sign in with either account to continue.")},
		Links: []views.Link{{Label: p.T("Sign in again"), Href: c.PagePath(), Primary: true}}}
	return c.Show(http.StatusOK, page.Page())
}
