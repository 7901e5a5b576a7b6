package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"sync"
	"testing"
	"time"

	"myaccess/internal/e2e/rig"
)

// told is something that a person was told has happened.
type told struct {
	what    string // submitted, canceled, approved, denied
	request string
	stage   string
	by      string // mail address
}

// people are the twenty who work.
type people struct {
	t       *testing.T
	all     []*person
	portals []*rig.Portal

	mu   sync.Mutex
	told []told
	late int // decisions and cancellations that came second
	lost int // forms that were not answered, so that they were sent again
}

// person is one of them. What was sent and not answered is sent again.
type person struct {
	*rig.Visitor
	people   *people
	random   *rand.Rand
	approves bool
	again    *form
}

// form is what is sent.
type form struct {
	told
	path   string // at a portal
	values url.Values
}

// gather makes four approvers, eight other members and eight people of the
// partner, and signs them in.
func gather(s *stage) *people {
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

func (c *people) add(s *stage, v *rig.Visitor, approves bool) {
	c.all = append(c.all, &person{Visitor: v, people: c, random: rand.New(rand.NewPCG(s.random.Uint64(), 0)),
		approves: approves})
}

// work lets everybody work until the function returned is called. What was not
// answered by then is sent again once more, so that the portals must be there.
func (c *people) work(ctx context.Context) (stop func()) {
	working, end := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for _, p := range c.all {
		wait.Go(func() { p.work(ctx, working) })
	}
	return func() {
		end()
		wait.Wait()
	}
}

func (p *person) work(ctx, working context.Context) {
	for working.Err() == nil || p.again != nil {
		if err := p.act(ctx); err != nil { // the portal is gone: it comes back, or another is there
			if ctx.Err() != nil {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
	}
}

// portal is one of the portals, as a load balancer chooses.
func (p *person) portal() *rig.Portal {
	return p.people.portals[p.random.IntN(len(p.people.portals))]
}

// act does one thing that people do here. An error means that nothing was
// answered.
func (p *person) act(ctx context.Context) error {
	at := p.portal()
	switch {
	case p.again != nil:
		return p.send(ctx, at, *p.again)
	case p.approves && p.random.IntN(4) > 0:
		return p.decide(ctx, at)
	}
	return p.ask(ctx, at)
}

// open opens a page that is there for sure.
func (p *person) open(ctx context.Context, address string) (rig.Page, error) {
	page, err := p.Get(ctx, address)
	if err == nil && page.Status != http.StatusOK {
		p.people.t.Errorf("%s opens %s: %d\n%s", p.Email, address, page.Status, page.Body)
	}
	return page, err
}

// ask looks for a package and requests it, if that can be done.
func (p *person) ask(ctx context.Context, at *rig.Portal) error {
	list, err := p.open(ctx, p.Home(at)+"/access-packages")
	if err != nil {
		return err
	}
	packages := list.Links("/@" + p.Tenant + "/access-packages/")
	if len(packages) == 0 {
		p.people.t.Errorf("%s is offered nothing", p.Email)
		return nil
	}
	chosen := packages[p.random.IntN(len(packages))]
	page, err := p.open(ctx, at.Base+chosen)
	if err != nil || !page.Leads(chosen+"/requests") {
		return err
	}
	return p.send(ctx, at, form{told{what: "submitted", by: p.Email}, chosen + "/requests", page.Hidden()})
}

// decide looks for a request that waits and decides it.
func (p *person) decide(ctx context.Context, at *rig.Portal) error {
	list, err := p.open(ctx, p.Home(at)+"/approvals")
	if err != nil {
		return err
	}
	requests := list.Links("/@" + p.Tenant + "/approvals/")
	if len(requests) == 0 {
		return p.ask(ctx, at)
	}
	chosen := requests[p.random.IntN(len(requests))]
	page, err := p.open(ctx, at.Base+chosen)
	if err != nil || !page.Leads(chosen) {
		return err
	}
	values := page.Hidden()
	f := form{told{what: "approved", request: path.Base(chosen), stage: values.Get("stage"), by: p.Email}, chosen, values}
	values.Set("decision", "approve")
	if p.random.IntN(6) == 0 {
		f.what = "denied"
		values.Set("decision", "deny")
	}
	return p.send(ctx, at, f)
}

// send sends a form and remembers what the answer told; or that there was none.
func (p *person) send(ctx context.Context, at *rig.Portal, f form) error {
	page, to, err := p.Send(ctx, at.Base+f.path, f.values)
	if err != nil && p.again == nil {
		p.people.mu.Lock()
		p.people.lost++
		p.people.mu.Unlock()
	}
	if err != nil {
		p.again = &f
		return err
	}
	p.again = nil
	switch {
	case page.Status == http.StatusSeeOther:
		if f.what == "submitted" {
			f.request = path.Base(to)
		}
		p.people.tell(f.told)
		if f.what == "submitted" && p.random.IntN(6) == 0 {
			return p.cancel(ctx, at, f.request)
		}
	case page.Status == http.StatusConflict && f.what != "submitted":
		p.people.mu.Lock()
		p.people.late++
		p.people.mu.Unlock()
	default:
		p.people.t.Errorf("%s posts to %s (%s): %d\n%s", p.Email, f.path, f.what, page.Status, page.Body)
	}
	return nil
}

// cancel withdraws a request, if it is not too late.
func (p *person) cancel(ctx context.Context, at *rig.Portal, request string) error {
	own := "/@" + p.Tenant + "/requests/" + request
	page, err := p.open(ctx, at.Base+own)
	if err != nil || !page.Leads(own+"/cancel") {
		return err
	}
	return p.send(ctx, at, form{told{what: "canceled", request: request, by: p.Email}, own + "/cancel", page.Hidden()})
}

func (c *people) tell(t told) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, t)
}

// since are the things told after the first n.
func (c *people) since(n int) []told {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]told(nil), c.told[n:]...)
}

// figures are what was told, by kind.
func (c *people) figures() string {
	count := map[string]int{}
	for _, t := range c.since(0) {
		count[t.what]++
	}
	return fmt.Sprintf("told of %d steps %v; %d came second, %d forms were sent again", len(c.since(0)), count, c.late,
		c.lost)
}
