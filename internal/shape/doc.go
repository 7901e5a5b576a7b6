// Package shape has the tests of the program's structure: which package may
// import which, where the database, the web framework and the clock may be
// used, and how long functions and files may be. To break a rule, change it
// here on purpose.
package shape
