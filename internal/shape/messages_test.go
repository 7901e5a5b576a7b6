package shape_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"myaccess/internal/lang/extract"
	"myaccess/internal/lang/langtest"
	"myaccess/internal/lang/templates"
)

// messages reads the messages of the program once.
var messages = sync.OnceValues(func() (extract.Messages, error) { return extract.Program(root) })

// TestMessages checks that the templates of translations have every message of the
// program and no other, and that each message can be translated: it is one constant, is
// not joined from parts, and has as many arguments as it takes.
func TestMessages(t *testing.T) {
	found, err := messages()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Faults {
		t.Error(f)
	}
	for domain, all := range found.Domains {
		stored, err := templates.Files.ReadFile(domain + ".pot")
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 500 {
			t.Errorf("only %d messages of %s were found", len(all), domain)
		}
		if !bytes.Equal(stored, templates.Format(all)) {
			t.Errorf("%s.pot is not current: make generate writes it%s", domain, difference(langtest.Parse(stored), all))
		}
	}
}

// difference says which messages two lists do not share, at most ten.
func difference(stored, found []templates.Message) string {
	var lines []string
	for _, m := range found {
		if !slices.Contains(stored, m) {
			lines = append(lines, "missing: "+m.ID)
		}
	}
	for _, m := range stored {
		if !slices.Contains(found, m) {
			lines = append(lines, "unused: "+m.ID)
		}
	}
	return "\n" + strings.Join(lines[:min(len(lines), 10)], "\n")
}

// TestWording finds messages with words that the product does not use ("stands", "whom",
// "vouch"). There are no exceptions.
func TestWording(t *testing.T) {
	found, err := messages()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range extract.BadlyWorded(found) {
		t.Errorf("%q has a word that the product does not use", m)
	}
}
