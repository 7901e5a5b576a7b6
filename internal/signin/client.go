package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"myaccess/internal/outbound"
)

// Limits of a call to a provider (O-14).
const (
	callTimeout = 5 * time.Second
	maxResponse = 1 << 20 // bytes
)

// newClient returns the client for all calls to providers: package outbound's
// guards, and successful responses must be JSON.
func newClient(n outbound.Network) *http.Client {
	c := outbound.NewClient(n, outbound.Limits{Timeout: callTimeout, MaxBody: maxResponse})
	c.Transport = jsonOnly{c.Transport}
	return c
}

// jsonOnly rejects successful responses that are not JSON. x/oauth2 would read
// them as a form.
type jsonOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (j jsonOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := j.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if errors.Is(err, mime.ErrInvalidMediaParameter) { // such as "application/json; charset"
		err = nil
	}
	if resp.StatusCode/100 == 2 && (err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json")) {
		resp.Body.Close()
		return nil, fmt.Errorf("%s answers with %s: %w", r.URL.Host, quoteForLog(kind), errNotJSON)
	}
	return resp, nil
}

// getJSON reads the JSON document at address into v. bearer is the access token
// to send; empty for none. Errors: errStatus for a status other than 200,
// errNotJSON for a response that is not JSON or too large.
func getJSON(ctx context.Context, c *http.Client, address, bearer string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errStatus{req.URL.Host, resp.StatusCode, resp.Header.Get("WWW-Authenticate")}
	}
	body, err := io.ReadAll(resp.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return fmt.Errorf("%w: more than %d bytes", errNotJSON, maxResponse)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", errNotJSON, err)
	}
	return nil
}

var errNotJSON = errors.New("the response is not the expected JSON")

// errStatus is the error for a response with a status other than 200.
type errStatus struct {
	host string
	code int
	// challenge is the header WWW-Authenticate, in which a protected resource says why it
	// refuses a token (RFC 6750 3); empty if there is none.
	challenge string
}

// Error implements error.
func (e errStatus) Error() string { return fmt.Sprintf("%s answers with status %d", e.host, e.code) }
