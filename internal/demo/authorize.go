package demo

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// failure is an error that is returned to the client with its code (RFC 6749
// 4.1.2.1).
type failure struct{ code, description string }

// Error returns code and description.
func (f failure) Error() string { return f.code + ": " + f.description }

// authorize shows the people to choose from and, on POST, signs in the chosen
// one.
func (p *Provider) authorize(is *issuer, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !is.knowsClient(q) {
		render(w, r, http.StatusBadRequest, refusedPage(printer(p.catalog, r), is.Organization))
		return
	}
	if err := checkRequest(q); err != nil {
		f, _ := errors.AsType[failure](err)
		is.redirect(w, r, url.Values{"error": {f.code}, "error_description": {f.description}})
		return
	}
	if r.Method == http.MethodGet {
		render(w, r, http.StatusOK, choosePage(printer(p.catalog, r), is.choiceView(q, nil)))
		return
	}
	p.signIn(is, w, r)
}

// knowsClient reports whether a request has a known client and redirect URI. Another one
// must not be redirected back. Redirect URIs are compared byte by byte.
func (is *issuer) knowsClient(q url.Values) bool {
	c, ok := is.client(q.Get("client_id"))
	return ok && len(q["client_id"]) == 1 && len(q["redirect_uri"]) == 1 &&
		slices.Contains(c.RedirectURIs, q.Get("redirect_uri"))
}

// checkRequest refuses anything but a code request with PKCE (RFC 7636).
func checkRequest(q url.Values) error {
	for name, values := range q {
		if len(values) > 1 {
			return failure{"invalid_request", name + " is there twice"}
		}
	}
	challenge := q.Get("code_challenge")
	switch {
	case q.Get("response_type") != "code":
		return failure{"unsupported_response_type", "only code is served"}
	case q.Get("response_mode") != "" && q.Get("response_mode") != "query":
		return failure{"invalid_request", "only the response mode query is served"}
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return failure{"invalid_scope", "the scope openid is missing"}
	case q.Has("request") || q.Has("request_uri"):
		return failure{"request_not_supported", "parameters are taken from the query only"}
	case q.Get("code_challenge_method") != "S256" || len(challenge) != 43:
		return failure{"invalid_request", "PKCE with S256 is required"}
	case slices.Contains(strings.Fields(q.Get("prompt")), "none"):
		return failure{"login_required", "everybody chooses a name each time"}
	}
	return nil
}

// signIn signs in the person who was chosen or typed.
func (p *Provider) signIn(is *issuer, w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	if r.PostForm.Has("cancel") {
		is.redirect(w, r, url.Values{"error": {"access_denied"}, "error_description": {"nobody has signed in"}})
		return
	}
	q := r.URL.Query()
	who, known := is.Person(r.PostForm.Get("person"))
	if !known {
		var err error
		if who, err = is.NewPerson(r.PostForm.Get("name"), r.PostForm.Get("email")); err != nil {
			refusal, _ := errors.AsType[*access.Error](err)
			c := is.choiceView(q, refusal)
			c.Name, c.Hint = r.PostForm.Get("name"), r.PostForm.Get("email")
			render(w, r, http.StatusUnprocessableEntity, choosePage(printer(p.catalog, r), c))
			return
		}
	}
	code := is.issue(&grant{client: q.Get("client_id"), redirect: q.Get("redirect_uri"),
		challenge: q.Get("code_challenge"),
		nonce:     q.Get("nonce"), person: who, at: p.now()})
	is.redirect(w, r, url.Values{"code": {code}})
}

// redirect sends the browser back to the client, with the issuer (RFC 9207).
func (is *issuer) redirect(w http.ResponseWriter, r *http.Request, answer url.Values) {
	q := r.URL.Query()
	answer.Set("iss", is.Issuer)
	if q.Has("state") {
		answer.Set("state", q.Get("state"))
	}
	http.Redirect(w, r, withQuery(q.Get("redirect_uri"), answer), http.StatusSeeOther)
}

// withQuery adds parameters to a URL that may already have some.
func withQuery(address string, q url.Values) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + q.Encode()
}

// choiceView is the page to choose a person.
type choiceView struct {
	Organization
	Hinted Person // the person of login_hint; empty if there is none
	Others []Person
	Hint   string // the address in the form
	Name   string // the name in the form
	Fault  *access.Error
}

// choiceView fills the page, with the person of login_hint first.
func (is *issuer) choiceView(q url.Values, fault *access.Error) choiceView {
	c := choiceView{Organization: is.Organization, Fault: fault}
	hint := strings.ToLower(q.Get("login_hint"))
	for _, person := range is.People {
		if hint != "" && strings.ToLower(person.Email) == hint {
			c.Hinted = person
			continue
		}
		c.Others = append(c.Others, person)
	}
	if c.Hinted.Subject == "" {
		c.Hint = hint
	}
	return c
}
