package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// signIn completes a sign-in to the tenant and returns the account, and who it
// is there.
func (h *harness) signIn(id access.Identity, key string) (access.Account, access.Person, bool) {
	h.t.Helper()
	ctx := context.Background()
	a, err := h.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: id, Session: access.Session{Key: key},
		Tenant: h.Tenant.ID})
	if err != nil {
		h.t.Fatal(err)
	}
	p, ok, err := h.PersonOf(ctx, h.Tenant.ID, a.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return a, p, ok
}

// identity returns the identity that a directory's provider asserts.
func identity(d access.DirectoryID, subject, name, email string) access.Identity {
	return access.Identity{Directory: d, Subject: subject, Name: name, Email: email, EmailTrusted: true, Language: "de"}
}

// TestAccountsByProviderKey: Directory and subject identify an account, and
// nothing else (I-1, I-2, I-9).
func TestAccountsByProviderKey(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		first, dave, _ := h.signIn(identity(h.Harbor.ID, "s1", "Dave", "dave@harbor.example"), "1")
		again, same, _ := h.signIn(identity(h.Harbor.ID, "s1", "Dave Marsh", "d.marsh@harbor-lab.example"), "2")
		if again.ID != first.ID || same.ID != dave.ID {
			h.t.Error("the same subject with another address is another account")
		}
		if same.Name != "Dave Marsh" || same.Email != "d.marsh@harbor-lab.example" || same.Domain != "harbor-lab.example" {
			h.t.Errorf("what is shown was not brought up to date: %+v", same)
		}
		other, recycled, ok := h.signIn(identity(h.Harbor.ID, "s2", "Dave Marsh", "d.marsh@harbor-lab.example"), "3")
		if !ok || other.ID == first.ID || recycled.ID == dave.ID {
			h.t.Error("another subject with the same address is the same person")
		}
		elsewhere, who, ok := h.signIn(identity(h.Tenant.Directory, "s1", "Dave", "dave@meridian.example"), "4")
		if !ok || elsewhere.ID == first.ID || who.ID == dave.ID || who.Kind != access.Member || dave.Kind != access.External {
			h.t.Errorf("the same subject of another directory: %+v", who)
		}
	})
}

// TestOldNamesAreKept: The audit log keeps the previous values of what signing
// in changes (I-10).
func TestOldNamesAreKept(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		_, dave, _ := h.signIn(identity(h.Harbor.ID, "s1", "Dave", "dave@harbor.example"), "1")
		h.signIn(identity(h.Harbor.ID, "s1", "Dave", "dave@harbor.example"), "2")
		h.signIn(identity(h.Harbor.ID, "s1", "Eve", "eve@harbor.example"), "3")
		log, err := h.AuditOf(context.Background(), h.Tenant.ID, string(dave.ID))
		if err != nil {
			h.t.Fatal(err)
		}
		var updates []access.AuditRecord
		for _, a := range log {
			if a.Activity == access.ActUpdate {
				updates = append(updates, a)
			}
		}
		if len(updates) != 1 || updates[0].From != "Dave <dave@harbor.example>" ||
			updates[0].To != "Eve <eve@harbor.example>" {
			h.t.Errorf("%+v", updates)
		}
	})
}

// preregister adds a person without an account, known by an address.
func (h *harness) preregister(d access.DirectoryID, email string) (p access.Person) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		p = access.Person{ID: access.PersonID(tx.NewID()), Tenant: h.Tenant.ID, Directory: d, Kind: access.External,
			Guest: access.GuestNone,
			Name:  "Expected", Email: email}
		return tx.AddPerson(ctx, p)
	})
	return p
}

// TestPreregisteredPerson: A preregistered person is linked to the account
// that first signs in with the address at the directory that owns its domain,
// and to no other (I-12, F-009).
func TestPreregisteredPerson(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.Do(func(ctx context.Context, tx *store.Tx) error { // admit people of Elsewhere too
			return tx.SaveOrganization(ctx, access.Organization{ID: "else", Tenant: h.Tenant.ID, Name: "Elsewhere",
				State:       access.Configured,
				Directories: []access.DirectoryID{h.Other.ID}})
		})
		meant := h.preregister(h.Harbor.ID, "dave@harbor.example")
		if _, p, ok := h.signIn(identity(h.Other.ID, "m", "Mallory", "dave@harbor.example"), "1"); !ok || p.ID == meant.ID {
			h.t.Error("linked to an account of another directory")
		}
		unverified := identity(h.Harbor.ID, "u", "Ursula", "dave@harbor.example")
		unverified.EmailTrusted = false
		if a, p, ok := h.signIn(unverified, "2"); !ok || p.ID == meant.ID || a.Email != "" || p.Email != "" {
			h.t.Errorf("linked by an unverified address: %+v", p)
		}
		_, dave, _ := h.signIn(identity(h.Harbor.ID, "d", "Dave", "Dave@Harbor.example"), "3")
		if dave.ID != meant.ID || dave.Name != "Dave" || dave.Account == "" {
			h.t.Errorf("not met: %+v", dave)
		}
		if _, p, ok := h.signIn(identity(h.Harbor.ID, "e", "Eve", "dave@harbor.example"), "4"); !ok || p.ID == meant.ID {
			h.t.Error("met a second time")
		}
	})
}

// TestTwoPreregistered: Two preregistered people with the same address are
// not linked to an account.
func TestTwoPreregistered(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		one, two := h.preregister(h.Harbor.ID, "dave@harbor.example"), h.preregister(h.Harbor.ID, "dave@harbor.example")
		if _, p, ok := h.signIn(identity(h.Harbor.ID, "d", "Dave", "dave@harbor.example"), "1"); !ok || p.ID == one.ID ||
			p.ID == two.ID {
			h.t.Errorf("one of two was chosen: %+v", p)
		}
	})
}

// TestMembership: Membership follows from the directory that authenticated,
// never from the address (I-3).
func TestMembership(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		forMembers, forPartner := h.memberPackage("Inside", access.Terms{}), h.partnerPackage("Outside")
		posing, p, _ := h.signIn(identity(h.Harbor.ID, "p", "Posing", "posing@meridian.example"), "1")
		if p.Kind != access.External || p.Domain != "harbor.example" {
			h.t.Errorf("%+v", p)
		}
		h.wantRefusal(posing, forMembers, access.RequestForm{}, access.NotFound)
		h.submit(posing, forPartner, access.RequestForm{})
		abroad, p, _ := h.signIn(identity(h.Tenant.Directory, "a", "Abroad", "abroad@harbor.example"), "2")
		if p.Kind != access.Member {
			h.t.Errorf("%+v", p)
		}
		h.wantRefusal(abroad, forPartner, access.RequestForm{}, access.NotFound)
		h.submit(abroad, forMembers, access.RequestForm{})
	})
}

// TestAdmission: People of a directory that is not connected can sign in, but
// are not added to the tenant until it has a package for anyone (F-075).
func TestAdmission(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		xenia := identity(h.Other.ID, "x", "Xenia", "xenia@elsewhere.example")
		a, _, known := h.signIn(xenia, "1")
		if _, err := h.SignIns.PersonFor(context.Background(), h.Snapshot(), h.Tenant, a); known ||
			access.KindOf(err) != access.Forbidden {
			h.t.Errorf("known %v, visits with %v", known, err)
		}
		if _, err := h.SignIns.Session(context.Background(), h.Snapshot(), "1", h.clock.Now()); err != nil {
			h.t.Errorf("she is signed in: %v", err)
		}
		h.Package("Open", access.Policy{Scope: access.ScopeAnyone,
			Terms: stages(access.Stage{Days: 1, Approvers: groupStage(h.Reviewers).Approvers})})
		p, err := h.SignIns.PersonFor(context.Background(), h.Snapshot(), h.Tenant, a)
		if err != nil || p.ID != "" || p.Kind != access.External || p.Domain != "elsewhere.example" {
			h.t.Errorf("%+v, %v", p, err)
		}
		if _, p, known := h.signIn(xenia, "2"); !known || p.Kind != access.External {
			h.t.Errorf("known %v: %+v", known, p)
		}
	})
}

// TestAttempts: An attempt can be used once, in the browser that made it,
// until it expires (O-1, O-8).
func TestAttempts(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		begin := func(key string) {
			a := access.SignInAttempt{Key: key, Binding: "mine", Directory: h.Harbor.ID, Nonce: "n", Verifier: "v",
				ReturnTo: "/x"}
			if err := h.SignIns.SaveAttempt(ctx, a); err != nil {
				h.t.Fatal(err)
			}
		}
		take := func(key, binding string) access.ErrorKind {
			_, err := h.SignIns.TakeAttempt(ctx, key, binding)
			if err == nil {
				return -1
			}
			return access.KindOf(err)
		}
		begin("a")
		if got := take("a", "another"); got != access.NotFound {
			h.t.Errorf("by another browser: %d", got)
		}
		if a, err := h.SignIns.TakeAttempt(ctx, "a", "mine"); err != nil || a.Verifier != "v" || a.Nonce != "n" ||
			a.ReturnTo != "/x" {
			h.t.Errorf("by its own: %+v, %v", a, err)
		}
		if got := take("a", "mine"); got != access.NotFound {
			h.t.Errorf("twice: %d", got)
		}
		begin("b")
		begin("c")
		h.clock.Advance(access.SignInAttemptLifetime - time.Millisecond)
		if got := take("b", "mine"); got != -1 {
			h.t.Errorf("just in time: %d", got)
		}
		h.clock.Advance(time.Millisecond)
		if got := take("c", "mine"); got != access.NotFound {
			h.t.Errorf("too late: %d", got)
		}
	})
}

// TestSessions: A session ends after its idle timeout, at its maximum length,
// and by signing out.
func TestSessions(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		alive := func(key string) bool {
			in, err := h.SignIns.Session(ctx, h.Snapshot(), key, h.clock.Now())
			if err != nil && access.KindOf(err) != access.NotFound {
				h.t.Fatal(err)
			}
			if err == nil {
				h.SignIns.Touch(ctx, in.Session, h.Tenant.Settings, h.clock.Now())
			}
			return err == nil
		}
		who := identity(h.Tenant.Directory, "w", "Wim", "wim@meridian.example")
		for _, key := range []string{"used", "unused", "out"} {
			h.signIn(who, key)
		}
		if err := h.SignIns.EndSession(ctx, "out"); err != nil || alive("out") {
			h.t.Errorf("after signing out: %v", err)
		}
		if err := h.SignIns.EndSession(ctx, "out"); err != nil {
			h.t.Errorf("signed out twice: %v", err)
		}
		h.clock.Advance(access.MaxSessionIdle - time.Minute)
		if !alive("used") {
			h.t.Error("ended too early")
		}
		h.clock.Advance(time.Minute)
		if !alive("used") || alive("unused") {
			h.t.Error("it is use that keeps a session")
		}
		h.clock.Advance(access.MaxSessionLifetime - access.MaxSessionIdle - time.Millisecond)
		if !alive("used") {
			h.t.Error("its life was cut short")
		}
		h.clock.Advance(time.Millisecond)
		if alive("used") {
			h.t.Error("use kept it past its life")
		}
		if err := h.Maintenance.DeleteExpired(ctx); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Session(ctx, "used"); access.KindOf(err) != access.NotFound {
			h.t.Errorf("not forgotten: %v", err)
		}
	})
}

// TestTouchWithinLimits: a session is touched on a page of a tenant whose limits
// accept it, and on no other (S-4).
func TestTouchWithinLimits(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		h.signIn(identity(h.Tenant.Directory, "w", "Wim", "wim@meridian.example"), "k")
		begun := h.clock.Now()
		session := func() access.Session {
			h.t.Helper()
			page := h.Snapshot()
			defer page.End()
			in, err := h.SignIns.Session(ctx, page, "k", h.clock.Now())
			if err != nil {
				h.t.Fatal(err)
			}
			return in.Session
		}
		// expect uses the session in a tenant with the limits.
		expect := func(idle, life time.Duration, lastUse time.Time) {
			h.t.Helper()
			h.SignIns.Touch(ctx, session(), access.Settings{SessionIdle: idle, SessionLife: life}, h.clock.Now())
			got := session().LastSeen
			for end := time.Now().Add(5 * time.Second); !got.Equal(lastUse) && time.Now().Before(end); {
				time.Sleep(10 * time.Millisecond) // Touch doesn't wait long for a slow database
				got = session().LastSeen
			}
			if !got.Equal(lastUse) {
				h.t.Errorf("within %s and %s: the last use is %s, want %s", idle, life, got, lastUse)
			}
		}
		h.clock.Advance(30 * time.Minute)
		expect(30*time.Minute, 0, begun)
		expect(30*time.Minute, 0, begun)
		expect(0, 30*time.Minute, begun)
		expect(31*time.Minute, 31*time.Minute, h.clock.Now())
		used := h.clock.Now()
		h.clock.Advance(5*time.Minute - time.Millisecond)
		expect(0, 0, used) // too soon after the last update
		h.clock.Advance(time.Millisecond)
		expect(5*time.Minute, 0, used)
		expect(0, 0, h.clock.Now())
		for range 4 { // a short limit does not end a session that is in use
			h.clock.Advance(4 * time.Minute)
			expect(5*time.Minute, 0, h.clock.Now())
		}
		used = h.clock.Now()
		h.clock.Advance(29 * time.Second)
		expect(5*time.Minute, 0, used) // too soon: a tenth is 30 seconds
		h.clock.Advance(time.Second)
		expect(5*time.Minute, 0, h.clock.Now())
	})
}

// TestPreregisteredAddressKnown: A preregistered person is linked even if the
// account changes nothing.
func TestPreregisteredAddressKnown(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		var petra access.Person
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			petra = access.Person{ID: access.PersonID(tx.NewID()), Tenant: h.Tenant.ID, Directory: h.Tenant.Directory,
				Domain: "meridian.example",
				Kind:   access.Member, Name: "Petra", Email: "petra@meridian.example", Language: "de", Guest: access.GuestNone}
			return tx.AddPerson(ctx, petra)
		})
		if _, p, _ := h.signIn(identity(h.Tenant.Directory, "p", "Petra", "petra@meridian.example"), "1"); p.ID != petra.ID {
			h.t.Errorf("the preregistered person is %+v", p)
		}
	})
}

// TestAddressesThatLookAlike: an address that only looks like a preregistered person's,
// or is the same to a search, is somebody else's (C15). The address itself is hers in
// any case of ASCII letters, and with its domain in either form (C14).
func TestAddressesThatLookAlike(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			harbor := h.Harbor
			harbor.Domains = append(slices.Clone(harbor.Domains), "xn--bcher-kva.example")
			return tx.SaveDirectory(ctx, harbor, access.VerifiedByOperator)
		})
		people := map[string]access.Person{}
		for _, known := range []string{"fiona.chief@harbor.example", "fiona.king@harbor.example", "bob@harbor.example",
			"sam.strasse@harbor.example", "\u00e4na@harbor.example", "eva@b\u00fccher.example"} {
			people[known] = h.preregister(h.Harbor.ID, known)
		}
		n := 0
		signIn := func(address string) access.Person {
			n++
			_, p, ok := h.signIn(identity(h.Harbor.ID, fmt.Sprint("s", n), "Somebody", address), fmt.Sprint(n))
			if !ok {
				h.t.Errorf("%q is not known", address)
			}
			return p
		}
		for _, other := range []string{"\ufb01ona.chief@harbor.example", "fiona.\u212aing@harbor.example",
			"\uff42ob@harbor.example", "sam.\u017ftrasse@harbor.example", "sam.stra\u00dfe@harbor.example",
			"f\u0131ona.chief@harbor.example", "F\u0130ONA.chief@harbor.example", "a\u0308na@harbor.example",
			"\u00c4na@harbor.example"} {
			p := signIn(other)
			for known, meant := range people {
				if p.ID == meant.ID {
					h.t.Errorf("%q is taken for %q", other, known)
				}
			}
		}
		for known, written := range map[string]string{"fiona.chief@harbor.example": "Fiona.CHIEF@Harbor.Example",
			"fiona.king@harbor.example": "fiona.king@harbor.example", "bob@harbor.example": "BOB@harbor.example",
			"sam.strasse@harbor.example": "sam.strasse@harbor.example", "\u00e4na@harbor.example": "\u00e4NA@harbor.example",
			"eva@b\u00fccher.example": "eva@xn--bcher-kva.example"} {
			if p := signIn(written); p.ID != people[known].ID {
				h.t.Errorf("%q is not taken for %q", written, known)
			}
		}
	})
}
