// Package crash has the tests that kill portals. Twenty people work through the
// built program while it is killed at random moments; afterwards everything
// that they were told has happened must have happened, nothing may have
// happened twice, and what was begun must come to its end (the invariants in
// invariants_test.go).
//
// MYACCESS_KILLS says how often the portal is killed; a few times if it is not
// set. MYACCESS_SEED repeats the choices of an earlier run.
package crash
