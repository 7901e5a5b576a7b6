// Command messages writes the templates of translations (internal/lang/templates) of the
// program in the current directory. `make generate` runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"myaccess/internal/lang/extract"
	"myaccess/internal/lang/templates"
)

func main() {
	if err := write("internal/lang/templates"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write writes the templates into dir.
func write(dir string) error {
	found, err := extract.Program(".")
	if err != nil {
		return err
	}
	for domain, messages := range found.Domains {
		if err := os.WriteFile(filepath.Join(dir, domain+".pot"), templates.Format(messages), 0o644); err != nil {
			return err
		}
	}
	for _, f := range found.Faults {
		fmt.Fprintln(os.Stderr, f)
	}
	for _, m := range extract.BadlyWorded(found) {
		fmt.Fprintf(os.Stderr, "%q has a word that the product does not use\n", m)
	}
	if len(found.Faults) > 0 {
		return fmt.Errorf("%d messages cannot be translated", len(found.Faults))
	}
	return nil
}
