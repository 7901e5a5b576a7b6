package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// bigCorp is a tenant in which people of bigcorp.test sign in with passcodes, because an
// access package is open to anyone, and Lena and Ida are global administrators.
type bigCorp struct {
	*harness
	open     access.Offer
	provider access.Directory
}

func newBigCorp(h *harness) *bigCorp {
	h.t.Helper()
	setUpAdministrators(h)
	h.administrator(access.GlobalAdministrator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Ida.ID)})
	return &bigCorp{harness: h, open: h.Package("Open house", access.Policy{Scope: access.ScopeAnyone,
		Terms: stages(groupStage(h.Reviewers))})}
}

// passcodeSignIn signs in with a one-time passcode.
func (b *bigCorp) passcodeSignIn(address, key string) (access.Account, access.Person) {
	b.t.Helper()
	b.runJobs()
	code := b.sendPasscode(address, key)
	redeemed, err := b.Passcodes.Redeem(context.Background(), key, "browser", code)
	if err != nil {
		b.t.Fatal(err)
	}
	a, p, ok := b.signIn(redeemed.Identity, "session "+key)
	if !ok {
		b.t.Fatalf("%s is nobody", address)
	}
	return a, p
}

// addProvider adds, as Lena, a connected organization with a provider that claims
// bigcorp.test, both with the name.
func (b *bigCorp) addProvider(name string) {
	b.t.Helper()
	w := admin.Connecting{Organization: access.Organization{Name: name, Description: "Customer",
		State: access.Configured}, New: []access.Directory{{Kind: access.DirectoryOpenID, Name: name,
		Issuer: "https://login.bigcorp.test", ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone,
		Domains: []access.Domain{"bigcorp.test"}}}}
	if _, err := b.Admin.SaveOrganization(context.Background(), b.Lena, w); err != nil {
		b.t.Fatal(err)
	}
	d, ok, err := b.DirectoryWithPendingDomain(context.Background(), b.Tenant.ID, "bigcorp.test")
	if err != nil || !ok {
		b.t.Fatal(ok, err)
	}
	b.provider = d
}

// verify has the operator verify bigcorp.test.
func (b *bigCorp) verify() {
	b.t.Helper()
	var err error
	if b.provider, err = b.Admin.Vouch(context.Background(), b.Tenant.ID, "bigcorp.test"); err != nil {
		b.t.Fatal(err)
	}
}

// convert adds the provider and verifies its domain.
func (b *bigCorp) convert() {
	b.t.Helper()
	b.addProvider("BigCorp")
	b.verify()
}

// atProvider is who signs in at the provider with an address that is verified there or not.
func (b *bigCorp) atProvider(subject, address string, verified bool) access.Identity {
	id := identity(b.provider.ID, subject, "Name of "+subject, address)
	if id.EmailTrusted = verified; !verified {
		id.EmailProblem = access.EmailUnverified
	}
	return id
}

// directoryOf is the passcode directory of a person who is not carried over.
func (b *bigCorp) directoryOf(p access.Person) access.Directory {
	b.t.Helper()
	d, err := b.Directory(context.Background(), p.Directory)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *bigCorp) person(id access.PersonID) access.Person {
	b.t.Helper()
	p, err := b.Person(context.Background(), b.Tenant.ID, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// wantUnproven fails the test unless the account can do nothing before it has proven its
// address.
func (b *bigCorp) wantUnproven(a access.Account) {
	b.t.Helper()
	ctx := context.Background()
	_, err := b.SignIns.PersonFor(ctx, b.Snapshot(), b.Tenant, a)
	if !errors.Is(err, lifecycle.ErrUnproven) || access.KindOf(err) != access.Forbidden {
		b.t.Errorf("%s may open pages: %v", a.Subject, err)
	}
	if _, err := b.Requests.Submit(ctx, b.Tenant, a, b.open.Package.ID, access.RequestForm{}, ""); !errors.Is(err,
		lifecycle.ErrUnproven) {
		b.t.Errorf("%s may request: %v", a.Subject, err)
	}
	if p, ok, err := b.PersonOf(ctx, b.Tenant.ID, a.ID); ok || err != nil {
		b.t.Errorf("%s is %+v, %v", a.Subject, p, err)
	}
}

// sendCode asks for the code that proves the account's address and returns the one in the
// mail.
func (b *bigCorp) sendCode(a access.Account, key, to string) string {
	b.t.Helper()
	b.runJobs() // so that the code is in the last mail
	sent, err := b.CarryOvers.Send(context.Background(), a, lifecycle.PasscodeRequest{Tenant: b.Tenant.ID, Key: key,
		Binding: "browser", ReturnTo: "/back"})
	if err != nil || !sent {
		b.t.Fatal(sent, err)
	}
	b.runJobs()
	b.mailbox.mu.Lock()
	defer b.mailbox.mu.Unlock()
	last := b.mailbox.got[len(b.mailbox.got)-1]
	_, after, ok := strings.Cut(last.Message.Text, "Code: ")
	if !ok || last.To != to || !strings.Contains(last.Message.Text, "Signed in as: "+a.Name+"\nProvider: BigCorp") {
		b.t.Fatalf("got %+v", last)
	}
	return after[:access.PasscodeDigits]
}

// TestCarryOver: whoever signs in at the provider with an address that the provider
// says is verified is the person that they were: with the access, the requests, the decisions
// and the drafts. It is one person only, and a second one with the address is somebody new.
func TestCarryOver(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		a, ada := b.passcodeSignIn("Ada@bigcorp.test", "ada")
		from := b.directoryOf(ada)
		held := b.submit(a, b.open, access.RequestForm{})
		b.approve(b.Omar, held, 0)
		b.runJobs()
		second := b.Package("Second house", access.Policy{Scope: access.ScopeAnyone, Terms: stages(groupStage(b.Reviewers))})
		asked := b.submit(a, second, access.RequestForm{})
		byAda := b.Package("Decided by Ada", access.Policy{Scope: access.ScopeAnyone, Terms: stages(storetest.Named(ada))})
		_, eve := b.passcodeSignIn("eve@elsewhere.test", "eve")
		forEve := b.submit(b.AccountOf(eve), byAda, access.RequestForm{})
		if err := b.SignIns.SaveDraft(ctx, access.FormDraft{Key: "draft", Tenant: b.Tenant.ID, Account: a.ID,
			Form: map[string][]string{"reason": {"kept"}}}); err != nil {
			t.Fatal(err)
		}
		b.convert()

		fresh, p, ok := b.signIn(b.atProvider("s-1", "ada@BIGCORP.test", true), "s-1")
		if !ok || p.ID != ada.ID || fresh.ID == a.ID || p.Account != fresh.ID || p.Directory != b.provider.ID ||
			p.CarriedFrom != from.ID || p.CarriedAddress != "ada@bigcorp.test" || p.Name != "Name of s-1" {
			t.Fatalf("ada is %+v, account %+v", p, fresh)
		}
		b.wantState(held, access.Delivered)
		if x := b.assignment(held); x.Person != ada.ID || x.State != access.AssignDelivered {
			t.Errorf("got %+v", x)
		}
		b.wantRefusal(fresh, b.open, access.RequestForm{}, access.Conflict) // she has it
		if r := b.stored(asked); r.Requestor != ada.ID || r.State != access.PendingApproval {
			t.Errorf("got %+v", r)
		}
		b.approve(p, forEve, 0)
		if d, err := b.SignIns.Draft(ctx, "draft", fresh.ID, b.clock.Now()); err != nil || d.Form["reason"][0] != "kept" {
			t.Errorf("the draft: %+v, %v", d, err)
		}
		if again, p, _ := b.signIn(b.atProvider("s-1", "ada@bigcorp.test", true), "again"); again.ID != fresh.ID ||
			p.ID != ada.ID {
			t.Errorf("the second time: %+v", p)
		}
		other, p, ok := b.signIn(b.atProvider("s-2", "ada@bigcorp.test", true), "s-2")
		if !ok || p.ID == ada.ID || other.ID == fresh.ID || p.CarriedFrom != "" {
			t.Errorf("a second one with the address is %+v", p)
		}
		n, err := b.CountCarried(ctx, b.Tenant.ID, from.ID)
		if n != (store.CarryCount{Over: 1}) || err != nil {
			t.Errorf("got %+v, %v", n, err)
		}
	})
}

// TestNoCarryOverWithoutProof: an address that the provider does not say is verified, and one of a
// person with an administrative role even if it does, carries nobody over, opens no page
// and submits no request. A code sent to the address does, in the browser and by the
// account that asked for it, once.
func TestNoCarryOverWithoutProof(t *testing.T) {
	t.Parallel()
	for name, verified := range map[string]bool{"unverified": false, "verified with a role": true} {
		t.Run(name, func(t *testing.T) {
			forEachEngineWithPasscodes(t, func(h *harness) {
				ctx, b := t.Context(), newBigCorp(h)
				_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
				if verified {
					b.administrator(access.CatalogCreator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(ada.ID)})
				}
				b.convert()
				fresh, _, _ := b.signIn(b.atProvider("s", "ada@bigcorp.test", verified), "s")
				thief, _, _ := b.signIn(b.atProvider("thief", "ada@bigcorp.test", verified), "thief")
				b.wantUnproven(fresh)
				b.wantUnproven(thief)
				stolen := b.sendCode(thief, "thief", "ada@bigcorp.test")
				code := b.sendCode(fresh, "key", "ada@bigcorp.test")
				redeem := func(a access.Account, key, binding, code string) error {
					to, err := b.CarryOvers.Redeem(ctx, a, key, binding, code)
					if err == nil && to != "/back" {
						t.Errorf("leads to %q", to)
					}
					return err
				}
				wantKind(t, "a wrong code", redeem(fresh, "key", "browser", wrongCode(code)), access.Invalid)
				wantKind(t, "another browser", redeem(fresh, "key", "other", code), access.NotFound)
				wantKind(t, "another account", redeem(thief, "key", "browser", code), access.NotFound)
				wantKind(t, "the code of another mail", redeem(thief, "thief", "browser", code), access.Invalid)
				_, err := b.Passcodes.Redeem(ctx, "key", "browser", code)
				wantKind(t, "to sign in", err, access.NotFound)
				b.wantUnproven(fresh)
				if got := b.person(ada.ID); got.Account != ada.Account || got.CarriedFrom != "" {
					t.Errorf("ada is %+v", got)
				}
				if err := redeem(fresh, "key", "browser", code); err != nil {
					t.Fatal(err)
				}
				if got := b.person(ada.ID); got.Account != fresh.ID || got.Email != "ada@bigcorp.test" {
					t.Errorf("ada is %+v", got)
				}
				wantKind(t, "a second time", redeem(fresh, "key", "browser", code), access.NotFound)
				wantKind(t, "who comes second", redeem(thief, "thief", "browser", stolen), access.NotFound)
				_, p, ok := b.signIn(b.atProvider("thief", "ada@bigcorp.test", verified), "again")
				if !ok || p.ID == ada.ID {
					t.Errorf("who comes second is %+v", p)
				}
			})
		})
	}
}

// TestCodeIsForOneAddress: a code proves the address that it was sent to, and not one that
// the account claims since. It signs nobody in, even if the domain has returned.
func TestCodeIsForOneAddress(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		b := newBigCorp(h)
		b.passcodeSignIn("thief@bigcorp.test", "thief")
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		b.convert()
		thief, _, _ := b.signIn(b.atProvider("s", "thief@bigcorp.test", false), "s")
		code := b.sendCode(thief, "key", "thief@bigcorp.test")
		thief, _, _ = b.signIn(b.atProvider("s", "ada@bigcorp.test", false), "s 2")
		_, err := b.CarryOvers.Redeem(t.Context(), thief, "key", "browser", code)
		wantKind(t, "the code of another address", err, access.NotFound)
		if err := b.Admin.RemoveDomain(t.Context(), b.Lena, b.provider.ID, "bigcorp.test"); err != nil {
			t.Fatal(err)
		}
		_, err = b.Passcodes.Redeem(t.Context(), "key", "browser", code)
		wantKind(t, "to sign in", err, access.NotFound)
		if got := b.person(ada.ID); got.Account != ada.Account {
			t.Errorf("ada is %+v", got)
		}
	})
}

// TestCodesKeepNobodyOut: somebody who claims an address and asks for codes without end
// does not keep its owner from proving it, and the mails are limited.
func TestCodesKeepNobodyOut(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		b.convert()
		b.clock.Advance(hour)
		fresh, _, _ := b.signIn(b.atProvider("s", "ada@bigcorp.test", false), "s")
		thief, _, _ := b.signIn(b.atProvider("thief", "ada@bigcorp.test", false), "thief")
		var code string
		for i := range access.PasscodeBurst {
			code = b.sendCode(thief, "thief"+string(rune('a'+i)), "ada@bigcorp.test")
		}
		sent, err := b.CarryOvers.Send(ctx, fresh, lifecycle.PasscodeRequest{Tenant: b.Tenant.ID, Key: "key",
			Binding: "browser"})
		if sent || err != nil {
			t.Errorf("a mail beyond the limit: %v, %v", sent, err)
		}
		if _, err := b.CarryOvers.Redeem(ctx, fresh, "key", "browser", code); err != nil {
			t.Error(err)
		}
		if got := b.person(ada.ID); got.Account != fresh.ID {
			t.Errorf("ada is %+v", got)
		}
	})
}

// TestNoTakeover: who claims an address that only looks like that of a person, or says that
// it isn't theirs, gets nothing of the person, who can be carried over later.
func TestNoTakeover(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, kim := b.passcodeSignIn("kim.fisher@bigcorp.test", "kim")
		b.convert()
		for i, address := range []string{"\u212aim.fisher@bigcorp.test", "kim.\ufb01sher@bigcorp.test",
			"ｋim.fisher@bigcorp.test", "k\u0131m.fisher@bigcorp.test", "kim.fisher+x@bigcorp.test",
			"kimfisher@bigcorp.test", "\"kim.fisher\"@bigcorp.test", "kim.fisher@mail.bigcorp.test",
			"kim.fisher@bigcorp.test.", "kim.fisher@bigcorp.test,x@bigcorp.test"} {
			for _, verified := range []bool{true, false} {
				subject := string(rune('a'+i)) + map[bool]string{true: "1", false: "0"}[verified]
				_, p, ok := b.signIn(b.atProvider(subject, address, verified), subject)
				if !ok || p.ID == kim.ID {
					t.Errorf("%q is %+v", address, p)
				}
			}
		}
		a, _, _ := b.signIn(b.atProvider("declines", "kim.fisher@bigcorp.test", false), "declines")
		b.wantUnproven(a)
		if err := b.CarryOvers.Decline(ctx, b.Tenant.ID, a); err != nil {
			t.Fatal(err)
		}
		p, ok, err := b.PersonOf(ctx, b.Tenant.ID, a.ID)
		if !ok || p.ID == kim.ID || p.Email != "" || err != nil {
			t.Errorf("who declines is %+v, %v", p, err)
		}
		wantKind(t, "to decline twice", b.CarryOvers.Decline(ctx, b.Tenant.ID, a), access.NotFound)
		_, err = b.CarryOvers.Send(ctx, a, lifecycle.PasscodeRequest{Tenant: b.Tenant.ID, Key: "late", Binding: "browser"})
		wantKind(t, "a code after that", err, access.NotFound)
		if got := b.person(kim.ID); got.Account != kim.Account || got.Directory != kim.Directory {
			t.Errorf("kim is %+v", got)
		}
		if _, p, _ := b.signIn(b.atProvider("kim", "kim.fisher@bigcorp.test", true), "kim 2"); p.ID != kim.ID {
			t.Errorf("kim is %+v", p)
		}
	})
}

// TestDisabledStaysDisabled: a disabled person is carried over and stays disabled, and
// nobody with the address goes on as a new person instead.
func TestDisabledStaysDisabled(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx, b := t.Context(), newBigCorp(h)
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		b.Do(func(ctx context.Context, tx *store.Tx) error {
			ada.Disabled = true
			return tx.UpdatePerson(ctx, ada)
		})
		b.convert()
		a, _, _ := b.signIn(b.atProvider("s", "ada@bigcorp.test", false), "s")
		wantKind(t, "to decline", b.CarryOvers.Decline(ctx, b.Tenant.ID, a), access.Forbidden)
		b.wantUnproven(a)
		_, p, ok := b.signIn(b.atProvider("s-2", "ada@bigcorp.test", true), "s-2")
		if !ok || p.ID != ada.ID || !p.Disabled {
			t.Errorf("ada is %+v", p)
		}
	})
}

// TestCarryOverOfOthers: somebody who was added with an address and has never signed in is
// carried over like the others, and administrators are notified; somebody who was merged
// into another one signs in as that one. Of two who were added with one address, nobody
// is.
func TestCarryOverOfOthers(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		b := newBigCorp(h)
		_, ada := b.passcodeSignIn("ada@bigcorp.test", "ada")
		_, old := b.passcodeSignIn("old@bigcorp.test", "old")
		m, err := b.Admin.ProposeMerge(t.Context(), b.Lena, admin.MergeForm{From: old.ID, Into: ada.ID, Reason: "Same"})
		if err == nil {
			_, err = b.Admin.ConfirmMerge(t.Context(), b.Ida, m.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		added := b.preregister(ada.Directory, "bo@bigcorp.test")
		for range 2 {
			b.preregister(ada.Directory, "two@bigcorp.test")
		}
		b.convert()
		b.runJobs()
		b.takeMails()
		if _, p, _ := b.signIn(b.atProvider("old", "old@bigcorp.test", true), "1"); p.ID != ada.ID ||
			p.Account != ada.Account || p.Directory != ada.Directory {
			t.Errorf("who was merged is %+v", p)
		}
		if _, p, _ := b.signIn(b.atProvider("ada", "ada@bigcorp.test", true), "2"); p.ID != ada.ID ||
			p.Account == ada.Account {
			t.Errorf("ada is %+v", p)
		}
		b.runJobs()
		b.wantMails()
		if _, p, _ := b.signIn(b.atProvider("bo", "bo@bigcorp.test", true), "3"); p.ID != added.ID ||
			p.CarriedAddress != "bo@bigcorp.test" {
			t.Errorf("bo is %+v", p)
		}
		b.runJobs()
		if got := b.takeMails(); len(got) != 2 || !strings.Contains(got[0], "was recognized by mail address") {
			t.Errorf("got %q", got)
		}
		if _, p, ok := b.signIn(b.atProvider("two", "two@bigcorp.test", true), "4"); !ok || p.CarriedFrom != "" {
			t.Errorf("one of two is %+v", p)
		}
	})
}
