package signin_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

const base = "https://access.meridian.example"

// fixture is a SignIn with one directory and its provider.
type fixture struct {
	*signin.SignIn
	provider *signintest.Provider
	dir      access.Directory
	clock    *clock
}

type clock struct{ seconds atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(c.seconds.Load(), 0) }
func (c *clock) Advance(d time.Duration) { c.seconds.Add(int64(d.Seconds())) }

func newFixture(t *testing.T) *fixture {
	t.Helper()
	c := &clock{}
	c.seconds.Store(1_800_000_000)
	s, err := signin.New(signin.Config{Base: base, Network: outbound.Network{AllowLoopback: true}, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := signintest.New(t, c.Now)
	return &fixture{s, p, p.Directory("harbor", "harbor.example", "harbor-lab.example"), c}
}

// begin starts a sign-in.
func (d *fixture) begin(t *testing.T) signin.Started {
	t.Helper()
	s, err := d.Begin(t.Context(), d.dir, signin.Start{Tenant: "meridian", Target: "/@meridian.example/"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// finish finishes a sign-in with the provider's response, in the same browser.
func (d *fixture) finish(t *testing.T, s signin.Started, back *url.URL) (signin.Finished, error) {
	t.Helper()
	return d.Finish(t.Context(), d.dir, s.Attempt, back.Query(), s.Binding)
}

// signIn starts and finishes a sign-in. No error may contain a secret.
func (d *fixture) signIn(t *testing.T) (signin.Finished, error) {
	t.Helper()
	s := d.begin(t)
	back := d.provider.Visit(t, s)
	done, err := d.finish(t, s, back)
	expectSafeError(t, err, d.provider.Secret, signintest.Canary, s.State, s.Binding, s.Attempt.Nonce, s.Attempt.Verifier,
		back.Query().Get("code"), "bearer-", "eyJ")
	return done, err
}

// expectSafeError checks that an error has a message for the person, and contains neither
// secrets nor text of the provider.
func expectSafeError(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		return
	}
	shown, ok := errors.AsType[*access.Error](err)
	if !ok {
		t.Errorf("an error without a message for the person: %v", err)
		return
	}
	if strings.Contains(shown.Error(), "%!") || strings.Contains(shown.Error(), "127.0.0.1") {
		t.Errorf("the message for the person is %q", shown)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error contains %q: %v", secret, err)
		}
	}
}

// expectSignIn checks that a sign-in succeeded for Mara, or failed with the kind and no
// result.
func expectSignIn(t *testing.T, done signin.Finished, err error, want access.ErrorKind) {
	t.Helper()
	if want == signedIn {
		if err != nil || done.Identity.Subject != "248289761001" || done.Identity.Directory != "harbor" {
			t.Errorf("not signed in: %+v, %v", done, err)
		}
		return
	}
	if err == nil || access.KindOf(err) != want || done != (signin.Finished{}) {
		t.Errorf("got %+v, %v (kind %d), want the kind %d", done, err, access.KindOf(err), want)
	}
}

// signedIn is the verdict of a successful sign-in.
const signedIn = access.ErrorKind(-1)

// expectCalls checks which endpoints were called, in order.
func expectCalls(t *testing.T, p *signintest.Provider, want ...string) {
	t.Helper()
	if got := p.Called(); !slices.Equal(got, want) {
		t.Errorf("called %v, want %v", got, want)
	}
}

// short checks the timeout of calls and shortens it.
func (d *fixture) short(t *testing.T) {
	t.Helper()
	if d.Timeout() != 5*time.Second {
		t.Errorf("the timeout is %v, want 5 s", d.Timeout())
	}
	d.SetTimeout(time.Second / 2)
}

// cancelledContext returns a context that has ended.
func cancelledContext(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
