package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/e2e/rig"
)

// confirmed is a step that the portal has answered with success.
type confirmed struct {
	outcome string // submitted, canceled, approved, denied
	request string
	stage   string
	by      string // mail address
}

// people are the twenty simulated people.
type people struct {
	t       *testing.T
	all     []*person
	portals []*rig.Portal

	mu        sync.Mutex
	confirmed []confirmed
	conflicts int // decisions and cancellations after someone else's
	resent    int // forms sent again because they were not answered
}

// person is one of them. A form that was not answered is sent again.
type person struct {
	*rig.Visitor
	people     *people
	random     *rand.Rand
	approves   bool
	unanswered *form
}

// form is a form to send, with the step that its success confirms.
type form struct {
	confirmed
	path   string // at a portal
	values url.Values
}

// newPeople signs in four approvers, eight other members and eight people of
// the partner.
func newPeople(s *fixture) *people {
	s.t.Helper()
	c := &people{t: s.t, portals: s.portals}
	for _, name := range []string{"lena", "omar", "ida", "petra"} {
		c.add(s, rig.NewVisitor(name, name+"@meridian.example", name, "meridian.example", ""), true)
	}
	for i := range 8 {
		for _, domain := range []string{"meridian.example", "harbor.example"} {
			email := fmt.Sprintf("person%d@%s", i, domain)
			c.add(s, rig.NewVisitor(fmt.Sprintf("Person %d", i), email, "", "meridian.example", ""), false)
		}
	}
	for _, p := range c.all {
		if err := p.SignIn(s.ctx, s.portals[0]); err != nil {
			s.t.Fatal(err)
		}
	}
	return c
}

func (c *people) add(s *fixture, v *rig.Visitor, approves bool) {
	c.all = append(c.all, &person{Visitor: v, people: c, random: rand.New(rand.NewPCG(s.random.Uint64(), 0)),
		approves: approves})
}

// start lets everyone work until stop is called. Unanswered forms are then sent
// once more, so the portals must be running.
func (c *people) start(ctx context.Context) (stop func()) {
	working, end := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for _, p := range c.all {
		wait.Go(func() { p.loop(ctx, working) })
	}
	return func() {
		end()
		wait.Wait()
	}
}

func (p *person) loop(ctx, working context.Context) {
	for working.Err() == nil || p.unanswered != nil {
		if err := p.step(ctx); err != nil { // the portal is down: it restarts, or another one answers
			if ctx.Err() != nil {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
	}
}

// pickPortal returns a random portal, as a load balancer does.
func (p *person) pickPortal() *rig.Portal {
	return p.people.portals[p.random.IntN(len(p.people.portals))]
}

// step does one random action. An error means that the portal did not answer.
func (p *person) step(ctx context.Context) error {
	at := p.pickPortal()
	switch {
	case p.unanswered != nil:
		return p.send(ctx, at, *p.unanswered)
	case p.approves && p.random.IntN(4) > 0:
		return p.decideRequest(ctx, at)
	}
	return p.submitRequest(ctx, at)
}

// mustOpen opens a page that must exist.
func (p *person) mustOpen(ctx context.Context, address string) (rig.Page, error) {
	page, err := p.Get(ctx, address)
	if err == nil && page.Status != http.StatusOK {
		p.people.t.Errorf("%s opens %s: %d\n%s", p.Email, address, page.Status, page.Body)
	}
	return page, err
}

// submitRequest requests a random package, if it can be requested.
func (p *person) submitRequest(ctx context.Context, at *rig.Portal) error {
	list, err := p.mustOpen(ctx, p.TenantURL(at)+"/access-packages")
	if err != nil {
		return err
	}
	packages := list.Links("/@" + p.Tenant + "/access-packages/")
	if len(packages) == 0 {
		p.people.t.Errorf("%s can request no package", p.Email)
		return nil
	}
	chosen := packages[p.random.IntN(len(packages))]
	page, err := p.mustOpen(ctx, at.Base+chosen)
	if err != nil || !page.HasForm(chosen+"/requests") {
		return err
	}
	return p.send(ctx, at, form{confirmed{outcome: "submitted", by: p.Email}, chosen + "/requests", page.HiddenFields()})
}

// decideRequest decides a random pending request.
func (p *person) decideRequest(ctx context.Context, at *rig.Portal) error {
	list, err := p.mustOpen(ctx, p.TenantURL(at)+"/approvals")
	if err != nil {
		return err
	}
	requests := list.Links("/@" + p.Tenant + "/approvals/")
	if len(requests) == 0 {
		return p.submitRequest(ctx, at)
	}
	chosen := requests[p.random.IntN(len(requests))]
	page, err := p.mustOpen(ctx, at.Base+chosen)
	if err != nil || !page.HasForm(chosen) {
		return err
	}
	values := page.HiddenFields()
	f := form{confirmed{outcome: "approved", request: path.Base(chosen), stage: values.Get("stage"), by: p.Email}, chosen,
		values}
	values.Set("decision", "approve")
	if p.random.IntN(6) == 0 {
		f.outcome = "denied"
		values.Set("decision", "deny")
	}
	return p.send(ctx, at, f)
}

// send sends a form and records the confirmed step, or that there was no answer.
func (p *person) send(ctx context.Context, at *rig.Portal, f form) error {
	page, to, err := p.PostNoRedirect(ctx, at.Base+f.path, f.values)
	if err != nil && p.unanswered == nil {
		p.people.mu.Lock()
		p.people.resent++
		p.people.mu.Unlock()
	}
	if err != nil {
		p.unanswered = &f
		return err
	}
	p.unanswered = nil
	switch {
	case page.Status == http.StatusSeeOther:
		if f.outcome == "submitted" {
			address, _, _ := strings.Cut(to, "?")
			f.request = path.Base(address)
		}
		p.people.recordConfirmed(f.confirmed)
		if f.outcome == "submitted" && p.random.IntN(6) == 0 {
			return p.cancelRequest(ctx, at, f.request)
		}
	case page.Status == http.StatusConflict && f.outcome != "submitted":
		p.people.mu.Lock()
		p.people.conflicts++
		p.people.mu.Unlock()
	default:
		p.people.t.Errorf("%s posts to %s (%s): %d\n%s", p.Email, f.path, f.outcome, page.Status, page.Body)
	}
	return nil
}

// cancelRequest cancels a request, if that is still possible.
func (p *person) cancelRequest(ctx context.Context, at *rig.Portal, request string) error {
	own := "/@" + p.Tenant + "/requests/" + request
	page, err := p.mustOpen(ctx, at.Base+own)
	if err != nil || !page.HasForm(own+"/cancel") {
		return err
	}
	return p.send(ctx, at, form{confirmed{outcome: "canceled", request: request, by: p.Email}, own + "/cancel",
		page.HiddenFields()})
}

func (c *people) recordConfirmed(t confirmed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.confirmed = append(c.confirmed, t)
}

// confirmedSince returns the confirmed steps after the first n.
func (c *people) confirmedSince(n int) []confirmed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]confirmed(nil), c.confirmed[n:]...)
}

// summary counts the confirmed steps by outcome.
func (c *people) summary() string {
	count := map[string]int{}
	for _, t := range c.confirmedSince(0) {
		count[t.outcome]++
	}
	return fmt.Sprintf("%d confirmed steps %v; %d conflicts, %d forms were sent again", len(c.confirmedSince(0)), count,
		c.conflicts,
		c.resent)
}
