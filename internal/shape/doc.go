// Package shape holds the test of the program's own shape: which part may
// import which, where the database, the web framework and the clock may be
// touched, and how long a function may get. When a part wants to break a rule,
// the rule is changed here, on purpose, or the part is.
package shape
