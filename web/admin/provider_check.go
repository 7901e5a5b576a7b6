package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// unworkableField confirms that a provider is saved although its connection test fails. Its
// value is the connectionKey of the provider whose failure was shown.
const unworkableField = "unworkable"

// connectionKey is the same for providers that are connected to in the same way. A
// confirmation with it counts for no other provider, nor for settings that were changed
// after it was given.
func connectionKey(d access.Directory) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{d.Issuer, d.ClientID, d.AuthStyle, d.TenantClaim, d.TenantValue,
		d.HintStyle, d.HintValue, d.HintValues, d.Scopes, d.ConfirmedHosts}))
	return hex.EncodeToString(sum[:12])
}

// confirmUnworkable tests the connection to a provider before it is saved, if save would
// refuse nothing: a provider with which nobody can sign in is saved only if the form says
// so. It returns the refusals of save otherwise.
func confirmUnworkable(c *kit.Context, typed url.Values, d access.Directory, save func(*admin.Editor) error) error {
	if _, err := c.Admin.Preview(c.Ctx, admin.ByPerson(c.Person), save); err != nil {
		return err
	}
	return testConnections(c, typed, d)
}

// confirmUnworkables is confirmUnworkable for the new providers of a connected
// organization.
func confirmUnworkables(c *kit.Context, typed url.Values, connecting admin.Connecting) error {
	var all []access.Directory
	for _, d := range connecting.New {
		if d.Kind == access.DirectoryOpenID {
			d.Owner = c.Tenant.ID
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := c.Admin.Preview(c.Ctx, admin.ByPerson(c.Person), saveOrganization(c, connecting)); err != nil {
		return err
	}
	return testConnections(c, typed, all...)
}

// testConnections tests each way to connect to the providers of a form once, but those
// that are confirmed. The form counts as one start (kit.Context.StartWait).
func testConnections(c *kit.Context, typed url.Values, all ...access.Directory) error {
	confirmed := slices.Clone(typed[unworkableField])
	all = slices.DeleteFunc(all, func(d access.Directory) bool {
		key := connectionKey(d)
		known := slices.Contains(confirmed, key)
		confirmed = append(confirmed, key)
		return known
	})
	if len(all) == 0 {
		return nil
	}
	if wait := c.StartWait("probe " + string(c.Person.ID)); wait > 0 {
		return access.Invalidf(unworkableField, "The connection can't be tested at the moment. Wait a moment and try again, "+
			"or save anyway.")
	}
	c.EndSnapshot()
	var es access.Errors
	for _, d := range all {
		steps := c.SignIn.Probe(c.Ctx, d)
		if signin.Works(steps) {
			continue
		}
		failed := steps[slices.IndexFunc(steps, func(s signin.Step) bool { return s.Verdict == signin.Failed })]
		es.Add(access.Invalidf(unworkableField,
			"The connection test of %s failed, so no one can sign in there: %s Correct the settings, or save anyway.",
			d.Name, stepText(c.Printer, failed)))
	}
	return es.Err()
}

// stepText is what a step of a connection test has found.
func stepText(p *lang.Printer, s signin.Step) string {
	return kit.ErrorText(p, access.Refuse(access.Invalid, s.Msg, s.Args...))
}

// sameConnection reports whether two providers are connected to in the same way.
func sameConnection(a, b access.Directory) bool {
	return a.Issuer == b.Issuer && a.AuthStyle == b.AuthStyle && a.TenantClaim == b.TenantClaim &&
		slices.Equal(a.ConfirmedHosts, b.ConfirmedHosts)
}

// unworkableParts are the field of confirmUnworkable for the provider being entered, once
// it was asked.
func unworkableParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	key := connectionKey(readProvider(c, typed, access.Directory{Kind: access.DirectoryOpenID}))
	if faults[unworkableField] == "" && !slices.Contains(typed[unworkableField], key) {
		return nil
	}
	p := c.Printer
	return []views.Part{kit.OptionsField(typed, faults, ui.Options{Name: unworkableField, Label: p.T("Connection test"),
		Multiple: true, Options: []ui.Option{{Value: key, Label: p.T("Save anyway"),
			Hint: p.T("No one can sign in with this provider until the test passes.")}}})}
}
