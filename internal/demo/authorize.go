package demo

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// failure is a refusal that the client is told of by its code (RFC 6749
// 4.1.2.1).
type failure struct{ code, description string }

// Error returns both.
func (f failure) Error() string { return f.code + ": " + f.description }

// errClient is a request that cannot be answered by sending the browser back:
// who has sent it is not sure.
var errClient = errors.New("The link to this page is not one of a client that is known here, or it leads back to a " +
	"place that is not the client's.")

// authorize shows the people to choose from, and on POST signs the chosen one in.
func (p *Provider) authorize(is *issuer, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := is.knows(q); err != nil {
		show(w, r, http.StatusBadRequest, refusedPage(printer(r), is.Organization, err))
		return
	}
	if err := sound(q); err != nil {
		f, _ := errors.AsType[failure](err)
		is.back(w, r, url.Values{"error": {f.code}, "error_description": {f.description}})
		return
	}
	if r.Method == http.MethodGet {
		show(w, r, http.StatusOK, choosePage(printer(r), is.choice(q, nil)))
		return
	}
	p.signIn(is, w, r)
}

// knows refuses a request that is not a known client's. The redirect URI has to
// be the same letter by letter.
func (is *issuer) knows(q url.Values) error {
	c, ok := is.client(q.Get("client_id"))
	if !ok || len(q["client_id"]) != 1 || len(q["redirect_uri"]) != 1 || !slices.Contains(c.RedirectURIs,
		q.Get("redirect_uri")) {
		return errClient
	}
	return nil
}

// sound refuses a request that is not one for a code with PKCE (RFC 7636).
func sound(q url.Values) error {
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

// signIn lets in who was chosen or typed.
func (p *Provider) signIn(is *issuer, w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	if r.PostForm.Has("cancel") {
		is.back(w, r, url.Values{"error": {"access_denied"}, "error_description": {"nobody has signed in"}})
		return
	}
	q := r.URL.Query()
	who, known := is.Person(r.PostForm.Get("person"))
	if !known {
		var err error
		if who, err = is.NewPerson(r.PostForm.Get("name"), r.PostForm.Get("email")); err != nil {
			refusal, _ := errors.AsType[*access.Error](err)
			c := is.choice(q, refusal)
			c.Name, c.Hint = r.PostForm.Get("name"), r.PostForm.Get("email")
			show(w, r, http.StatusUnprocessableEntity, choosePage(printer(r), c))
			return
		}
	}
	code := is.issue(&grant{client: q.Get("client_id"), redirect: q.Get("redirect_uri"),
		challenge: q.Get("code_challenge"),
		nonce:     q.Get("nonce"), person: who, at: p.now()})
	is.back(w, r, url.Values{"code": {code}})
}

// back sends the browser to the client, with the issuer's name (RFC 9207).
func (is *issuer) back(w http.ResponseWriter, r *http.Request, answer url.Values) {
	q := r.URL.Query()
	answer.Set("iss", is.Issuer)
	if q.Has("state") {
		answer.Set("state", q.Get("state"))
	}
	http.Redirect(w, r, withQuery(q.Get("redirect_uri"), answer), http.StatusSeeOther)
}

// withQuery adds parameters to an address that may have some.
func withQuery(address string, q url.Values) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + q.Encode()
}

// choice is the page on which a person is chosen.
type choice struct {
	Organization
	Hinted Person // the hinted person; empty if there is none
	Others []Person
	Hint   string // the address in the form
	Name   string // the name in the form
	Fault  *access.Error
}

// choice puts the person that login_hint names first.
func (is *issuer) choice(q url.Values, fault *access.Error) choice {
	c := choice{Organization: is.Organization, Fault: fault}
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
