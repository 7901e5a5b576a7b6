package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/jobs"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// HistoryClock is a clock that starts in the past and is moved by SeedHistory.
// It is safe for concurrent use.
type HistoryClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewHistoryClock returns a clock set to the beginning of the sample history.
func NewHistoryClock(now time.Time) *HistoryClock {
	return &HistoryClock{now: now.AddDate(0, 0, -historyDays)}
}

// Now returns the clock's time.
func (p *HistoryClock) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *HistoryClock) moveTo(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = t
}

const historyDays = 40

// event is an action of a person.
type event struct {
	day     float64 // since the beginning of the history
	tenant  access.Domain
	who     string // mail address; the part before the @ is the subject
	pack    string
	answers map[access.QuestionID][]string
	reason  string // of a decision, or the justification of a request
	decide  bool   // a decision on a request for the package, else a request
	approve bool
}

// events is the history of the sample organizations: active and ended access, a
// denial, and a pending request.
func events() []event {
	meridian, northlight := access.Domain("meridian.example"), access.Domain("northlight.example")
	return []event{
		{day: 0.1, tenant: meridian, who: "jonas@meridian.example", pack: "Developer tools"},
		{day: 1, tenant: meridian, who: "amina@meridian.example", pack: "Ledger for reading",
			reason:  "Budget of the Tidal project",
			answers: map[access.QuestionID][]string{"figures": {"costs", "projects"}}},
		{day: 2, tenant: meridian, who: "ida@meridian.example", pack: "Ledger for reading", decide: true, approve: true,
			reason: "For the budget, until the year ends"},
		{day: 3, tenant: meridian, who: "mikael@northlight.example", pack: "Tidal preview", reason: "A first look"},
		{day: 10, tenant: meridian, who: "amina@meridian.example", pack: "Build operators", reason: "To help out"},
		{day: 11, tenant: meridian, who: "omar@meridian.example", pack: "Build operators", decide: true,
			reason: "Jonas does this at the moment"},
		{day: 20, tenant: northlight, who: "nadia@northlight.example", pack: "Aurora study"},
		{day: 25, tenant: meridian, who: "jonas@meridian.example", pack: "Tidal release board"},
		{day: 26, tenant: meridian, who: "lena@meridian.example", pack: "Tidal release board", decide: true, approve: true},
		{day: 39, tenant: northlight, who: "lena@meridian.example", pack: "Aurora study", reason: "Shared work on the study"},
		{day: 39.5, tenant: meridian, who: "mikael@northlight.example", pack: "Tidal release board",
			reason:  "I coordinate the release on our side",
			answers: map[access.QuestionID][]string{"employer": {"freelance"}, "order": {"PO-204417"}}},
	}
}

// SeedHistory makes the requests and decisions of the sample organizations,
// from the clock's time to the present, through the use cases that the pages
// call. The jobs in all run after each move of the clock. It does nothing if
// the database already has requests.
func SeedHistory(ctx context.Context, s *store.Store, use *lifecycle.Lifecycle, all []jobs.Job,
	clock *HistoryClock) error {
	begun := clock.Now()
	for i, e := range events() {
		h := eventRun{ctx, s, use, e}
		a, t, err := h.actor()
		if err != nil {
			return err
		}
		if i == 0 {
			if p, known, err := s.PersonOf(ctx, t.ID, a.ID); err != nil {
				return err
			} else if had, err := s.RequestsOf(ctx, p, "", 1); err != nil || known && len(had) > 0 {
				return err
			}
		}
		at := begun.Add(time.Duration(e.day * 24 * float64(time.Hour)))
		for clock.Now().Before(at) { // day by day, so that assignments end on time
			clock.moveTo(minTime(clock.Now().AddDate(0, 0, 1), at))
			if err := settle(ctx, all, clock); err != nil {
				return err
			}
		}
		if err := h.perform(t, a); err != nil {
			return fmt.Errorf("%s, %s: %w", e.who, e.pack, err)
		}
		if err := settle(ctx, all, clock); err != nil {
			return err
		}
	}
	return nil
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// settle runs the jobs until none has anything to do.
func settle(ctx context.Context, all []jobs.Job, clock *HistoryClock) error {
	for {
		done := 0
		for _, j := range all {
			n, err := j.Run(ctx, clock.Now())
			if err != nil {
				return err
			}
			done += n
		}
		if done == 0 {
			return nil
		}
	}
}

// eventRun is an event with what is needed to perform it.
type eventRun struct {
	ctx context.Context
	s   *store.Store
	use *lifecycle.Lifecycle
	event
}

// actor returns the account of the acting person and the tenant.
func (h eventRun) actor() (access.Account, access.Tenant, error) {
	t, err := h.s.TenantByDomain(h.ctx, h.tenant)
	if err != nil {
		return access.Account{}, t, err
	}
	d, _ := mailaddr.DomainOf(h.who)
	dir, err := h.s.DirectoryByDomain(h.ctx, "", d)
	if err != nil {
		return access.Account{}, t, err
	}
	a, ok, err := h.s.AccountOf(h.ctx, dir.ID, h.who[:len(h.who)-len(d)-1])
	if err == nil && !ok {
		err = fmt.Errorf("no account for %s", h.who)
	}
	return a, t, err
}

func (h eventRun) perform(t access.Tenant, a access.Account) error {
	if h.decide {
		return h.decideOldest(t, a)
	}
	id, err := h.packageNamed(t)
	if err != nil {
		return err
	}
	_, err = h.use.Requests.Submit(h.ctx, t, a, id, access.RequestForm{Answers: h.answers, Justification: h.reason}, "")
	return err
}

func (h eventRun) packageNamed(t access.Tenant) (access.PackageID, error) {
	catalogs, err := h.s.Catalogs(h.ctx, t.ID)
	for _, c := range catalogs {
		if err != nil {
			return "", err
		}
		var packs []access.Package
		packs, err = h.s.PackagesOf(h.ctx, t.ID, c.ID)
		for _, p := range packs {
			if p.Name == h.pack {
				return p.ID, err
			}
		}
	}
	if err == nil {
		err = fmt.Errorf("there is no access package %q", h.pack)
	}
	return "", err
}

// decideOldest decides the oldest request for the package that is pending for the
// person.
func (h eventRun) decideOldest(t access.Tenant, a access.Account) error {
	by, _, err := h.s.PersonOf(h.ctx, t.ID, a.ID)
	if err != nil {
		return err
	}
	waiting, err := h.s.PendingApprovals(h.ctx, by, "", 50)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.Package == h.pack {
			return h.use.Requests.Decide(h.ctx, by, lifecycle.DecisionInput{Request: w.Request.ID, Stage: w.Request.Stage,
				Approve: h.approve, Reason: h.reason})
		}
	}
	return fmt.Errorf("no request for %q waits for %s", h.pack, h.who)
}
