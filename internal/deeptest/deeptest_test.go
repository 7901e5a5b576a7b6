package deeptest_test

import (
	"testing"

	"myaccess/internal/deeptest"
)

// TestNumbers: a variable replaces the usual number, and each function has its
// own.
func TestNumbers(t *testing.T) {
	functions := map[string]func(testing.TB, int) int{"MYACCESS_ROUNDS": deeptest.Rounds,
		"MYACCESS_KILLS": deeptest.Kills, "MYACCESS_DAYS": deeptest.Days, "MYACCESS_PEOPLE": deeptest.People}
	for name := range functions {
		t.Setenv(name, "")
	}
	for name, f := range functions {
		if got := f(t, 7); got != 7 {
			t.Errorf("%s is not set: %d", name, got)
		}
		t.Setenv(name, "200")
		if got := f(t, 7); got != 200 {
			t.Errorf("%s is 200: %d", name, got)
		}
		t.Setenv(name, "")
	}
}
