// Package crash tests that the portal survives being killed. Twenty simulated
// people use the built program while it is killed at random moments. Afterwards
// every step that the portal confirmed must be saved, exactly once, and all
// started work must be finished (the invariants in invariants_test.go).
//
// MYACCESS_KILLS is the number of kills, a few by default. MYACCESS_SEED repeats
// the random choices of an earlier run.
package crash
