package auth

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/web/kit"
)

// showSetup is the page of the one-time link that `myaccess init` prints. It
// offers the signed-in person to become the first administrator.
func showSetup(c *kit.Context) error {
	if err := c.Admin.Setup.Open(c.Ctx, signin.HashToken(c.Param("token")), c.Tenant.ID, c.Now); err != nil {
		return err
	}
	p := c.Printer
	page := views.AdminForm{Chrome: c.Chrome(p.T("Become the first administrator")), Action: c.Request().URL.Path,
		Intro: p.T("You're signed in as %s. As global administrator of %s, you manage everything here and assign roles to "+
			"others.", kit.AccountLabel(c), c.Tenant.Name),
		Buttons: []views.Button{{Label: p.T("Become global administrator"), Primary: true}}, CancelURL: c.PagePath()}
	return c.Show(http.StatusOK, page.Page())
}

// postSetup makes the signed-in person a global administrator.
func postSetup(c *kit.Context) error {
	if c.Person.ID == "" {
		return access.Missing()
	}
	if err := c.Admin.Setup.Claim(c.Ctx, signin.HashToken(c.Param("token")), c.Person); err != nil {
		return err
	}
	return c.Done(c.AdminPath(), "administrator")
}
