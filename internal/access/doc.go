// Package access holds the rules of entitlement management: who may ask for
// what, whose approval it takes, what is granted, when it ends, and what
// becomes of a guest who holds nothing any more.
//
// Everything here is a value or a function of values. Nothing reads a clock,
// a database, a request or a configuration file: the current time, the actor
// and the records that matter arrive as arguments, and the answer leaves as a
// return value. That is what lets the rules be read, and tested, on their own.
//
// There is one file per noun. States that are stored have a table of legal
// moves in the same file, drawn in states.md; verdicts (what decisions amount
// to, whether access is in force) are never stored. Comments of the form F-093
// name a row of the product's behaviour reference, B-1 an invariant.
//
// The package imports the standard library only.
package access
