// Package deeptest has the numbers of repetitions for tests of rare failures,
// such as races or kills at random moments. `make check` repeats them a few
// times, `make deep` many times.
package deeptest

import (
	"os"
	"strconv"
	"testing"
)

// Rounds returns the number of repetitions of a test of races: the number in
// MYACCESS_ROUNDS, or usual if it is not set.
func Rounds(t testing.TB, usual int) int {
	t.Helper()
	return number(t, "MYACCESS_ROUNDS", usual)
}

// Kills returns how often a test kills the portal: the number in
// MYACCESS_KILLS, or usual if it is not set.
func Kills(t testing.TB, usual int) int {
	t.Helper()
	return number(t, "MYACCESS_KILLS", usual)
}

// Days returns how many days pass on the clock of a test that lets time pass:
// the number in MYACCESS_DAYS, or usual if it is not set.
func Days(t testing.TB, usual int) int {
	t.Helper()
	return number(t, "MYACCESS_DAYS", usual)
}

// People returns the number of people that a test of load serves: the number in
// MYACCESS_PEOPLE, or usual if it is not set.
func People(t testing.TB, usual int) int {
	t.Helper()
	return number(t, "MYACCESS_PEOPLE", usual)
}

// number reads a positive integer from an environment variable.
func number(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not a number of 1 or more", variable, text)
	}
	return n
}
