package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// people has one account of each kind that policies distinguish, by name.
type people struct {
	*harness
	accounts map[string]access.Account
}

// newPeople adds the people: Lena is a member, Omar one in the group
// Reviewers, Greta holds a package as a guest of Harbor Studio, Mara is of
// Harbor Studio and new, Petra is of a proposed organization, Xenia of a
// directory that is not connected.
func newPeople(h *harness) people {
	h.t.Helper()
	proposed := access.Directory{ID: "proposed", Kind: access.DirectoryOpenID, Name: "Quayside",
		Issuer:    "https://quayside.example",
		AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
		Domains: []access.Domain{"quayside.example"}, Enabled: true}
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveDirectory(ctx, proposed, access.VerifiedByOperator); err != nil {
			return err
		}
		return tx.SaveOrganization(ctx, access.Organization{ID: "quayside", Tenant: h.Tenant.ID, Name: "Quayside",
			Description: "met once",
			State:       access.Proposed, Directories: []access.DirectoryID{proposed.ID}})
	})
	guest := h.addAccount(h.Harbor, "Greta Moss", "greta@harbor.example")
	h.submit(guest, h.Package("Welcome", h.ForPartner(access.Terms{})), access.RequestForm{})
	h.runJobs()
	h.takeMails()
	return people{h, map[string]access.Account{
		"member": h.AccountOf(h.Lena), "reviewer": h.AccountOf(h.Omar), "guest": guest, "partner": h.Mara,
		"proposed": h.addAccount(proposed, "Petra Quay", "petra@quayside.example"),
		"stranger": h.addAccount(h.Other, "Xenia Fern", "xenia@elsewhere.example"),
	}}
}

// may returns the names of the people who may submit a request for the offer,
// sorted.
func (c people) may(o access.Offer) []string {
	c.t.Helper()
	may := []string{}
	for _, name := range []string{"guest", "member", "partner", "proposed", "reviewer", "stranger"} {
		r, err := c.Requests.Submit(context.Background(), c.Tenant, c.accounts[name], o.Package.ID, access.RequestForm{}, "")
		switch kind := access.KindOf(err); {
		case err == nil:
			may = append(may, name)
			if r.State != access.Delivering && r.State != access.PendingApproval {
				c.t.Errorf("%s: %s", name, r.State)
			}
		case kind != access.NotFound && kind != access.Forbidden:
			c.t.Errorf("%s: %v", name, err)
		}
	}
	return may
}

// TestScopes: Who may submit under each scope (F-070 to F-076).
func TestScopes(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		c := newPeople(h)
		ofOrganization := func(id string) []access.SubjectRef {
			return []access.SubjectRef{{Kind: access.SubjectOrganization, ID: id}}
		}
		approved := stages(storetest.Named(h.Ida))
		for i, rule := range []struct {
			says   string
			policy access.Policy
			want   []string
		}{
			{"a person named", access.Policy{Scope: access.ScopeSpecificUsers, Targets: storetest.Named(h.Lena).Approvers},
				[]string{"member"}},
			{"a group named", access.Policy{Scope: access.ScopeSpecificUsers, Targets: groupStage(h.Reviewers).Approvers},
				[]string{"reviewer"}},
			{"all members", access.Policy{Scope: access.ScopeMembers}, []string{"member", "reviewer"}},
			{"all users", access.Policy{Scope: access.ScopeUsers}, []string{"guest", "member", "reviewer"}},
			{"an organization named", h.ForPartner(access.Terms{}), []string{"guest", "partner"}},
			{"a proposed organization named", access.Policy{Scope: access.ScopeSpecificOrgs,
				Targets: ofOrganization("quayside")}, []string{"proposed"}},
			{"all configured organizations", access.Policy{Scope: access.ScopeAllOrgs}, []string{"guest", "partner"}},
			{"nobody", access.Policy{Scope: access.ScopeNobody}, []string{}},
			{"anyone", access.Policy{Scope: access.ScopeAnyone, Terms: approved}, []string{"guest", "partner", "proposed",
				"stranger"}},
		} {
			offer := h.Package("P"+string(rune('a'+i)), rule.policy)
			if d := cmp.Diff(rule.want, c.may(offer)); d != "" {
				h.t.Errorf("%s: %s", rule.says, d)
			}
		}
	})
}

// TestUnknownOrganizationIsProposed: The directory of a requestor who is not
// connected becomes a proposed organization, once (F-075), and the scope of
// all configured organizations does not include it (F-016).
func TestUnknownOrganizationIsProposed(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		open := h.Package("Open", access.Policy{Scope: access.ScopeAnyone, Terms: stages(storetest.Named(h.Ida))})
		other := h.Package("Other", access.Policy{Scope: access.ScopeAnyone, Terms: stages(storetest.Named(h.Ida))})
		configured := h.Package("Configured", access.Policy{Scope: access.ScopeAllOrgs})
		xenia := h.addAccount(h.Other, "Xenia Fern", "xenia@elsewhere.example")
		r := h.submit(xenia, open, access.RequestForm{})
		h.submit(xenia, other, access.RequestForm{})
		all, err := h.Organizations(context.Background(), h.Tenant.ID)
		if err != nil || len(all) != 2 {
			h.t.Fatalf("%d organizations, %v", len(all), err)
		}
		o, ok, err := h.OrganizationOf(context.Background(), h.Tenant.ID, h.Other.ID)
		if err != nil || !ok || o.State != access.Proposed || o.Name != "Elsewhere (elsewhere.example)" {
			h.t.Errorf("%+v, %v, %v", o, ok, err)
		}
		h.wantRefusal(xenia, configured, access.RequestForm{}, access.NotFound)
		if p := h.person(r.Target); p.Kind != access.External || p.Guest != access.GuestNone {
			h.t.Errorf("a stranger who has only asked: %+v", p)
		}
	})
}

// TestDisabledSettingsRefuseRequests: Each of these switches alone refuses a person who
// may submit otherwise (F-032, F-033, F-061, F-078, F-140, F-152).
func TestDisabledSettingsRefuseRequests(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		catalog := func(f func(c *access.Catalog)) {
			h.t.Helper()
			c := h.Catalog
			f(&c)
			h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, c) })
		}
		o := h.Package("Tidal", h.ForPartner(access.Terms{}), access.Policy{Scope: access.ScopeMembers})
		lena := h.AccountOf(h.Lena)

		catalog(func(c *access.Catalog) { c.Published = false })
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.NotFound)
		h.wantRefusal(lena, o, access.RequestForm{}, access.NotFound)

		catalog(func(c *access.Catalog) { c.External = false })
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.NotFound)
		h.submit(lena, o, access.RequestForm{})

		catalog(func(*access.Catalog) {})
		h.changePolicy(o, func(p *access.Policy) { p.Enabled = false })
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.NotFound)
		h.changePolicy(o, func(*access.Policy) {})

		omar := h.Omar
		omar.Disabled = true
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.UpdatePerson(ctx, omar) })
		h.wantRefusal(h.AccountOf(omar), o, access.RequestForm{}, access.NotFound)

		hidden := o.Package
		hidden.Hidden = true
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, hidden) })
		h.submit(h.Mara, o, access.RequestForm{}) // hidden packages can be requested with the link
	})
}

// TestOneRequestAtATime: A person has one open request and one assignment for
// a package; closed ones do not count (F-163, F-147).
func TestOneRequestAtATime(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena))))
		first := h.submit(h.Mara, o, access.RequestForm{})
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.Conflict)
		if err := h.decide(h.Lena, first, 0, false); err != nil {
			h.t.Fatal(err)
		}
		second := h.submit(h.Mara, o, access.RequestForm{}) // allowed at once after a denial
		h.approve(h.Lena, second, 0)
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.Conflict) // being delivered
		h.runJobs()
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.Conflict) // held
		h.wantState(first, access.Denied)
		h.wantState(second, access.Delivered)
	})
}

// TestFormTwice: A form that is submitted twice returns the request it made,
// even after a denial. Another person's form with the same key is another
// form.
func TestFormTwice(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Lena))})
		post := func(a access.Account) access.Request {
			r, err := h.Requests.Submit(context.Background(), h.Tenant, a, o.Package.ID, access.RequestForm{}, "form")
			if err != nil {
				h.t.Fatal(err)
			}
			return r
		}
		omar := h.AccountOf(h.Omar)
		first := post(omar)
		if err := h.decide(h.Lena, first, 0, false); err != nil {
			h.t.Fatal(err)
		}
		if again := post(omar); again.ID != first.ID || again.State != access.Denied {
			h.t.Errorf("the second time made %s, %s", again.ID, again.State)
		}
		if other := post(h.AccountOf(h.Ida)); other.ID == first.ID {
			h.t.Error("two people share a request")
		}
	})
}

// TestDomainRules: A domain that may not be invited is refused with that
// reason; an existing guest is not affected (F-153, F-193).
func TestDomainRules(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		welcome := h.Package("Welcome", h.ForPartner(access.Terms{}))
		more := h.Package("More", h.ForPartner(access.Terms{}))
		h.submit(h.Mara, welcome, access.RequestForm{})
		h.runJobs()
		noah := h.addAccount(h.Harbor, "Noah Reef", "noah@harbor-lab.example")
		for _, rule := range []struct {
			rule access.DomainRule
			list []access.Domain
			in   bool
		}{
			{access.DomainsDeny, []access.Domain{"harbor-lab.example"}, false},
			{access.DomainsAllow, []access.Domain{"harbor.example"}, false},
			{access.DomainsDeny, []access.Domain{"harbor.example", "elsewhere.example"}, true},
		} {
			h.changeSettings(func(s *access.Settings) { s.DomainRule, s.DomainList = rule.rule, rule.list })
			if rule.in {
				h.submit(noah, welcome, access.RequestForm{})
			} else {
				h.wantRefusal(noah, welcome, access.RequestForm{}, access.Forbidden)
			}
		}
		h.submit(h.Mara, more, access.RequestForm{}) // her domain is denied now, but she is a guest already
	})
}

// TestFaultsOfTheForm: All errors of a form are returned at once, each with
// its field, and nothing is stored (F-088, F-109, F-112, F-124).
func TestFaultsOfTheForm(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := access.Terms{RequireJustification: true, Expiration: access.Expiration{Kind: access.AfterDuration, Days: 30},
			Questions: []access.Question{
				{ID: "site", Kind: access.ShortText, Text: "Which site?", Required: true, Pattern: "[A-Z]{3}",
					PatternMessage: "Three capitals."},
				{ID: "why", Kind: access.LongText, Text: "Why?", Required: true},
			}}
		o := h.Package("Tidal", h.ForPartner(terms))
		err := h.refusal(h.Mara, o, access.RequestForm{Answers: map[access.QuestionID][]string{"site": {"abc"}},
			End: h.clock.Now().Add(day)}, access.Invalid)
		var fields []string
		faults, _ := errors.AsType[access.Errors](err)
		for _, e := range faults {
			fields = append(fields, e.Field)
		}
		if d := cmp.Diff([]string{"justification", "start", "answer.site", "answer.why"}, fields); d != "" {
			h.t.Error(d)
		}
		if _, known, err := h.PersonOf(context.Background(), h.Tenant.ID, h.Mara.ID); known || err != nil {
			h.t.Errorf("a refused form made her known: %v, %v", known, err)
		}
		r := h.submit(h.Mara, o, access.RequestForm{Justification: "a visit",
			Answers: map[access.QuestionID][]string{"site": {"ABC"},
				"why": {"work"}}})
		got := h.stored(r)
		if got.Justification != "a visit" || len(got.Answers) != 2 || strings.Join(got.Answers[0].Shown(), ", ") != "ABC" ||
			got.Answers[1].Text != "Why?" {
			h.t.Errorf("kept: %+v", got)
		}
	})
}

// TestTwoPolicies: Only policies of the strictest class are offered; of
// several in one class the requestor chooses (F-082, F-083).
func TestTwoPolicies(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		short := access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 1}}
		long := access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 9}}
		named := func(name string, p access.Policy) access.Policy {
			p.Name = name
			return p
		}
		o := h.Package("Tidal", named("short", h.ForPartner(short)), named("long", h.ForPartner(long)),
			access.Policy{Scope: access.ScopeAllOrgs})
		h.wantRefusal(h.Mara, o, access.RequestForm{}, access.Invalid)
		h.wantRefusal(h.Mara, o, access.RequestForm{Policy: o.Policies[2].ID}, access.Conflict)
		r := h.submit(h.Mara, o, access.RequestForm{Policy: o.Policies[1].ID})
		h.runJobs()
		if x := h.assignment(r); x.Policy != o.Policies[1].ID || !x.End.Equal(h.clock.Now().Add(9*day)) {
			h.t.Errorf("%+v", x)
		}
	})
}

// TestForeignPackage: A package cannot be requested in another tenant, by a
// person who may request it in its own.
func TestForeignPackage(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{}))
		other := access.Tenant{ID: "other", Directory: h.Other.ID, Name: "Elsewhere", Settings: access.DefaultSettings()}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveTenant(ctx, other); err != nil {
				return err
			}
			return tx.SaveOrganization(ctx, access.Organization{ID: "harbor", Tenant: other.ID, Name: "Harbor",
				State:       access.Configured,
				Directories: []access.DirectoryID{h.Harbor.ID}})
		})
		_, err := h.Requests.Submit(context.Background(), other, h.Mara, o.Package.ID, access.RequestForm{}, "")
		if access.KindOf(err) != access.NotFound {
			h.t.Errorf("a package of another tenant: %v", err)
		}
		r := h.submit(h.Mara, o, access.RequestForm{})
		stranger := access.Person{ID: h.Lena.ID, Tenant: other.ID}
		if err := h.Requests.Cancel(context.Background(), access.Person{ID: r.Target, Tenant: other.ID},
			r.ID); access.KindOf(err) != access.NotFound {
			h.t.Errorf("canceled from another tenant: %v", err)
		}
		if err := h.Requests.Decide(context.Background(), stranger,
			lifecycle.DecisionInput{Request: r.ID}); access.KindOf(err) != access.NotFound {
			h.t.Errorf("decided from another tenant: %v", err)
		}
	})
}

// TestPreregisteredHolderSubmits: a person who was assigned a package before the first
// sign-in and submits a request for it is refused, as the package is held. Another new
// person of the same organization may submit it.
func TestPreregisteredHolderSubmits(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{}))
		dave := h.preregister(h.Harbor.ID, "dave@harbor.example")
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: h.Tenant.ID, Type: access.AdminAdd,
				Package: o.Package.ID, Policy: o.Policies[0].ID, Requestor: h.Ida.ID, Target: dave.ID}
			return lifecycle.SubmitRequest(ctx, tx, &r, "")
		})
		h.runJobs()
		account := h.addAccount(h.Harbor, "Dave Low", "dave@harbor.example")
		account.EmailTrusted = true
		err := h.refusal(account, o, access.RequestForm{}, access.Conflict)
		if want := "You already have this access package."; err == nil || err.Error() != want {
			h.t.Errorf("%v, want %q", err, want)
		}
		h.submit(h.addAccount(h.Harbor, "Dora Fen", "dora@harbor.example"), o, access.RequestForm{})
	})
}
