package web

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
)

// showSetup is where the one-time link of `myaccess init` leads: somebody who has
// signed in is asked whether to become the first administrator.
func showSetup(v *visit) error {
	if err := v.Admin.Setup.Open(v.ctx, signin.HashToken(v.Param("token")), v.tenant.ID, v.now); err != nil {
		return err
	}
	p := v.printer
	page := views.AdminForm{Chrome: v.chrome(p.T("Become the first administrator")), Action: v.Request().URL.Path,
		Intro: p.T("You are signed in as %s (%s). As global administrator of %s you manage everything here, and give "+
			"roles to others.", v.account.Name, v.account.Email, v.tenant.Name),
		Buttons: []views.Button{{Label: p.T("Become global administrator"), Primary: true}}, CancelURL: v.home + "/"}
	return v.show(http.StatusOK, page.Page())
}

// postSetup makes the reader the first administrator.
func postSetup(v *visit) error {
	if v.person.ID == "" {
		return access.Missing()
	}
	if err := v.Admin.Setup.Claim(v.ctx, signin.HashToken(v.Param("token")), v.person); err != nil {
		return err
	}
	return v.done(v.adminPath(), "given")
}
