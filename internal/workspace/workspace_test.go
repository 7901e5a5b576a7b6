package workspace_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

func options() workspace.Options {
	return workspace.Options{AllowLoopback: true, ReadFile: os.ReadFile}
}

func demoFile(t *testing.T) workspace.File {
	t.Helper()
	text, err := os.ReadFile("../demo/workspace.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := workspace.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestApplyTwiceAndExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, f := context.Background(), demoFile(t)
		planned, err := workspace.Plan(ctx, s, f, options())
		if err != nil {
			t.Fatal(err)
		}
		if dirs, err := s.Directories(ctx, ""); err != nil || len(dirs) != 0 {
			t.Fatalf("planning has stored %d directories (%v)", len(dirs), err)
		}
		done, err := workspace.Apply(ctx, s, f, options())
		if err != nil || len(done) != len(planned) || len(done) < 50 {
			t.Fatalf("planned %d changes, made %d: %v", len(planned), len(done), err)
		}
		again, err := workspace.Apply(ctx, s, f, options())
		if err != nil || len(again) != 0 {
			t.Errorf("applying a second time changed %v, %v", again, err)
		}
		text, err := workspace.Export(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		exported, err := workspace.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if changes, err := workspace.Plan(ctx, s, exported, options()); err != nil || len(changes) != 0 {
			t.Errorf("applying the export would change %v, %v", changes, err)
		}
		if strings.Contains(string(text), "development-only") {
			t.Error("the export has a client's secret")
		}
	})
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"unknown keys, with the nearest known one": {
			"directories:\n  - displayNam: X\n    domains: [x.example]\n    provider: {issuers: y}\n",
			[]string{"Line 2: Unknown key “displayNam”. Did you mean “displayName”?",
				"Line 4: Unknown key “issuers”. Did you mean “issuer”?"},
		},
		"wrong type": {"tenants:\n  - directory: {a: b}\n", []string{"Line 2: "}},
		"not YAML":   {"a: [", []string{"This isn't valid YAML"}},
		"every fault at once": {
			"directories:\n  - displayName: M\n    domains: [m.example, 1.2.3.4]\n    provider: {issuer: 'http://m.example', " +
				"clientId: x, clientSecret: y}\n" +
				"tenants:\n  - directory: Nowhere\n",
			[]string{"Line 3: “1.2.3.4” is not a domain", "Line 4: “http://m.example” is not an issuer",
				"Line 6: There's no directory “Nowhere”"},
		},
		"a policy that could never work": {strings.Join([]string{
			"directories:", "  - displayName: M", "    domains: [m.example]",
			"    provider: {issuer: 'https://m.example', clientId: x, clientSecret: y}",
			"tenants:", "  - directory: M", "    catalogs:", "      - displayName: C", "        accessPackages:",
			"          - displayName: P", "            description: d", "            assignmentPolicies:",
			"              - displayName: A", "                allowedTargetScope: allExternalUsers",
			"              - displayName: B", "                allowedTargetScope: specificDirectoryUsers",
			"                specificAllowedTargets:",
			"                  - user: nobody@m.example",
		}, "\n"), []string{"Line 13: A policy for all users needs approval",
			"Line 14: The catalog “C” isn't enabled for external users",
			"Line 18: There's no user “nobody@m.example”"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := workspace.Parse([]byte(test.text))
			if err == nil {
				_, err = workspace.Apply(context.Background(), storetest.New(t, storetest.NewClock()), f, options())
			}
			faults, ok := errors.AsType[workspace.Faults](err)
			if !ok || len(faults) != len(test.want) {
				t.Fatalf("got %v", err)
			}
			for i, line := range strings.Split(faults.Error(), "\n")[:len(test.want)] {
				if !strings.HasPrefix(line, test.want[i]) {
					t.Errorf("got %q, want %q", line, test.want[i])
				}
			}
		})
	}
}
