package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// privateNetwork is what the operator lists in these tests.
func privateNetwork(t *testing.T) (n outbound.Network) {
	t.Helper()
	for _, text := range []string{"10.1.2.0/24", "fd12::/64", "keycloak"} {
		if err := n.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// The form and the file accept a tenant's provider at a private host if the operator lists
// it, and only then, with the same words. Confirmed hosts follow the same rule (N-31).
func TestPrivateIssuersInFormsAndFiles(t *testing.T) {
	c := storetest.NewClock()
	a := newParityFixture(t, storetest.New(t, c), c)
	network := privateNetwork(t)
	in := must(signin.New(signin.Config{Base: address, Network: network, Now: a.clock.Now}))(t)
	lena := a.as("lena")
	for issuer, listed := range map[string]bool{
		"https://10.1.2.3:1/realms/x": true, "https://[fd12::9]:1": true, "https://keycloak:1/realms/x": true,
		"https://10.1.3.3:1/realms/x": false, "https://[fd13::9]:1": false, "https://keycloak2:1": false,
		"https://169.254.169.254": false, "https://127.0.0.1:1": false, "https://0x0a010203": false,
	} {
		host := must(url.Parse(issuer))(t).Hostname()
		for _, allowed := range []bool{true, false} {
			list := network.Lists
			if !allowed {
				list = nil
			}
			a.server.SignIn, a.server.Admin = in, admin.New(admin.Config{Store: a.Store, IsListed: list})
			form := newProviderForm(url.Values{"provider.issuer": {issuer}, "provider.confirmedHosts": {host},
				"at": {"review"}})
			form.typed.Set("state", "configured")
			page := lena.do(http.MethodPost, home+"/admin"+form.path, withExtraField(form.typed, "finish"))
			if strings.Contains(page.body, `name="unworkable"`) { // nothing else is refused
				form.typed["unworkable"] = page.saveAnyway()["unworkable"]
				page = lena.do(http.MethodPost, home+"/admin"+form.path, withExtraField(form.typed, "finish"))
			}
			text := parityTenant + "    directories:\n      - displayName: D\n        provider:\n          clientId: x\n" +
				"          tokenEndpointAuthMethod: none\n          issuer: \"" + issuer + "\"\n          confirmedHosts: [\"" +
				host + "\"]\n"
			_, err := workspace.Plan(t.Context(), a.Store, must(workspace.Parse([]byte(text)))(t),
				workspace.Options{IsListed: list})
			if accepted := listed && allowed; accepted != (err == nil) || accepted != (page.status == http.StatusOK) {
				t.Errorf("%s, listed %v: the form %d, the file %v", issuer, allowed, page.status, err)
			}
			if err == nil {
				d, ok, err := a.DirectoryWithPendingDomain(t.Context(), a.Tenant.ID, "d.example")
				if err != nil || !ok || d.Issuer != issuer {
					t.Fatalf("%s was not saved: %+v, %v", issuer, d, err)
				}
				o, _, err := a.Store.OrganizationOf(t.Context(), a.Tenant.ID, d.ID)
				if err := errors.Join(err, a.Admin.DeleteOrganization(t.Context(), a.Lena, o.ID, o.Version),
					a.Admin.DeleteDirectory(t.Context(), a.Lena, d.ID)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			faults, _ := errors.AsType[workspace.Faults](err)
			says := "MYACCESS_INTERNAL_NETWORKS"
			switch host {
			case "169.254.169.254":
				says = "The portal never connects to “169.254.169.254”. Enter the public name of the host."
			case "127.0.0.1":
				says = "“127.0.0.1” is the portal's own machine. Enter the public name of the host. For trials, the operator " +
					"permits loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS."
			}
			for _, f := range faults {
				if !strings.Contains(f.Text(), says) ||
					!strings.Contains(visibleText(page.page), f.Text()) {
					t.Errorf("%s: the file says %q, the form %s", issuer, f.Text(), visibleText(page.page))
				}
			}
			if len(faults) != 2 {
				t.Errorf("%s: %v", issuer, err)
			}
		}
	}
}

// C10: the connection test and saving warn of a provider inside the network, with the
// operator's setting. A person who tries to sign in reads the plain sentence only, and the
// page of the provider does not say what its name resolves to; the log does.
func TestC10PrivateProviderIsExplained(t *testing.T) {
	const setting = "MYACCESS_INTERNAL_NETWORKS"
	inner := httptest.NewServer(http.NotFoundHandler())
	defer inner.Close()
	issuer := "https://localhost" + inner.URL[strings.LastIndexByte(inner.URL, ':'):]
	p := newPortal(t)
	p.addAdministrator("gala")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Inhouse", Domains: []access.Domain{"inhouse.example"}})
	var logged logText
	p.config.Log = slog.New(slog.NewTextHandler(&logged, nil))
	p.config.SignIn = must(signin.New(signin.Config{Base: address, Now: p.clock.Now}))(t)
	p.serve()
	at := home + "/admin/organizations/providers/" + string(d.ID)
	gala := p.as("gala").opens(at+"/edit").presses("Save", url.Values{"provider.issuer": {issuer}}).sees(422,
		"The connection test of Inhouse failed, so no one can sign in there: The address is inside the network.", setting)
	gala.presses("Save", gala.saveAnyway()).sees(200, "OpenID Provider saved.")
	gala.opens(at).presses("Test connection", nil).sees(200, "The address is inside the network.", setting,
		"!127.0.0.1")

	b := p.nobody().opens(home+"/sign-in").presses("Continue", url.Values{"address": {"noor@inhouse.example"}}).sees(503,
		"Sign-in with Inhouse isn't working at the moment.", "!MYACCESS_", "!127.0.0.1", "!inside the network")
	p.runJobs()
	gala.opens(at).sees(200, b.reference(), "the address is inside the network", "!127.0.0.1", "![::1]")
	if log := strings.ReplaceAll(logged.all.String(), "[::1]", "127.0.0.1"); !strings.Contains(log, "network=") ||
		!strings.Contains(log, "127.0.0.1") {
		t.Errorf("the log: %s", log)
	}
}
