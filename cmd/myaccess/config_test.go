package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// README names every setting that is read, and none that is not.
func TestREADMENamesTheSettings(t *testing.T) {
	names := func(file, pattern string) []string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			all = append(all, m[1])
		}
		return all
	}
	read := names("config.go", `s\.(?:get|yes|networks)\("([A-Z_]+)"`)
	told := names("../../README.md", "(?m)^\\| (`MYACCESS_.*`) \\|")
	var tableOf []string
	for _, cell := range told {
		for i, name := range strings.Split(strings.ReplaceAll(cell, "`", ""), ", ") {
			if i > 0 {
				name = "SMTP" + name // such as _FROM after MYACCESS_SMTP_ADDR
			}
			tableOf = append(tableOf, strings.TrimPrefix(name, "MYACCESS_"))
		}
	}
	slices.Sort(read)
	slices.Sort(tableOf)
	if len(read) < 12 || !slices.Equal(read, tableOf) {
		t.Errorf("read: %v\ntold: %v", read, tableOf)
	}
}
