package admin

import (
	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// maxCounted is the number up to which the audience of a catalog is counted.
const maxCounted = 1000

// publishedText says what the catalog's switch “Enabled” means now.
func publishedText(c *kit.Context, catalog access.Catalog) (string, error) {
	p := c.Printer
	a, err := c.View.CatalogAudience(c.Ctx, catalog.ID, false, maxCounted)
	if err != nil {
		return "", err
	}
	who := peopleText(c, a)
	switch packages := packagesText(c, a); {
	case catalog.Published && a.Packages == 0:
		return p.T("Yes, but no listed access package in it is for people of your own directory today."), nil
	case catalog.Published:
		return p.T("Yes: today %s of your own directory can see %s and request what their policies allow.", who, packages),
			nil
	case a.Packages == 0:
		return p.T("No: nobody can see or request its access packages. Who holds one keeps it."), nil
	default:
		return p.T("No: nobody can see or request its access packages. Who holds one keeps it. If it were, %s of your own "+
			"directory could see %s.", who, packages), nil
	}
}

// externalText says what the catalog's switch “Enabled for external users”
// means now.
func externalText(c *kit.Context, catalog access.Catalog) (string, error) {
	p := c.Printer
	a, err := c.View.CatalogAudience(c.Ctx, catalog.ID, true, maxCounted)
	if err != nil {
		return "", err
	}
	who, packages := outsidersText(c, a), packagesText(c, a)
	switch {
	case a.Packages == 0 && catalog.External:
		return p.T("Yes, but no listed access package in it is for people from outside: none of them can see anything " +
			"today."), nil
	case a.Packages == 0:
		return p.T("No: nobody from outside can see or request anything in it. No listed access package in it is for them " +
			"anyway."), nil
	case catalog.External && !catalog.Published:
		return p.T("Yes, but nobody sees anything while the catalog is not enabled. Once it is, %s can see %s.", who,
			packages), nil
	case catalog.External:
		return p.T("Yes: today %s can see %s and request what their policies allow.", who, packages), nil
	}
	return p.T("No: nobody from outside can see or request anything in it, whatever policies say. If it were, %s could "+
		"see %s.", who, packages), nil
}

func packagesText(c *kit.Context, a store.CatalogAudience) string {
	return c.Printer.N(int(a.Packages), "%d access package", "%d access packages")
}

func peopleText(c *kit.Context, a store.CatalogAudience) string {
	p := c.Printer
	if a.People > maxCounted {
		return p.T("more than %s people", p.Number(maxCounted))
	}
	return p.N(int(a.People), "%d person", "%d people")
}

// outsidersText says how many people from how many organizations there are, and
// whether anyone else can request too.
func outsidersText(c *kit.Context, a store.CatalogAudience) string {
	p := c.Printer
	who := peopleText(c, a)
	if a.Organizations > 0 {
		who = p.T("%s of %s", who, p.N(int(a.Organizations), "%d organization", "%d organizations"))
	}
	if a.Anyone {
		who = p.T("%s and anybody else from outside", who)
	}
	return who
}
