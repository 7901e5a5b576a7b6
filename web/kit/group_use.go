package kit

import (
	"myaccess/internal/access"
	"myaccess/internal/lang"
)

// GroupUseText says in one sentence what the members of a group have, by the first
// of its uses, which is the most powerful; empty if it has none.
func GroupUseText(p *lang.Printer, uses []access.GroupUse) string {
	if len(uses) == 0 {
		return ""
	}
	switch u := uses[0]; {
	case u.Role == access.GlobalAdministrator:
		return p.T("Members of this group are global administrators.")
	case u.TenantWide():
		return p.T("Members of this group have an administrative role.")
	case u.Kind == access.UseRole:
		return p.T("Members of this group have a role in the catalog “%s”.", u.Name)
	case u.Kind == access.UseApprover:
		return p.T("Members of this group approve requests.")
	case u.Kind == access.UseAudience:
		return p.T("Members of this group get access without approval under the policy “%s”.", u.Name)
	}
	return p.T("Members of this group are sponsors of “%s”.", uses[0].Name)
}

// groupUses reads the uses of the groups. If that fails, all are missing and the
// error is logged.
func groupUses(c *Context, groups []access.EntryID) map[access.EntryID][]access.GroupUse {
	all, err := c.View.Dependents().GroupUses(c.Ctx, groups)
	if err != nil {
		c.LogFault(err)
	}
	return all
}

// GroupUseTexts are GroupUseText for each of the groups with a use. Entries that are
// no groups have none.
func GroupUseTexts(c *Context, groups []access.EntryID) map[access.EntryID]string {
	texts := map[access.EntryID]string{}
	for id, uses := range groupUses(c, groups) {
		texts[id] = GroupUseText(c.Printer, uses)
	}
	return texts
}
