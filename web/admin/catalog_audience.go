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
		return p.T("Yes, but none of its listed access packages is for people in your own directory."), nil
	case catalog.Published:
		return p.T("Yes. %s in your own directory can see %s and request what the policies allow.", who, packages),
			nil
	case a.Packages == 0:
		return p.T("No. No one can see or request its access packages. People who have one keep it."), nil
	default:
		return p.T("No. No one can see or request its access packages. People who have one keep it. If you enable it, %s "+
			"in your own directory can see %s.", who, packages), nil
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
		return p.T("Yes, but external users can't see anything: none of its listed access packages is for them."), nil
	case a.Packages == 0:
		return p.T("No. External users can't see or request anything in it. None of its listed access packages is for them."),
			nil
	case catalog.External && !catalog.Published:
		return p.T("Yes, but no one can see anything until the catalog is enabled. Then %s can see %s.", who,
			packages), nil
	case catalog.External:
		return p.T("Yes. %s can see %s and request what the policies allow.", who, packages), nil
	}
	return p.T("No. External users can't see or request anything in it, whatever its policies allow. If you enable it, "+
		"%s can see %s.", who, packages), nil
}

func packagesText(c *kit.Context, a store.CatalogAudience) string {
	return c.Printer.N(int(a.Packages), "%d access package", "%d access packages")
}

func peopleText(c *kit.Context, a store.CatalogAudience) string {
	p := c.Printer
	if a.People > maxCounted {
		return p.C("number of people in a sentence", "more than %s people", p.Number(maxCounted))
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
		who = p.T("%s and any other external user", who)
	}
	return who
}
