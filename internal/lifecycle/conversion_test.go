package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestMailboxBlocksNoProvider: after one passcode sign-in of a stranger from bigcorp.test,
// and a request for which an organization was proposed, an administrator can add the
// provider of bigcorp.test, even with the name that the passcodes have taken. Passcodes go
// on until the domain is verified, and end then.
func TestMailboxBlocksNoProvider(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		a, stranger := b.passcodeSignIn("stranger@bigcorp.test", "first")
		from := b.directoryOf(stranger)
		if from.Name != "bigcorp.test" {
			t.Fatalf("the passcodes are called %s", from.Name)
		}
		r := b.submit(a, b.open, access.RequestForm{})
		b.addProvider("BigCorp")
		again, same := b.passcodeSignIn("stranger@bigcorp.test", "second")
		if again.ID != a.ID || same.ID != stranger.ID {
			t.Error("passcodes end before the domain is verified")
		}
		if in, err := b.HasWayIn(ctx, stranger); err != nil || !in {
			t.Error(in, err)
		}
		b.verify()
		_, err := b.Passcodes.Send(ctx, lifecycle.PasscodeRequest{Tenant: b.Tenant.ID, Address: "stranger@bigcorp.test",
			Key: "third", Binding: "browser"})
		wantKind(t, "a passcode after the domain has moved", err, access.NotFound)
		if d, err := b.DirectoryByDomain(ctx, b.Tenant.ID, "bigcorp.test"); err != nil || d.ID != b.provider.ID {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := b.SignIns.Session(ctx, b.Snapshot(), "session second", b.clock.Now()); access.KindOf(
			err) != access.NotFound {
			t.Errorf("the session with a passcode goes on: %v", err)
		}
		if got := b.directoryOf(stranger); got.Successor != b.provider.ID || got.FormerDomain != "bigcorp.test" ||
			len(got.Domains) > 0 {
			t.Errorf("got %+v", got)
		}
		one, ok, err := b.OrganizationOf(ctx, b.Tenant.ID, b.provider.ID)
		other, moved, err2 := b.OrganizationOf(ctx, b.Tenant.ID, from.ID)
		if !ok || !moved || one.ID != other.ID || one.Name != "BigCorp" || errors.Join(err, err2) != nil {
			t.Errorf("the passcodes belong to %q, the provider to %q: %v, %v", other.Name, one.Name, err, err2)
		}
		b.wantState(r, access.PendingApproval)
	})
}

// TestMailboxTakesNoName: a provider can have the name that the first passcode sign-in of
// its domain has taken, and no other one that is taken.
func TestMailboxTakesNoName(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		b := newBigCorp(h)
		_, stranger := b.passcodeSignIn("stranger@bigcorp.test", "first")
		b.passcodeSignIn("stranger@other.test", "other")
		b.addProvider("bigcorp.test")
		if got := b.directoryOf(stranger).Name; got != "bigcorp.test (one-time passcode)" {
			t.Errorf("the passcodes are called %s", got)
		}
		d := b.provider
		d.Name = "other.test"
		wantKind(t, "the name of another domain", b.Admin.SaveDirectory(t.Context(), b.Lena, d), access.Invalid)
	})
}

// TestMailboxBlocksNoInstallation: the operator can give a domain, which somebody has used
// with a passcode in a tenant, to a directory of the installation, such as that of a new
// tenant. Its people are carried over in that tenant too.
func TestMailboxBlocksNoInstallation(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, stranger := b.passcodeSignIn("ada@bigcorp.test", "first")
		from := b.directoryOf(stranger)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveOrganization(ctx, access.Organization{ID: "big", Tenant: b.Tenant.ID, Name: "Big", Description: "Big",
				State: access.Configured, Directories: []access.DirectoryID{from.ID}})
		})
		_, err := b.Admin.Apply(ctx, admin.ByOperator(), func(ed *admin.Editor) (err error) {
			b.provider, err = ed.SaveInstallationDirectory(ctx, access.Directory{Name: "BigCorp", ClientID: "x",
				Issuer: "https://login.bigcorp.test", AuthStyle: access.AuthNone, HintStyle: access.HintNone, Enabled: true,
				Domains: []access.Domain{"bigcorp.test"}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if o, ok, err := b.OrganizationOf(ctx, b.Tenant.ID, b.provider.ID); !ok || o.ID != "big" || err != nil {
			t.Errorf("%+v, %v", o, err)
		}
		if _, p, _ := b.signIn(b.atProvider("s", "ada@bigcorp.test", true), "s"); p.ID != stranger.ID {
			t.Errorf("ada is %+v", p)
		}
	})
}

// TestDomainReturns: when the provider loses the domain, passcodes for it are back: for
// those who were not carried over, and for those who were, who are themselves again. So it
// is when a provider that nobody has used is deleted.
func TestDomainReturns(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		a, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		_, bo := b.passcodeSignIn("bo@bigcorp.test", "bo")
		b.convert()
		if err := b.Admin.DeleteDirectory(ctx, b.Lena, b.provider.ID); err != nil {
			t.Fatal(err)
		}
		if got := b.directoryOf(ada); got.Successor != "" || got.FormerDomain != "" ||
			!slices.Equal(got.Domains, []access.Domain{"bigcorp.test"}) {
			t.Errorf("after deletion: %+v", got)
		}
		if again, p := b.passcodeSignIn("ada@bigcorp.test", "ada 2"); again.ID != a.ID || p.ID != ada.ID {
			t.Errorf("ada is %+v", p)
		}
		b.Do(func(ctx context.Context, tx *store.Tx) error {
			o, ok, err := tx.OrganizationNamed(ctx, b.Tenant.ID, "BigCorp")
			if err != nil || !ok {
				return errors.New("no organization")
			}
			return tx.DeleteOrganization(ctx, b.Tenant.ID, o.ID)
		})
		b.convert()
		_, p, _ := b.signIn(b.atProvider("s", "bo@bigcorp.test", true), "s")
		if p.ID != bo.ID {
			t.Fatalf("bo is %+v", p)
		}
		wantKind(t, "to delete a provider with people", b.Admin.DeleteDirectory(ctx, b.Lena, b.provider.ID),
			access.Conflict)
		if err := b.Admin.RemoveDomain(ctx, b.Lena, b.provider.ID, "bigcorp.test"); err != nil {
			t.Fatal(err)
		}
		if in, err := b.HasWayIn(ctx, b.person(bo.ID)); in || err != nil {
			t.Errorf("the provider without the domain lets bo in: %v", err)
		}
		if _, p := b.passcodeSignIn("ada@bigcorp.test", "ada 3"); p.ID != ada.ID {
			t.Errorf("ada is %+v", p)
		}
		again, p := b.passcodeSignIn("bo@bigcorp.test", "bo 3")
		if p.ID != bo.ID || p.Account != again.ID || p.Account != bo.Account || p.Directory != bo.Directory ||
			p.CarriedFrom != "" {
			t.Errorf("bo is %+v", p)
		}
	})
}

// TestCarriedAwayKeepsTheAccount: somebody who has got an address of another domain of the
// provider since stays there when the domain returns, even if the other one is removed
// too: the mailbox may be somebody else's by now.
func TestCarriedAwayKeepsTheAccount(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, bo := b.passcodeSignIn("bo@bigcorp.test", "bo")
		_, cy := b.passcodeSignIn("cy@bigcorp.test", "cy")
		b.convert()
		if err := b.Admin.ClaimDomain(ctx, b.Lena, b.provider.ID, "bigcorp.example"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Admin.Vouch(ctx, b.Tenant.ID, "bigcorp.example"); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]access.Person{"bo": bo, "cy": cy} {
			b.signIn(b.atProvider(name, name+"@bigcorp.test", true), name+" 1")
			if _, p, _ := b.signIn(b.atProvider(name, name+"@bigcorp.example", true), name+" 2"); p.ID != who.ID ||
				p.Domain != "bigcorp.example" {
				t.Fatalf("%s is %+v", name, p)
			}
		}
		for _, step := range []struct {
			removed access.Domain
			name    string
			who     access.Person
		}{{"bigcorp.test", "bo", bo}, {"bigcorp.example", "cy", cy}} {
			if err := b.Admin.RemoveDomain(ctx, b.Lena, b.provider.ID, step.removed); err != nil {
				t.Fatal(err)
			}
			if _, p := b.passcodeSignIn(step.name+"@bigcorp.test", step.name+" mailbox"); p.ID == step.who.ID {
				t.Errorf("the mailbox takes %s", step.name)
			}
			if got := b.person(step.who.ID); got.Directory != b.provider.ID {
				t.Errorf("%s is %+v", step.name, got)
			}
		}
	})
}

// TestPeopleToCarryKeepTheirDuties: approvers who are not carried over yet can still sign
// in, by the provider, and are asked; their sponsors and access stay. A sign-in that took
// the passcode before the domain moved is refused.
func TestPeopleToCarryKeepTheirDuties(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		byAda := b.Package("Decided by Ada", b.ForPartner(stages(storetest.Named(ada))))
		code := b.sendPasscode("ada@bigcorp.test", "race")
		redeemed, err := b.Passcodes.Redeem(ctx, "race", "browser", code)
		if err != nil {
			t.Fatal(err)
		}
		b.convert()
		_, err = b.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: redeemed.Identity, Tenant: b.Tenant.ID,
			Session: access.Session{Key: "race"}})
		wantKind(t, "a passcode of before", err, access.Conflict)
		b.runJobs()
		b.takeMails()
		b.submit(b.Mara, byAda, access.RequestForm{})
		b.runJobs()
		if got := b.takeMails(); !slices.ContainsFunc(got, func(m string) bool {
			return strings.HasPrefix(m, "ada@bigcorp.test")
		}) {
			t.Errorf("got %q", got)
		}
	})
}

// TestConversionIsOneTransaction: a conversion that fails after the domain has moved leaves
// everything as it was.
func TestConversionIsOneTransaction(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		a, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		b.addProvider("BigCorp")
		crash := errors.New("crash")
		_, err := b.Admin.Apply(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			in, err := ed.In(b.Tenant.ID)
			if err == nil {
				_, err = in.Vouch(ctx, "bigcorp.test")
			}
			return errors.Join(crash, err)
		})
		if !errors.Is(err, crash) || access.KindOf(err) != access.Internal {
			t.Fatal(err)
		}
		if got := b.directoryOf(ada); got.Successor != "" || len(got.Domains) != 1 {
			t.Errorf("got %+v", got)
		}
		if again, p := b.passcodeSignIn("ada@bigcorp.test", "again"); again.ID != a.ID || p.ID != ada.ID {
			t.Errorf("ada is %+v", p)
		}
		if _, err := b.SignIns.Session(ctx, b.Snapshot(), "session ada", b.clock.Now()); err != nil {
			t.Error(err)
		}
	})
}

// TestAuditOfCarryOver: the log says which domain has moved where, who was carried over and
// how it was proven, who declined, and what has returned.
func TestAuditOfCarryOver(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		_, bo := b.passcodeSignIn("bo@bigcorp.test", "bo")
		b.addProvider("BigCorp")
		trail := b.AuditTrail()
		trail.Name("Ada", string(ada.ID))
		trail.Name("Bo", string(bo.ID))
		trail.Name("Passcodes", string(ada.Directory))
		trail.Name("BigCorp", string(b.provider.ID))
		b.verify()
		trail.Want("operator | Move domain from passcodes to provider | directory Passcodes | bigcorp.test > BigCorp",
			"operator | Verify domain | directory BigCorp | > bigcorp.test | verified by the operator")
		b.signIn(b.atProvider("s-1", "ada@bigcorp.test", true), "s-1")
		trail.Want("Ada | Carry over user to provider | person Ada | ada@bigcorp.test > BigCorp: s-1 | "+
			"the provider says that the address is verified",
			"Ada | Update | person Ada | ada@bigcorp.test <ada@bigcorp.test> > Name of s-1 <ada@bigcorp.test>",
			"Ada | Sign in | person Ada")
		a, _, _ := b.signIn(b.atProvider("s-2", "bo@bigcorp.test", false), "s-2")
		trail.Want()
		code := b.sendCode(a, "key", "bo@bigcorp.test")
		if _, err := b.CarryOvers.Redeem(ctx, a, "key", "browser", code); err != nil {
			t.Fatal(err)
		}
		trail.Want("Bo | Carry over user to provider | person Bo | bo@bigcorp.test > BigCorp: s-2 | "+
			"a code sent to the address",
			"Bo | Update | person Bo | bo@bigcorp.test <bo@bigcorp.test> > Name of s-2 <bo@bigcorp.test>",
			"Bo | Sign in | person Bo")
		if err := b.Admin.RemoveDomain(ctx, b.Lena, b.provider.ID, "bigcorp.test"); err != nil {
			t.Fatal(err)
		}
		trail.Want("Lena Berg | Return domain to passcodes | directory Passcodes | bigcorp.test > BigCorp",
			"Lena Berg | Remove domain | directory BigCorp | > bigcorp.test")
		b.passcodeSignIn("bo@bigcorp.test", "bo 2")
		trail.Want("Bo | Carry back user to passcodes | person Bo | bo@bigcorp.test > bigcorp.test: bo@bigcorp.test | "+
			"the domain returned to one-time passcodes", "Bo | Sign in | person Bo")
		if err := b.Admin.ClaimDomain(ctx, b.Lena, b.provider.ID, "bigcorp.test"); err != nil {
			t.Fatal(err)
		}
		b.verify()
		trail.Skip()
		a, _, _ = b.signIn(b.atProvider("s-3", "bo@bigcorp.test", false), "s-3")
		if err := b.CarryOvers.Decline(ctx, b.Tenant.ID, a); err != nil {
			t.Fatal(err)
		}
		p, _, err := b.PersonOf(ctx, b.Tenant.ID, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		trail.Name("New", string(p.ID))
		trail.Want("New | Create | person New | > external", "New | Decline to carry over user | person Bo | bo@bigcorp.test"+
			" > s-3", "New | Sign in | person New")
	})
}
