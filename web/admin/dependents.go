package admin

import (
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/web/kit"
)

// addDependents adds a notice that names the policies that do not work because
// of the page's object; none if there are no such policies.
func addDependents(c *kit.Context, all *[]views.Notice, text string, found store.PolicyReferences, err error) error {
	if err != nil || len(found.Policies) == 0 {
		return err
	}
	p := c.Printer
	n := views.Notice{Kind: "warn", Text: text}
	for _, one := range found.Policies {
		label := p.T("%s (%s)", one.Name, one.PackageName)
		if one.Stage > 0 {
			label = p.T("%s (%s), stage %d", one.Name, one.PackageName, one.Stage)
		}
		n.Items = append(n.Items, views.Link{Label: label,
			Href: c.AdminPath("access-packages", string(one.Package), "policies", string(one.Policy))})
	}
	if found.More > 0 {
		n.More = p.T("And %s more", p.Number(found.More))
	}
	*all = append(*all, n)
	return nil
}
