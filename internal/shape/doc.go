// Package shape has the tests of the program's structure: which package may
// import which, where the database, the web framework and the clock may be
// used, and how long functions and files may be. To break a rule, change it
// here on purpose. It also tests internal/behaviour.md, the list of what the
// product does: its form, its counts, that the tests named there exist, and that
// every number that a comment or a test names has a row; and that a test expects
// every activity of the audit log by its words.
package shape
