package demo

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// token exchanges a code for tokens (OpenID Connect Core 3.1.3).
func (p *Provider) token(is *issuer, w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		p.writeJSON(w, http.StatusBadRequest, errorBody("invalid_request"))
		return
	}
	client, ok := is.authenticated(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		p.writeJSON(w, http.StatusUnauthorized, errorBody("invalid_client"))
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		p.writeJSON(w, http.StatusBadRequest, errorBody("unsupported_grant_type"))
		return
	}
	g, ok := p.redeem(is, client, r.PostForm)
	if !ok {
		p.writeJSON(w, http.StatusBadRequest, errorBody("invalid_grant"))
		return
	}
	p.answerTokens(is, g, w, r)
}

func errorBody(code string) map[string]string { return map[string]string{"error": code} }

// authenticated checks the client's secret (client_secret_basic only, RFC 6749
// 2.3.1).
func (is *issuer) authenticated(r *http.Request) (Client, bool) {
	user, pass, ok := r.BasicAuth()
	id, err := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(pass)
	if !ok || err != nil || err2 != nil || r.PostForm.Has("client_secret") {
		return Client{}, false
	}
	c, known := is.client(id)
	same := subtle.ConstantTimeCompare([]byte(c.Secret), []byte(secret)) == 1
	return c, known && same
}

// redeem uses a code. A second use of the code revokes the tokens of the first
// (RFC 6749 4.1.2).
func (p *Provider) redeem(is *issuer, c Client, form url.Values) (*grant, bool) {
	is.mu.Lock()
	defer is.mu.Unlock()
	g, ok := is.codes[form.Get("code")]
	if !ok || g.client != c.ID {
		return nil, false
	}
	if g.used {
		delete(is.tokens, g.token)
		return nil, false
	}
	g.used = true
	if p.now().Sub(g.at) > codeLife || g.redirect != form.Get("redirect_uri") ||
		g.challenge != s256(form.Get("code_verifier")) {
		return nil, false
	}
	g.token = rand.Text()
	is.tokens[g.token] = g
	return g, true
}

// s256 is the challenge of a verifier (RFC 7636 4.2).
func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// idToken returns the claims of the ID token.
type idToken struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	AuthTime int64  `json:"auth_time"`
	Nonce    string `json:"nonce,omitempty"`
	AtHash   string `json:"at_hash"`
	profile
}

// profile has the claims about a person.
type profile struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Locale   string `json:"locale"`
}

func newProfile(p Person) profile { return profile{p.Name, p.Email, true, p.Language} }

func (p *Provider) answerTokens(is *issuer, g *grant, w http.ResponseWriter, r *http.Request) {
	k, err := is.key()
	if err != nil {
		p.internalError(w, r, err)
		return
	}
	now, sum := p.now(), sha256.Sum256([]byte(g.token))
	signed, err := k.sign(idToken{
		Issuer: is.Issuer, Subject: g.person.Subject, Audience: g.client, Nonce: g.nonce,
		Issued: now.Unix(), Expires: now.Add(tokenLife).Unix(), AuthTime: g.at.Unix(),
		AtHash: base64.RawURLEncoding.EncodeToString(sum[:16]), profile: newProfile(g.person),
	})
	if err != nil {
		p.internalError(w, r, err)
		return
	}
	p.writeJSON(w, http.StatusOK, map[string]any{
		"access_token": g.token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "id_token": signed,
	})
}

// userinfo returns the claims about the person of an access token (OpenID
// Connect Core 5.3).
func (p *Provider) userinfo(is *issuer, w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	is.mu.Lock()
	g, ok := is.tokens[token]
	is.mu.Unlock()
	if !ok || !strings.EqualFold(scheme, "Bearer") || p.now().Sub(g.at) > tokenLife {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		p.writeJSON(w, http.StatusUnauthorized, errorBody("invalid_token"))
		return
	}
	p.writeJSON(w, http.StatusOK, struct {
		Subject string `json:"sub"`
		profile
	}{g.person.Subject, newProfile(g.person)})
}

// endSession sends the browser back to the client (OpenID Connect RP-Initiated
// Logout 2). There is no session to end: people choose a name at each sign-in.
func (p *Provider) endSession(is *issuer, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c, ok := is.client(q.Get("client_id"))
	if hint := q.Get("id_token_hint"); hint != "" {
		k, err := is.key()
		if err != nil {
			p.internalError(w, r, err)
			return
		}
		var claims idToken
		ok = k.verify(hint, &claims) == nil && claims.Issuer == is.Issuer && (!q.Has("client_id") || c.ID == claims.Audience)
		if ok {
			c, ok = is.client(claims.Audience)
		}
	}
	target := q.Get("post_logout_redirect_uri")
	if !ok || !slices.Contains(c.PostLogoutURIs, target) {
		render(w, r, http.StatusOK, signedOutPage(printer(p.catalog, r), is.Organization, p.portal))
		return
	}
	if q.Has("state") {
		target = withQuery(target, url.Values{"state": {q.Get("state")}})
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
