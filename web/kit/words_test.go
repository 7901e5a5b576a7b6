package kit

import (
	"slices"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/store"
	"myaccess/views/ui"
)

func complete(t *testing.T, what string, b ui.Badge) {
	t.Helper()
	if b.Text == "" || !slices.Contains([]string{"quiet", "good", "info", "wait", "bad", "idle"}, b.Kind) {
		t.Errorf("%s has the badge %+v", what, b)
	}
}

func TestEveryStateHasABadge(t *testing.T) {
	p := lang.New("en", nil)
	for _, s := range access.RequestStates() {
		complete(t, string(s), RequestBadge(p, access.Request{State: s, Type: access.UserAdd}))
		complete(t, "removal "+string(s), RequestBadge(p, access.Request{State: s, Type: access.SystemRemove}))
	}
	for _, s := range access.AssignmentStates() {
		complete(t, string(s), AssignmentBadge(p, s))
	}
	for _, s := range access.GrantStates() {
		complete(t, string(s), GrantBadge(p, s))
	}
}

func TestEveryKindHasAWord(t *testing.T) {
	for _, k := range access.ResourceKinds() {
		if KindWord(lang.New("en", nil), k) == "" {
			t.Errorf("no word for %s", k)
		}
	}
}

func TestEveryErrorKindHasStatus(t *testing.T) {
	seen := map[int]access.ErrorKind{}
	for _, k := range access.ErrorKinds() {
		status := statuses()[k]
		if status < 400 {
			t.Errorf("kind %d is answered with %d", k, status)
		}
		if other, ok := seen[status]; ok {
			t.Errorf("kinds %d and %d are answered with %d", other, k, status)
		}
		seen[status] = k
	}
}

// Every state change of a request is a step of its timeline, or shown by the
// stages.
func TestEveryMoveIsInTimeline(t *testing.T) {
	c := &Context{Printer: lang.New("en", nil)}
	byStages := map[access.RequestState]bool{access.Submitted: true, access.PendingApproval: true, access.Denied: true}
	for _, s := range access.RequestStates() {
		for _, kind := range []access.RequestType{access.UserAdd, access.SystemRemove} {
			step, told := historyStep(c, access.Request{Type: kind}, store.RequestStep{To: s, At: time.Unix(0, 0)})
			if told == byStages[s] || told && step.Title == "" {
				t.Errorf("%s of %s: told %v, %+v", s, kind, told, step)
			}
		}
	}
}

// Only http and https links are links.
func TestLinkOf(t *testing.T) {
	for link, want := range map[string]string{
		"https://a.example/x": "https://a.example/x", "http://a.example": "http://a.example", "": "",
		"javascript:alert(1)": "", "data:text/html,x": "",
		"//evil.test": "", "JaVaScRiPt:x": "", " https://a.example": "", "ftp://a.example": "", "mailto:x@a.example": "",
	} {
		if got := SafeLink(link); got != want {
			t.Errorf("%q leads to %q, want %q", link, got, want)
		}
	}
}
