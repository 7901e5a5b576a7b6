package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
)

// C03: a userinfo endpoint that refuses does not end a sign-in, and its failure is in the
// log.
func TestUserInfoFailureIsLogged(t *testing.T) {
	p := newPortal(t)
	provider := signintest.New(t, p.clock.Now)
	provider.Behave(signintest.Behaviour{Claims: func(c signintest.Claims) { delete(c, "name") },
		Instead: map[string]http.HandlerFunc{signintest.UserInfo: signintest.Fails(http.StatusForbidden)}})
	p.Harbor.Issuer, p.Harbor.ClientID, p.Harbor.ClientSecret = provider.Issuer, provider.ClientID, provider.Secret
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveDirectory(ctx, p.Harbor, access.VerifiedByOperator)
	})
	var logged bytes.Buffer
	p.config.Log = slog.New(slog.NewTextHandler(&logged, nil))
	p.serve()
	b := p.nobody().sendOnce(http.MethodGet, home+"/sign-in?domain_hint=harbor.example", nil).sees(http.StatusSeeOther)
	back := provider.Visit(t, signin.Started{URL: b.header.Get("Location")})
	b.opens(back.RequestURI()).sees(200, "mara@harbor.example")
	if text := logged.String(); !strings.Contains(text, "signed in without userinfo") ||
		!strings.Contains(text, "answers with status 403") || strings.Contains(text, signintest.Canary) ||
		strings.Contains(text, "bearer-") {
		t.Errorf("the log is %q", text)
	}
}
