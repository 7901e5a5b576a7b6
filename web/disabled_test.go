package web

import (
	"net/url"
	"testing"
	"time"

	"myaccess/internal/access"
)

// Before a period for disabled people is saved by which access would be removed at once,
// the form says how much, and asks (F-264).
func TestPeriodForDisabledPeople(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	p.changeSettings(func(s *access.Settings) { s.DisabledDays = 0 })
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	two := p.Package("Boats", p.ForPartner(access.Terms{}))
	p.as("mara").opens(packagePath(o)).presses("Submit request", nil).opens(packagePath(two)).
		presses("Submit request", nil)
	p.as("pia").opens(packagePath(o)).presses("Submit request", nil)
	p.runJobs()
	held := func() int {
		t.Helper()
		n := 0
		for _, who := range []string{"mara", "pia"} {
			all, err := p.OpenAssignments(t.Context(), p.Tenant.ID, p.personOf(who).ID)
			if err != nil {
				t.Fatal(err)
			}
			n += len(all)
		}
		return n
	}
	at := home + "/admin/people/" + string(p.personOf("mara").ID)
	p.as("lena").opens(at+"/edit").sees(200, "They keep their access until it expires or is removed.").
		presses("Save", url.Values{"disabled": {"yes"}}).sees(200, "Disabled")
	p.clock.Advance(40 * 24 * time.Hour)
	lena := p.as("lena").opens(home+"/admin/settings").hasValue("daysUntilDisabledUserLosesAccess", "0")
	lena.presses("Save", url.Values{"daysUntilDisabledUserLosesAccess": {"60"}}).sees(200).
		hasValue("daysUntilDisabledUserLosesAccess", "60")
	p.runJobs()
	lena.presses("Save", url.Values{"daysUntilDisabledUserLosesAccess": {"30"}}).sees(422,
		"People who have been disabled for 30 or more days lose their access as soon as you save this. People: 1, "+
			"assignments: 2.").hasValue("daysUntilDisabledUserLosesAccess", "30")
	lena.presses("Save", nil).sees(422, "People: 1, assignments: 2.")
	lena.presses("Save", url.Values{"sure": {"30"}, "daysUntilDisabledUserLosesAccess": {"20"}}).sees(422,
		"disabled for 20 or more days") // which another period does not confirm
	lena.presses("Save", url.Values{"sure": {"yes"}, "daysUntilDisabledUserLosesAccess": {"30"}}).sees(422,
		"disabled for 30 or more days")
	p.runJobs()
	if n := held(); n != 3 {
		t.Errorf("%d assignments before it is confirmed, want 3", n)
	}
	lena.presses("Save", url.Values{"sure": {"30"}}).sees(200)
	p.runJobs()
	if n := held(); n != 1 {
		t.Errorf("%d assignments after it, want 1", n)
	}
	lena.opens(at+"/edit").sees(200, "They lose their access after 30 days.")
	lena.opens(at).sees(200, "Access is removed on")
	lena.opens(home + "/admin/settings")
	for _, typed := range []string{"-1", "3661", "x", ""} {
		lena.presses("Save", url.Values{"daysUntilDisabledUserLosesAccess": {typed}}).sees(422)
	}
}
