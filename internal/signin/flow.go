package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"myaccess/internal/access"
)

// Start is what a sign-in begins with.
type Start struct {
	Tenant access.TenantID // empty if it began at /
	Target string          // our own path, where to go afterwards
	// LoginHint is the address that was typed, DomainHint its domain.
	LoginHint  string
	DomainHint access.Domain
	Prompt     string // select_account, to change accounts; else empty
	// MaxAge asks the provider to have people prove again who they are if they
	// did so longer ago, and makes sure that it did (O-20); zero if that does
	// not matter.
	MaxAge time.Duration
}

// Started is a sign-in that has begun: Attempt is to be kept, Binding to be put
// into the browser under State, and the browser to be sent to URL.
type Started struct {
	Attempt access.SignInAttempt
	State   string
	Binding string
	URL     string
}

// Begin makes an attempt to sign in at the directory: state, nonce and PKCE
// verifier are new each time (O-1, O-6, O-7, O-8). Forbidden if the directory is
// switched off (I-11), Unavailable if the provider does not answer.
func (s *SignIn) Begin(ctx context.Context, dir access.Directory, start Start) (Started, error) {
	if !dir.Enabled {
		return Started{}, access.Refuse(access.Forbidden, "Nobody can sign in with %s at the moment.", dir.Name)
	}
	p, err := s.provider(ctx, dir)
	if err != nil {
		return Started{}, err
	}
	state, nonce, binding, verifier := NewToken(), NewToken(), NewToken(), oauth2.GenerateVerifier()
	a := access.SignInAttempt{
		Key: HashToken(state), Binding: HashToken(binding), Directory: dir.ID, Tenant: start.Tenant, Issuer: dir.Issuer,
		ClientID:    dir.ClientID,
		RedirectURI: s.CallbackURL(dir.ID), Nonce: nonce, Verifier: verifier, ReturnTo: start.Target,
		MaxAge: start.MaxAge, Created: s.config.Now(),
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	age := ""
	if start.MaxAge > 0 {
		age = strconv.Itoa(int(start.MaxAge.Seconds()))
	}
	for name, value := range map[string]string{
		"login_hint": start.LoginHint, hintParameter(dir): string(start.DomainHint), "prompt": start.Prompt, "max_age": age,
	} {
		if name != "" && value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	return Started{Attempt: a, State: state, Binding: binding, URL: oauthConfig(dir, p, a).AuthCodeURL(state, options...)},
		nil
}

// hintParameter is the query parameter that carries a domain to the provider;
// empty if it knows none.
func hintParameter(dir access.Directory) string {
	if dir.HintStyle == access.HintNone {
		return ""
	}
	return string(dir.HintStyle)
}

func oauthConfig(dir access.Directory, p *provider, a access.SignInAttempt) *oauth2.Config {
	style := map[access.AuthStyle]oauth2.AuthStyle{
		access.AuthBasic: oauth2.AuthStyleInHeader, access.AuthPost: oauth2.AuthStyleInParams,
		access.AuthNone: oauth2.AuthStyleInParams,
	}[dir.AuthStyle]
	secret := dir.ClientSecret
	if dir.AuthStyle == access.AuthNone {
		secret = ""
	}
	return &oauth2.Config{
		ClientID: dir.ClientID, ClientSecret: secret, RedirectURL: a.RedirectURI,
		Endpoint: oauth2.Endpoint{AuthURL: p.meta.Authorization, TokenURL: p.meta.Token, AuthStyle: style},
		Scopes:   append([]string{oidc.ScopeOpenID}, dir.Scopes...),
	}
}

// Finished is a sign-in that has been proved.
type Finished struct {
	Identity access.Identity
	SID      string // the provider's session, empty if it has told none
	IDToken  string // for signing out there
}

// Finish checks the provider's answer q to an attempt that was made by the
// browser with binding, and redeems the code. The attempt must have been taken
// out of where it was kept, so that it is used once.
//
// Refusals: Invalid if the answer is not to this attempt or not of this browser,
// or says that the person gave up; Forbidden if the provider's answer cannot be
// accepted; Unavailable if the provider does not answer.
func (s *SignIn) Finish(ctx context.Context, dir access.Directory, a access.SignInAttempt, q url.Values,
	binding string) (Finished, error) {
	if err := s.checkAnswer(dir, a, q, binding); err != nil {
		return Finished{}, err
	}
	p, err := s.provider(ctx, dir)
	if err != nil {
		return Finished{}, err
	}
	if !q.Has("iss") && p.meta.PromisesResponseID {
		return Finished{}, refused(dir, "the response has no iss, which the provider promises") // RFC 9207, O-3
	}
	if q.Has("error") {
		return Finished{}, gaveUp(dir, q.Get("error"))
	}
	return s.redeem(oidc.ClientContext(ctx, s.client), dir, a, p, q.Get("code"))
}

// redeem turns the code into an ID token and reads that.
func (s *SignIn) redeem(ctx context.Context, dir access.Directory, a access.SignInAttempt, p *provider,
	code string) (Finished, error) {
	token, err := oauthConfig(dir, p, a).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Finished{}, exchangeFault(dir, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || len(raw) > 64<<10 {
		return Finished{}, refused(dir, "the token endpoint gave no ID token")
	}
	if _, err := p.keys.current(ctx, false); err != nil {
		return Finished{}, down(dir, err)
	}
	verified, err := oidc.NewVerifier(dir.Issuer, p.keys, &oidc.Config{
		ClientID: dir.ClientID, SupportedSigningAlgs: p.meta.algorithms(), SkipExpiryCheck: true, // ours has a grace
	}).Verify(ctx, raw)
	if err != nil {
		return Finished{}, refused(dir, fmt.Sprintf("%.200q", err.Error()))
	}
	return s.identify(ctx, dir, a, p, answer{verified, token.AccessToken, raw})
}

// checkAnswer checks that the answer belongs to the attempt: its directory, its
// browser, in time, with one value of each parameter.
func (s *SignIn) checkAnswer(dir access.Directory, a access.SignInAttempt, q url.Values, binding string) error {
	foreign := access.Invalidf("state", "This sign-in was not begun in this browser, or has been finished already. "+
		"Begin again.")
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(q[name]) > 1 {
			return foreign
		}
	}
	switch {
	case HashToken(q.Get("state")) != a.Key || a.Directory != dir.ID || a.RedirectURI != s.CallbackURL(dir.ID),
		a.Issuer != dir.Issuer, a.ClientID != dir.ClientID, !dir.Enabled:
		return foreign
	case subtle.ConstantTimeCompare([]byte(HashToken(binding)), []byte(a.Binding)) != 1:
		return foreign
	case !s.config.Now().Before(a.Created.Add(access.SignInAttemptLifetime)):
		return access.Invalidf("state", "This sign-in took longer than %d minutes. Begin again.",
			int(access.SignInAttemptLifetime/time.Minute))
	case q.Has("iss") && q.Get("iss") != dir.Issuer: // RFC 9207, O-3
		return refused(dir, "the response is of another issuer, "+quoted(q.Get("iss")))
	case q.Get("code") == "" && !q.Has("error"):
		return foreign
	}
	return nil
}

// gaveUp is the refusal for an error that the provider told. Its own words are
// not shown (O-19).
func gaveUp(dir access.Directory, code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required":
		return access.Invalidf("state", "You did not finish signing in at %s. You can begin again.", dir.Name)
	case "temporarily_unavailable", "server_error":
		return down(dir, errors.New("the provider answers "+code))
	}
	return refused(dir, "the provider answers with the error "+registered(code))
}

// exchangeFault tells a provider that refuses the code from one that does not
// answer.
func exchangeFault(dir access.Directory, err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok && e.Response.StatusCode < 500 {
		return refused(dir, fmt.Sprintf("the token endpoint answers %d %s", e.Response.StatusCode, registered(e.ErrorCode)))
	}
	return down(dir, errors.New("the token endpoint does not answer as it must"))
}

// registered is an error code if it is one that OAuth and OpenID Connect know.
// Anything else is the provider's own text, which we do not repeat.
func registered(code string) string {
	known := []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope",
		"unsupported_response_type", "account_selection_required", "request_not_supported", "registration_not_supported"}
	if slices.Contains(known, code) {
		return code
	}
	return "(none that is known)"
}

// longestHint is how long an ID token may be to be put into an address.
const longestHint = 6 << 10

// EndSession is the address that ends the person's session at the provider too
// (OpenID Connect RP-Initiated Logout 1.0); ok is false if it offers none or
// does not answer, which must not keep anybody from signing out here.
func (s *SignIn) EndSession(ctx context.Context, dir access.Directory, idToken string) (address string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	p, err := s.provider(ctx, dir)
	if err != nil || p.meta.EndSession == "" {
		return "", false
	}
	u, err := url.Parse(p.meta.EndSession)
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("client_id", dir.ClientID)
	q.Set("post_logout_redirect_uri", s.base+"/auth/signed-out")
	q.Set("state", NewToken()) // whatever comes back changes nothing
	if idToken != "" && len(idToken) <= longestHint {
		q.Set("id_token_hint", idToken)
	}
	u.RawQuery = q.Encode()
	return u.String(), true
}
