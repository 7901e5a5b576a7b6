package signin

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
)

// Verdict is the result of a step of a connection test.
type Verdict string

// The verdicts. Steps that depend on a failed step are left out.
const (
	Passed Verdict = "ok"
	Warned Verdict = "warn" // people can sign in, with a limitation
	Failed Verdict = "fail"
)

// The steps, in order.
const (
	StepAddress   = "address"   // the address is allowed
	StepDiscovery = "discovery" // the provider has a discovery document
	StepIssuer    = "issuer"    // its issuer is the configured one
	StepTenant    = "tenant"    // only people of one organization can sign in
	StepEndpoints = "endpoints" // the endpoints are at the issuer's or confirmed hosts
	StepKeys      = "keys"      // there are keys and algorithms that we accept
	StepClient    = "client"    // it supports the configured client authentication
	StepChallenge = "challenge" // it supports PKCE with S256
	StepAddresses = "addresses" // it sends verified mail addresses, as far as it says
	StepHint      = "hint"      // the domain hint is the one it understands
)

// Step is one step of a connection test. Msg is a format for Args and the key in
// the message catalogue.
type Step struct {
	Name    string
	Verdict Verdict
	Msg     access.Message
	Args    []any
}

// Probe tests the connection to a directory's provider without signing anyone in.
// It does not use the cache and does not connect to addresses inside the network
// (N-6). The steps contain no text of the provider, except the name of a host that
// an administrator has to confirm.
func (s *SignIn) Probe(ctx context.Context, dir access.Directory) []Step {
	if err := access.CheckIssuer(dir.Issuer, s.allowHTTP()); err != nil {
		fault, _ := errors.AsType[*access.Error](err)
		return []Step{{StepAddress, Failed, fault.Msg, fault.Args}}
	}
	var m metadata
	err := getJSON(ctx, s.client, discoveryURL(dir.Issuer), "", &m)
	if step, refused := refusedAddress(StepAddress, err); refused {
		return []Step{step}
	}
	steps := []Step{passedStep(StepAddress, "The portal can connect to the address.")}
	if err != nil {
		return append(steps, s.fetchFailure(StepDiscovery, err))
	}
	steps = append(steps, passedStep(StepDiscovery, "The provider's settings can be read."), m.probeIssuer(dir),
		probeTenant(dir))
	ends := s.probeEndpoints(m, dir)
	steps = append(steps, ends)
	if ends.Verdict != Failed {
		steps = append(steps, s.probeKeys(ctx, m))
	}
	return append(steps, m.probeClient(dir), m.probeChallenge(), m.probeAddresses(dir), probeHint(dir))
}

// Works reports whether no step failed.
func Works(steps []Step) bool {
	return len(steps) > 0 && !slices.ContainsFunc(steps, func(s Step) bool { return s.Verdict == Failed })
}

func passedStep(name string, msg access.Message) Step { return Step{name, Passed, msg, nil} }

// refusedAddress explains why the portal does not connect to an address; refused is false if
// err is another one. The text is the same for all addresses inside the network: it does not
// reveal what a name resolves to.
func refusedAddress(name string, err error) (step Step, refused bool) {
	if _, inside := errors.AsType[outbound.AddressError](err); inside {
		return Step{name, Failed, "The address is inside the network. The portal connects to public addresses only, and to " +
			"the hosts and networks that the operator lists in MYACCESS_INTERNAL_NETWORKS.", nil}, true
	}
	if port, ok := errors.AsType[outbound.PortError](err); ok {
		return Step{name, Failed, "The portal doesn't connect to port %d. Providers are at port 443, or at one from 1024.",
			[]any{int(port)}}, true
	}
	return step, false
}

// fetchFailure explains why a document could not be fetched, and names the setting of the
// operator that may be missing.
func (s *SignIn) fetchFailure(name string, err error) Step {
	proxy, atProxy := errors.AsType[outbound.ProxyError](err)
	status, responded := errors.AsType[errStatus](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case atProxy && proxy.Status == 0:
		return Step{name, Failed, "The outbound proxy cannot be reached. The operator checks MYACCESS_OUTBOUND_PROXY.", nil}
	case atProxy:
		return Step{name, Failed, "The outbound proxy answers with the status %d instead of connecting. The operator " +
			"checks " +
			"MYACCESS_OUTBOUND_PROXY and the rules of the proxy.", []any{proxy.Status}}
	case responded && status.code/100 == 3:
		return Step{name, Failed, "The provider redirects to another address. If that address is correct, enter it.", nil}
	case responded:
		return Step{name, Failed, "The provider answers with status %d. Check that the issuer is written exactly as the " +
			"provider writes it.",
			[]any{status.code}}
	case errors.Is(err, errNotJSON):
		return Step{name, Failed, "The provider's answer isn't JSON or is too large. Check that the issuer is written " +
			"exactly as the provider writes it.", nil}
	case certificate:
		return Step{name, Failed, "The certificate of the provider is not valid for this address, or not trusted. The " +
			"operator adds other certificate authorities in MYACCESS_CA_CERTIFICATES.", nil}
	}
	return s.connectionFailure(name, err)
}

// connectionFailure explains why there was no response. Without a proxy, one may be needed.
func (s *SignIn) connectionFailure(name string, err error) Step {
	seconds := int(callTimeout.Seconds())
	dns, _ := errors.AsType[*net.DNSError](err)
	timeout, _ := errors.AsType[net.Error](err)
	late, unknown := timeout != nil && timeout.Timeout(), dns != nil && dns.IsNotFound
	direct := s.config.Network.Proxy == nil
	switch {
	case unknown && direct:
		return Step{name, Failed, "No host has this name. If a proxy is needed to reach it, the operator sets " +
			"MYACCESS_OUTBOUND_PROXY.", nil}
	case unknown:
		return Step{name, Failed, "No host has this name.", nil}
	case late && direct:
		return Step{name, Failed, "The provider doesn't answer within %d seconds. If a proxy is needed to reach it, the " +
			"operator sets MYACCESS_OUTBOUND_PROXY.", []any{seconds}}
	case late:
		return Step{name, Failed, "The provider doesn't answer within %d seconds.", []any{seconds}}
	case direct:
		return Step{name, Failed, "The provider can't be reached. If a proxy is needed to reach it, the operator sets " +
			"MYACCESS_OUTBOUND_PROXY.", nil}
	}
	return Step{name, Failed, "The provider can't be reached.", nil}
}

func (m metadata) probeIssuer(dir access.Directory) Step {
	switch {
	case m.Issuer == dir.Issuer:
		return passedStep(StepIssuer, "The issuer matches.")
	case strings.TrimSuffix(m.Issuer, "/") == strings.TrimSuffix(dir.Issuer, "/"):
		return Step{StepIssuer, Failed, "The issuers differ only in a slash at the end. Enter the issuer exactly as the " +
			"provider writes it.", nil}
	}
	return Step{StepIssuer, Failed, "The provider has a different issuer. Enter it exactly as the provider writes it.",
		nil}
}

// probeTenant fails for issuers of many organizations if the directory has no tenant
// claim (I-7).
func probeTenant(dir access.Directory) Step {
	if err := dir.CheckTenantClaim(); err != nil {
		fault, _ := errors.AsType[*access.Error](err)
		return Step{StepTenant, Failed, fault.Msg, fault.Args}
	}
	if dir.TenantClaim != "" {
		return passedStep(StepTenant, "Only people of this organization can sign in.")
	}
	return passedStep(StepTenant, "Everyone at the provider belongs to this organization.")
}

func (s *SignIn) probeEndpoints(m metadata, dir access.Directory) Step {
	for _, e := range m.endpoints() {
		err := e.check(dir, s.allowHTTP())
		if unconfirmed, ok := errors.AsType[errUnconfirmed](err); ok {
			host := access.LowerASCII(unconfirmed.host)
			if _, err := access.ParseDomain(host); err == nil || s.config.Network.Lists(host) {
				return Step{StepEndpoints, Failed, "The provider's %s is at %s. If this host belongs to the provider, confirm it.",
					[]any{e.name, host}}
			}
		}
		if err != nil {
			return Step{StepEndpoints, Failed, "The provider's %s isn't a usable address.", []any{e.name}}
		}
	}
	if m.EndSession == "" {
		return Step{StepEndpoints, Warned, "The provider has no sign-out address. People who sign out here stay signed in " +
			"there.", nil}
	}
	return passedStep(StepEndpoints, "The endpoints belong to the provider.")
}

func (s *SignIn) probeKeys(ctx context.Context, m metadata) Step {
	keys, err := (&keySet{client: s.client, address: m.Keys, now: s.config.Now}).fetch(ctx)
	if step, refused := refusedAddress(StepKeys, err); refused {
		return step
	}
	if err != nil {
		return s.fetchFailure(StepKeys, err)
	}
	if len(keys) == 0 {
		return Step{StepKeys, Failed, "The provider has no strong signing key: RSA with 2048 bits, a NIST elliptic curve " +
			"or Ed25519.", nil}
	}
	if len(m.Algorithms) > 0 && !slices.ContainsFunc(m.algorithms(),
		func(a string) bool { return slices.Contains(m.Algorithms, a) }) {
		return Step{StepKeys, Failed, "The provider supports no secure signing algorithm. Configure it to sign with RS256.",
			nil}
	}
	return passedStep(StepKeys, "The provider's keys can be read.")
}

func (m metadata) probeClient(dir access.Directory) Step {
	offered := m.ClientStyles
	if offered == nil {
		offered = []string{string(access.AuthBasic)} // OpenID Connect Discovery 3
	}
	if !slices.Contains(offered, string(dir.AuthStyle)) {
		return Step{StepClient, Warned, "The provider doesn't list %s as supported.", []any{string(dir.AuthStyle)}}
	}
	return passedStep(StepClient, "The provider supports this client authentication.")
}

func (m metadata) probeChallenge() Step {
	if !slices.Contains(m.Challenges, "S256") {
		return Step{StepChallenge, Warned, "The provider doesn't list PKCE with S256. The portal uses it anyway.", nil}
	}
	return passedStep(StepChallenge, "The provider supports PKCE with S256.")
}

// sentHint says what is sent as domain hint.
func sentHint(dir access.Directory) Step {
	if dir.HintStyle == access.HintNone || dir.HintStyle == "" {
		return passedStep(StepHint, "No domain hint is sent.")
	}
	domains := append([]access.Domain{""}, dir.Domains...)
	for _, c := range dir.DomainClaims {
		domains = append(domains, c.Domain)
	}
	var sent []string
	for _, d := range domains {
		if parameter, value, ok := dir.Hint(d); ok {
			text := parameter + "=" + value
			if d != "" && value != string(d) && value != dir.HintValue {
				text += " (" + string(d) + ")"
			}
			if !slices.Contains(sent, text) {
				sent = append(sent, text)
			}
		}
	}
	if dir.HintStyle.NamesConnector() && len(sent) == 0 {
		return Step{StepHint, Warned, "%s names a connector of the provider, but no value is entered. Nothing is sent, and " +
			"people choose at the provider.", []any{string(dir.HintStyle)}}
	}
	if len(sent) == 0 {
		return Step{StepHint, Passed, "The domain is sent as %s.", []any{string(dir.HintStyle)}}
	}
	return Step{StepHint, Passed, "Sent as domain hint: %s.", []any{access.List(sent)}}
}

// probeAddresses warns if the provider lists its claims (Discovery 3) without those that
// the directory takes the address from.
func (m metadata) probeAddresses(dir access.Directory) Step {
	claim := dir.EmailClaim
	if claim == "" {
		claim = "email"
	}
	switch {
	case len(m.Claims) == 0:
		return passedStep(StepAddresses, "The provider doesn't list its claims. After the first sign-ins, look here again "+
			"for "+
			"mail addresses that aren't used.")
	case !slices.Contains(m.Claims, claim):
		return Step{StepAddresses, Warned, "The provider doesn't list the claim %s, so people may have no mail address. " +
			"Choose " +
			"another claim in “Edit addresses and guests”.", []any{claim}}
	case !dir.TrustAddresses && (claim != "email" || !slices.Contains(m.Claims, "email_verified")):
		return Step{StepAddresses, Warned,
			"The provider doesn't list a claim that says whether mail addresses are verified, so " +
				"they may not be used. If people can't choose their address there, turn on “Trust mail addresses”.", nil}
	}
	return passedStep(StepAddresses, "The provider lists the claims for mail addresses.")
}

// probeHint warns if the provider is known to use another domain hint than the
// directory has.
func probeHint(dir access.Directory) Step {
	u, err := url.Parse(dir.Issuer)
	if err != nil {
		return Step{StepHint, Failed, "The issuer can't be read.", nil}
	}
	best := map[string]access.HintStyle{"accounts.google.com": access.HintHosted,
		"login.microsoftonline.com": access.HintDomain}[u.Hostname()]
	if best != "" && dir.HintStyle != best {
		return Step{StepHint, Warned, "This provider takes the domain in %s. Without it, people choose their account again.",
			[]any{string(best)}}
	}
	return sentHint(dir)
}
