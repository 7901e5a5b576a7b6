package admin_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"myaccess/internal/admin"
)

// No part of a cell at which a spreadsheet may begin a cell of its own, because lists
// are separated by commas or by semicolons, begins like a formula (N-7).
func TestSafeCell(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"Mara Lind":                   "Mara Lind",
		"a=b":                         "a=b",
		"Smith-Jones + Co":            "Smith-Jones + Co",
		"=1+1":                        "'=1+1",
		"+49 30":                      "'+49 30",
		"-1":                          "'-1",
		"@SUM(A1)":                    "'@SUM(A1)",
		"|x":                          "'|x",
		"%x":                          "'%x",
		"＝1＋1":                        "'＝1＋1",
		"﹣1":                          "'﹣1",
		"−1":                          "'−1",
		" =1":                         "' =1",
		"\u00a0\u200b=1":              "'\u00a0\u200b=1",
		"\tx":                         "'\tx",
		"\rx":                         "'\rx",
		"\nx":                         "'\nx",
		"\"=1\"":                      "'\"=1\"",
		"'=1":                         "''=1",
		"'quoted'":                    "'quoted'",
		"Ana;=HYPERLINK(A1)":          "Ana;'=HYPERLINK(A1)",
		"Owner; =x; Member":           "Owner;' =x; Member",
		"Ana,+1":                      "Ana,'+1",
		"Ana\t@x":                     "Ana\t'@x",
		"Ana\r\n-1":                   "Ana\r\n'-1",
		"Ana|=1":                      "Ana|'=1",
		"Ana;\"=1":                    "Ana;'\"=1",
		"Ana;;=1":                     "Ana;;'=1",
		"=a;=b":                       "'=a;'=b",
		"Ana;Ben":                     "Ana;Ben",
		"elsewhere.example w.example": "elsewhere.example w.example",
	} {
		got := admin.SafeCell(text)
		if got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if back := admin.PlainCell(got); back != text {
			t.Errorf("%q comes back as %q", text, back)
		}
	}
}

// Every text comes back from a download as it was.
func TestPlainCellUndoesSafeCell(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := []rune("=+-@|%＝a'\" \t\r\n;,\u200b")
	for range 20_000 {
		text := make([]rune, r.IntN(12))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
		}
		if got := admin.PlainCell(admin.SafeCell(string(text))); got != string(text) {
			t.Fatalf("%q comes back as %q by %q", string(text), got, admin.SafeCell(string(text)))
		}
	}
}

// A cell of a megabyte takes time in proportion to its length.
func TestLongCell(t *testing.T) {
	start := time.Now()
	for _, s := range []string{"\n", "'", " ;", "="} {
		if text := strings.Repeat(s, 500_000); admin.PlainCell(admin.SafeCell(text)) != text {
			t.Errorf("%q does not come back", s)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
