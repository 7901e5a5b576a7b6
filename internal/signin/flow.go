package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"myaccess/internal/access"
)

// Start has the parameters of a sign-in.
type Start struct {
	Tenant access.TenantID // empty for a sign-in at /
	Target string          // path to redirect to afterwards, as SafeTarget returns it
	// LoginHint is the address that the person typed, DomainHint its domain.
	LoginHint  string
	DomainHint access.Domain
	Prompt     access.Prompt // to switch accounts; usually empty
	Session    string        // key of the session that the browser has now; empty if none
	// MaxAge is the maximum time since the person last authenticated at the
	// provider (O-20); Finish checks it. 0 for no limit.
	MaxAge time.Duration
}

// Started is a sign-in in progress. The caller stores Attempt, sets the cookie
// (Cookies.Bind) and redirects the browser to URL.
type Started struct {
	Attempt access.SignInAttempt
	State   string
	Binding string
	URL     string
}

// Begin starts a sign-in at the directory, with a new state, nonce and PKCE
// verifier (O-1, O-6, O-7, O-8). Forbidden if the directory is disabled (I-11),
// Unavailable if its provider does not respond.
func (s *SignIn) Begin(ctx context.Context, dir access.Directory, start Start) (Started, error) {
	if !dir.Enabled {
		return Started{}, access.Refuse(access.Forbidden, "Sign-in with %s is turned off.", dir.Name)
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
		Session: start.Session, LoginHint: start.LoginHint, Prompt: start.Prompt, MaxAge: start.MaxAge,
		Created: s.config.Now(),
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	age := ""
	if start.MaxAge > 0 {
		age = strconv.Itoa(int(start.MaxAge.Seconds()))
	}
	parameter, hint, _ := dir.Hint(start.DomainHint)
	for name, value := range map[string]string{
		"login_hint": start.LoginHint, parameter: hint, "prompt": string(start.Prompt),
		"max_age": age,
	} {
		if name != "" && value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	return Started{Attempt: a, State: state, Binding: binding, URL: oauthConfig(dir, p, a).AuthCodeURL(state, options...)},
		nil
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

// Finished is the result of a successful sign-in.
type Finished struct {
	Identity access.Identity
	SID      string // id of the provider's session; empty if unknown
	IDToken  string // the hint for EndSession
	// UserInfoError is why the userinfo response could not be used, for the log; nil if it
	// was used or not needed. The identity has what the ID token says.
	UserInfoError error
}

// Finish checks the provider's authorization response q to the attempt of the
// browser with binding, and redeems the code. The caller has deleted the stored
// attempt, so that it is used once.
//
// Errors: Invalid if the response is not to this attempt, not from this browser,
// or says that the person did not finish; Forbidden if a response of the provider
// fails a check; Unavailable if the provider does not respond.
func (s *SignIn) Finish(ctx context.Context, dir access.Directory, a access.SignInAttempt, q url.Values,
	binding string) (Finished, error) {
	done, err := s.finish(ctx, dir, a, q, binding)
	hideSecrets(err, dir.ClientSecret, q.Get("code"), q.Get("state"), binding, a.Verifier, a.Nonce)
	return done, err
}

func (s *SignIn) finish(ctx context.Context, dir access.Directory, a access.SignInAttempt, q url.Values,
	binding string) (Finished, error) {
	if err := s.checkResponse(dir, a, q, binding); err != nil {
		return Finished{}, err
	}
	p, err := s.provider(ctx, dir)
	if err != nil {
		return Finished{}, err
	}
	if !q.Has("iss") && bool(p.meta.PromisesResponseID) {
		// RFC 9207, O-3
		return Finished{}, errRejected(dir, access.FailedResponse, "the response has no iss, which the provider promises")
	}
	if q.Has("error") {
		return Finished{}, providerError(dir, q.Get("error"), q.Get("error_description"))
	}
	return s.redeem(oidc.ClientContext(ctx, s.client), dir, a, p, q.Get("code"))
}

// redeem exchanges the code for an ID token and checks that.
func (s *SignIn) redeem(ctx context.Context, dir access.Directory, a access.SignInAttempt, p *provider,
	code string) (Finished, error) {
	token, err := oauthConfig(dir, p, a).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Finished{}, exchangeError(dir, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || len(raw) > 64<<10 {
		return Finished{}, errRejected(dir, access.FailedToken, "the token endpoint gave no ID token")
	}
	if _, err := p.keys.get(ctx, false); err != nil {
		return Finished{}, errUnavailable(dir, access.FailedKeys, err)
	}
	verified, err := oidc.NewVerifier(dir.Issuer, p.keys, &oidc.Config{
		// claims.check has a grace period
		ClientID: dir.ClientID, SupportedSigningAlgs: p.meta.algorithms(), SkipExpiryCheck: true,
	}).Verify(ctx, raw)
	if err != nil {
		return Finished{}, errRejected(dir, access.FailedIDToken, fmt.Sprintf("%.200q", err.Error()))
	}
	done, err := s.identify(ctx, dir, a, p, tokenResponse{verified, token.AccessToken, raw})
	hideSecrets(err, token.AccessToken, token.RefreshToken, raw)
	return done, err
}

// checkResponse checks that the authorization response belongs to the attempt: same
// directory, same browser, in time, one value per parameter.
func (s *SignIn) checkResponse(dir access.Directory, a access.SignInAttempt, q url.Values, binding string) error {
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(q[name]) > 1 {
			return errWrongAttempt()
		}
	}
	switch {
	case HashToken(q.Get("state")) != a.Key || a.Directory != dir.ID || a.RedirectURI != s.CallbackURL(dir.ID),
		a.Issuer != dir.Issuer, a.ClientID != dir.ClientID, !dir.Enabled:
		return errWrongAttempt()
	case subtle.ConstantTimeCompare([]byte(HashToken(binding)), []byte(a.Binding)) != 1:
		return errWrongAttempt()
	case !s.config.Now().Before(a.Created.Add(access.SignInAttemptLifetime)):
		return access.Invalidf("state", "This sign-in took longer than %d minutes. Try again.",
			int(access.SignInAttemptLifetime/time.Minute))
	case q.Has("iss") && q.Get("iss") != dir.Issuer: // RFC 9207, O-3
		return errRejected(dir, access.FailedResponse, "the response is of another issuer, "+quoteForLog(q.Get("iss")))
	case q.Get("code") == "" && !q.Has("error"):
		return errWrongAttempt()
	}
	return nil
}

// providerError converts an authorization response with an error. The provider's text is
// never shown to the person (O-19).
func providerError(dir access.Directory, code, description string) error {
	f := Failure{Reason: access.FailedResponse, Code: code, Description: description,
		Detail: "the provider responds with an error"}
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return failWith(access.Invalidf("state", "You canceled the sign-in, or %s doesn't allow this account.",
			dir.Name), f)
	case "temporarily_unavailable", "server_error":
		return withResponse(errUnavailable(dir, f.Reason, errors.New(f.Detail)), code, description)
	}
	return rejection(dir, f)
}

// withResponse adds the provider's error to the failure in err.
func withResponse(err error, code, description string) error {
	if f, ok := errors.AsType[*Failure](err); ok {
		f.Code, f.Description = code, description
	}
	return err
}

// exchangeError distinguishes a provider that rejects the code from one that does
// not respond.
func exchangeError(dir access.Directory, err error) error {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return errUnavailable(dir, access.FailedToken,
			fmt.Errorf("the token endpoint does not respond, or not with a token response: %w", err))
	}
	detail := fmt.Sprintf("the token endpoint responds with the status %d", e.Response.StatusCode)
	if e.Response.StatusCode < 500 {
		return rejection(dir, Failure{Reason: access.FailedToken, Detail: detail, Code: e.ErrorCode,
			Description: e.ErrorDescription})
	}
	return withResponse(errUnavailable(dir, access.FailedToken, errors.New(detail)), e.ErrorCode, e.ErrorDescription)
}

// maxIDTokenHint is the maximum length in bytes of an ID token in an address.
const maxIDTokenHint = 6 << 10

// EndSession returns the address that ends the person's session at the provider
// (OpenID Connect RP-Initiated Logout 1.0). ok is false if the provider has none or
// does not respond within two seconds; the caller then signs out here only.
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
	q.Set("state", NewToken()) // required by some providers; the page that it comes back to ignores it
	if idToken != "" && len(idToken) <= maxIDTokenHint {
		q.Set("id_token_hint", idToken)
	}
	u.RawQuery = q.Encode()
	return u.String(), true
}
