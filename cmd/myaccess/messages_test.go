package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
)

// Everything that commands print for people is printed by the catalogue: in the pseudo-locale
// it is in ⟦ and ⟧. Outside of them are names of commands and flags, and links.
func TestCommandsInPseudoLocale(t *testing.T) {
	vars := environment(t)
	dir := t.TempDir()
	file, faulty := filepath.Join(dir, "workspace.yaml"), filepath.Join(dir, "faulty.yaml")
	const text = "directories:\n  - {displayName: Quay, domains: [quay.example], provider: {issuer: " +
		"\"http://127.0.0.1:1\", clientId: x, clientSecret: y}}\ntenants: [{directory: Quay}]\n"
	for name, content := range map[string]string{file: text,
		faulty: "colour: red\n" + strings.Replace(text, "{directory: Quay}", "{directory: [Quay]}, {directory: Pier}", 1)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bad := map[string]string{"MYACCESS_LISTEN": "nowhere", "MYACCESS_BASE_URL": "access", "MYACCESS_SMTP_TLS": "maybe",
		"MYACCESS_INTERNAL_NETWORKS": "10.20.0.0/33", "MYACCESS_OUTBOUND_PROXY": "proxy", "MYACCESS_RATE": "many"}
	for _, test := range []struct {
		args  []string
		vars  map[string]string
		want  []string // among what is printed
		other string   // pattern of what may be outside of the marks
	}{
		{[]string{"plan", file}, vars, []string{"⟦Create directory “Quay”⟧\n", "⟦Create tenant “Quay”⟧\n",
			"⟦2 changes⟧\n", "⟦Warning: The connection test of “Quay” failed, so no one can sign in. ⟦"}, ""},
		{[]string{"plan", faulty}, vars, []string{"⟦Line 1: ⟦Unknown key “colour”.⟧⟧\n",
			"⟦Line 4: ⟦This must be a text.⟧⟧\n", "⟦Line 4: ⟦There's no directory “Pier”.⟧⟧"}, ""},
		{[]string{"apply", file}, vars, []string{"⟦Callback address of “Quay”: http://127.0.0.1:8080/auth/callback/"}, ""},
		{[]string{"apply", file}, vars, []string{"⟦No changes⟧\n"}, ""},
		{[]string{"init", "quay.example"}, vars, []string{"⟦The link works once, within 24 hours:⟧\n"}, `http\S+/setup/\S+`},
		{[]string{"init", "pier.example", "--auth-method", "x"}, vars, []string{"⟦--name: ⟦Enter a name.⟧⟧\n",
			"⟦--issuer: ⟦“” is not an issuer", "⟦--auth-method: ⟦“x” is not"}, ""},
		{[]string{"init", "pier", "--name", "Pier"}, vars, []string{"⟦<domain>: ⟦Enter at least one domain"}, ""},
		{[]string{"verify-domain", "pier.example", "nowhere.example"}, vars,
			[]string{"⟦No organization has the domain nowhere.example.⟧"}, ""},
		{[]string{"verify-domain", "no domain", "quay.example"}, vars, []string{"⟦“no domain” isn't a domain.⟧"}, ""},
		{[]string{"sample"}, vars, []string{"⟦This database isn't empty. Use a new one for a sample.⟧"}, ""},
		{[]string{"reprocess", "quay.example", "x"}, vars, nil, ""},
		{[]string{"demo", "--listen", ":0"}, vars, []string{"⟦:0 isn't a loopback address. The demonstration asks"}, ""},
		{[]string{"check-config"}, vars, []string{"⟦The configuration is valid.⟧\n"}, ""},
		{[]string{"check-config"}, bad, []string{"⟦The configuration has errors:⟧\n",
			"⟦MYACCESS_LISTEN must be host:port. ", "⟦MYACCESS_BASE_URL: ⟦Set the portal's address to",
			"⟦MYACCESS_SMTP_…: ⟦The connection security must be", "⟦MYACCESS_INTERNAL_NETWORKS: ⟦“10.20.0.0/33” is neither",
			"⟦MYACCESS_OUTBOUND_PROXY: ⟦Set the proxy's address to", "⟦MYACCESS_RATE must be a number from 1 to 100000"}, ""},
		{[]string{"--help"}, nil, []string{"⟦Usage:⟧ myaccess <command>", "⟦Flags:⟧\n", "⟦Commands:⟧\n", "⟦Run the portal.⟧",
			"⟦Show this help.⟧"}, `.*`},
		{[]string{"init", "--help"}, nil, []string{"⟦Arguments:⟧\n", "⟦File with the client secret.⟧"}, `.*`},
	} {
		got := inPseudoLocale(t, test.vars, test.args...)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%v prints no %s:\n%s", test.args, want, got)
			}
		}
		if rest := outsideMarks(got); !regexp.MustCompile(`^(?s:` + test.other + `)$`).MatchString(rest) {
			t.Errorf("%v prints %q without the catalogue:\n%s", test.args, rest, got)
		}
	}
}

// Each help text of a command, an argument or a flag is a message.
func TestHelpInPseudoLocale(t *testing.T) {
	for _, command := range []string{"", "serve", "demo", "check-config", "init", "sample", "plan", "apply", "export",
		"verify-domain", "reprocess", "version"} {
		got := inPseudoLocale(t, nil, strings.Fields(command+" --help")...)
		if word := regexp.MustCompile(`(^|\s)[A-Z][a-z]+`).FindString(outsideMarks(got)); word != "" {
			t.Errorf("the help of %q has %q without the catalogue:\n%s", command, word, got)
		}
	}
}

// Arguments of refusals are printed in the reader's language too: lists, times, and other
// refusals.
func TestArgumentsOfRefusals(t *testing.T) {
	p := lang.Pseudo()
	err := errors.Join(access.Refuse(access.Conflict, "%s: %s", access.List{"a", "b"}, access.Missing()),
		access.Errors{access.Refuse(access.Conflict, "Until %s", time.Unix(0, 0))})
	const want = "⟦⟦a and b⟧: ⟦There's nothing here, or your account can't see it.⟧⟧\n⟦Until ⟦1 January 1970, 00:00 UTC⟧⟧"
	if got := errorText(p, err); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// inPseudoLocale runs a command and returns what is printed, its error included.
func inPseudoLocale(t *testing.T, vars map[string]string, args ...string) string {
	t.Helper()
	var out output
	err := execute(args, &env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }, out: &out, err: &out,
		p: lang.Pseudo()})
	if err != nil {
		return out.String() + errorText(lang.Pseudo(), err)
	}
	return out.String()
}

// outsideMarks is what is not in ⟦ and ⟧, without blanks around it.
func outsideMarks(text string) string {
	marked := regexp.MustCompile(`⟦[^⟦⟧]*⟧`)
	for marked.MatchString(text) {
		text = marked.ReplaceAllString(text, "")
	}
	return strings.TrimSpace(text)
}
