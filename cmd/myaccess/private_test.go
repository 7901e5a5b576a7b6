package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/signin/signintest"
)

// C10: plan, apply and init warn of providers that the portal cannot use, before anybody
// tries to sign in: one at a private address, with the setting that would permit it, and one
// whose issuer is not written as the provider writes it.
func TestC10PrivateIssuer(t *testing.T) {
	text, err := os.ReadFile("testdata/C10-private-issuer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	vars := environment(t)
	works := signintest.New(t, time.Now)
	_, port, _ := strings.Cut(works.Issuer, "://")
	changed := strings.NewReplacer("http://127.0.0.1:18190/home", works.Issuer, "HTTP://127.0.0.1:18190/upper",
		"HTTP://"+port).Replace(string(text))
	if strings.Contains(changed, "18190") || !strings.Contains(changed, "https://10.11.12.13/realms/inhouse") {
		t.Fatalf("the case is another one: %s", changed)
	}
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	const inside = "Warning: The connection test of “Inhouse” failed, so no one can sign in. The address is inside the " +
		"network. The portal connects to public addresses only, and to the hosts and networks that the operator lists in " +
		"MYACCESS_INTERNAL_NETWORKS.\n"
	const upper = "Warning: The connection test of “Upper” failed, so no one can sign in. The provider has a different " +
		"issuer."
	for _, command := range []string{"plan", "apply", "plan"} {
		out, err := try(t, vars, command, file)
		if err != nil {
			t.Fatalf("%s: %s %v", command, out, err)
		}
		if applied := strings.Contains(out, "No changes"); applied {
			if strings.Contains(out, "Warning:") {
				t.Errorf("nothing changes: %s", out)
			}
			continue
		}
		if !strings.Contains(out, inside) || !strings.Contains(out, upper) || strings.Count(out, "Warning: The c") != 2 ||
			strings.Contains(out, "s3cret") {
			t.Errorf("%s: %s", command, out)
		}
	}
	out, err := try(t, vars, "init", "cellar.example", "--name", "Cellar", "--issuer", "https://10.11.12.13/realms/cellar",
		"--client-id", "x", "--auth-method", "none")
	if err != nil || !strings.Contains(out, strings.Replace(inside, "Inhouse", "Cellar", 1)) {
		t.Errorf("init: %s %v", out, err)
	}
}

// A tenant's own provider can be at a private host or address only if the operator lists it:
// plan and apply refuse others, with the setting that would permit them, if there is one. They warn
// of those that they accept, and
// test no directory without a provider.
func TestPrivateProvidersOfTenants(t *testing.T) {
	vars := environment(t)
	database := vars["MYACCESS_DATABASE"]
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	for issuer, listed := range map[string]bool{
		"https://10.1.2.3:1/realms/x": true, "https://[fd12::9]:1": true, "https://KeyCloak:1/realms/x": true,
		"https://10.1.2.4/realms/x": false, "https://keycloak2/": false, "https://169.254.169.254/": false,
		"https://[fd00:ec2::254]/": false, "https://127.0.0.2:8443/": false, "http://10.1.2.3/": false,
		"https://0x0a.1.2.3": false,
	} {
		vars["MYACCESS_INTERNAL_NETWORKS"], vars["MYACCESS_ALLOW_LOOPBACK_ISSUERS"] = "10.1.2.3 fd12::/64 keycloak", "false"
		text := "directories:\n  - displayName: Acme\n    domains: [home.example]\n" +
			"    provider: {issuer: \"https://login.home.example:1\", clientId: x, tokenEndpointAuthMethod: none}\n" +
			"tenants:\n  - directory: Acme\n    directories:\n      - displayName: Quay\n" +
			"        provider: {issuer: \"" + issuer + "\", clientId: x, tokenEndpointAuthMethod: none}\n" +
			"      - {displayName: Post, type: passcode, domains: [post.example]}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := try(t, vars, "plan", file)
		if listed && (err != nil || !strings.Contains(out, "Create directory “Quay”") ||
			!strings.Contains(out, "Create directory “Post”") || strings.Count(out, "Warning: The c") != 2 ||
			!strings.Contains(out, "Warning: The connection test of “Quay” failed")) {
			t.Errorf("%s: %s %v", issuer, out, err)
		}
		says, ok := map[string]string{"https://169.254.169.254/": "The portal never connects to “169.254.169.254”.",
			"https://127.0.0.2:8443/": "the operator permits loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS",
			"http://10.1.2.3/":        "an https address"}[issuer]
		if !ok {
			says = "MYACCESS_INTERNAL_NETWORKS"
		}
		if !listed && (err == nil || !strings.Contains(err.Error(), says) ||
			ok && strings.Contains(err.Error(), "MYACCESS_INTERNAL_NETWORKS")) {
			t.Errorf("%s: %s %v", issuer, out, err)
		}
		vars["MYACCESS_INTERNAL_NETWORKS"] = ""
		if out, err := try(t, vars, "plan", file); err == nil {
			t.Errorf("%s without a list: %s", issuer, out)
		}
		if out, err := try(t, vars, "apply", file); err == nil {
			t.Errorf("%s without a list, applied: %s", issuer, out)
		}
		vars["MYACCESS_INTERNAL_NETWORKS"] = "10.1.2.3 fd12::/64 keycloak"
		vars["MYACCESS_DATABASE"] = filepath.Join(t.TempDir(), "applied.db")
		if out, err := try(t, vars, "apply", file); (err == nil) != listed {
			t.Errorf("%s, applied: %s %v", issuer, out, err)
		}
		vars["MYACCESS_DATABASE"] = database
	}
}

// check-config refuses what cannot be listed, and proxies that are none, without the
// password.
func TestCheckConfigOfOutboundCalls(t *testing.T) {
	for value, want := range map[string]string{
		"10.20.0.0/16, sso.corp.example": "", "0.0.0.0/0": "too wide", "10.20.0.0/33": "neither a network",
		"keycloak:8443": "no scheme, port or path", "https://keycloak": "no scheme, port or path",
		"*.corp.example": "neither",
		"127.0.0.0/8":    "MYACCESS_ALLOW_LOOPBACK_ISSUERS", "169.254.0.0/16": "never connects to",
	} {
		vars := environment(t)
		vars["MYACCESS_INTERNAL_NETWORKS"] = value
		out, err := try(t, vars, "check-config")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "MYACCESS_INTERNAL_NETWORKS: ")) {
			t.Errorf("%s: %s %v", value, out, err)
		}
	}
	for value, works := range map[string]bool{
		"http://user:hidden-word@proxy.example.org:3128": true, "http://10.1.1.1:3128": true,
		"socks5://user:hidden-word@proxy.example.org": false, "http://user:hidden-word@/": false,
		"http://user:hidden-word@proxy.example.org/path": false, "http://user:hidden-word%zz@proxy.example.org": false,
		"user:hidden-word@proxy.example.org:3128": false, "http://user:hidden-word@proxy:99999": false,
		"http://proxy.example.org:port-hidden-word": false,
	} {
		vars := environment(t)
		vars["MYACCESS_OUTBOUND_PROXY"] = value
		out, err := try(t, vars, "check-config")
		if (err == nil) != works ||
			err != nil && !strings.Contains(err.Error(), "MYACCESS_OUTBOUND_PROXY: Set the proxy's address to") ||
			err != nil && strings.Contains(err.Error(), "hidden-word") || strings.Contains(out, "hidden-word") {
			t.Errorf("%s: %s %v", value, out, err)
		}
	}
}

// What the operator lists reaches the pages.
func TestPortalKnowsTheListedHosts(t *testing.T) {
	vars := environment(t)
	if out, err := try(t, vars, "apply", "../../internal/demo/workspace.yaml"); err != nil {
		t.Fatalf("%s %v", out, err)
	}
	vars["MYACCESS_INTERNAL_NETWORKS"] = "keycloak"
	c, err := readConfig(&env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }})
	if err != nil {
		t.Fatal(err)
	}
	o, err := build(t.Context(), c, deps{now: time.Now, log: slog.New(slog.DiscardHandler), rate: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer o.store.Close()
	tenant, err := o.store.TenantByDomain(t.Context(), "meridian.example")
	if err != nil {
		t.Fatal(err)
	}
	for issuer, want := range map[string]bool{"https://keycloak/": true, "https://keycloak2/": false} {
		_, err := o.admin.Preview(t.Context(), admin.ByOperator(), func(ed *admin.Editor) error {
			ed, err := ed.In(tenant.ID)
			if err != nil {
				return err
			}
			_, err = ed.SaveTenantDirectory(t.Context(), access.Directory{Kind: access.DirectoryOpenID, Name: "Quay",
				Issuer: issuer, ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone, Enabled: true})
			return err
		})
		if (err == nil) != want || err != nil && access.KindOf(err) != access.Invalid {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}
