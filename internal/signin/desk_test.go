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

// desk is a portal at which people of one organisation sign in.
type desk struct {
	*signin.SignIn
	provider *signintest.Provider
	dir      access.Directory
	clock    *clock
}

type clock struct{ seconds atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(c.seconds.Load(), 0) }
func (c *clock) Advance(d time.Duration) { c.seconds.Add(int64(d.Seconds())) }

func newDesk(t *testing.T) *desk {
	t.Helper()
	c := &clock{}
	c.seconds.Store(1_800_000_000)
	s, err := signin.New(signin.Config{Base: base, Network: outbound.Network{AllowLoopback: true}, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := signintest.New(t, c.Now)
	return &desk{s, p, p.Directory("harbor", "harbor.example", "harbor-lab.example"), c}
}

// begin begins to sign in.
func (d *desk) begin(t *testing.T) signin.Started {
	t.Helper()
	s, err := d.Begin(t.Context(), d.dir, signin.Start{Tenant: "meridian", Target: "/@meridian.example/"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// finish brings the provider's answer to the portal, in the same browser.
func (d *desk) finish(t *testing.T, s signin.Started, back *url.URL) (signin.Finished, error) {
	t.Helper()
	return d.Finish(t.Context(), d.dir, s.Attempt, back.Query(), s.Binding)
}

// signIn goes all the way.
func (d *desk) signIn(t *testing.T) (signin.Finished, error) {
	t.Helper()
	s := d.begin(t)
	back := d.provider.Visit(t, s)
	done, err := d.finish(t, s, back)
	quiet(t, err, d.provider.Secret, signintest.Canary, s.State, s.Binding, s.Attempt.Nonce, s.Attempt.Verifier,
		back.Query().Get("code"), "bearer-", "eyJ")
	return done, err
}

// quiet checks that a refusal says something to the person, and repeats neither
// secrets nor what a provider said.
func quiet(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		return
	}
	shown, ok := errors.AsType[*access.Error](err)
	if !ok {
		t.Errorf("a fault of ours: %v", err)
		return
	}
	if strings.Contains(shown.Error(), "%!") || strings.Contains(shown.Error(), "127.0.0.1") {
		t.Errorf("the person is told %q", shown)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%q stands in the error: %v", secret, err)
		}
	}
}

// verdict checks that a sign-in came to a session of Mara's, or to a refusal of a
// kind, and to nothing else.
func verdict(t *testing.T, done signin.Finished, err error, want access.ErrorKind) {
	t.Helper()
	if want == signedIn {
		if err != nil || done.Identity.Subject != "248289761001" || done.Identity.Directory != "harbor" {
			t.Errorf("somebody honest is not signed in: %+v, %v", done, err)
		}
		return
	}
	if err == nil || access.KindOf(err) != want || done != (signin.Finished{}) {
		t.Errorf("got %+v, %v (kind %d), want a refusal of the kind %d", done, err, access.KindOf(err), want)
	}
}

// signedIn is the verdict that nothing is wrong.
const signedIn = access.ErrorKind(-1)

// called checks which endpoints were called, in order.
func called(t *testing.T, p *signintest.Provider, want ...string) {
	t.Helper()
	if got := p.Called(); !slices.Equal(got, want) {
		t.Errorf("called %v, want %v", got, want)
	}
}

// short makes a desk wait half a second only.
func (d *desk) short(t *testing.T) {
	t.Helper()
	if d.Timeout() != 5*time.Second {
		t.Errorf("a provider has %v to answer, want 5 s", d.Timeout())
	}
	d.SetTimeout(time.Second / 2)
}

// away is a context that has ended.
func away(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
