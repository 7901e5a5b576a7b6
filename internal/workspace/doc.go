// Package workspace reads and writes the workspace file: what organizations have
// (directories and their providers, people, groups, resources, catalogs, packages,
// policies, connected organizations, roles, settings) as YAML. Property names and values
// are those of the Microsoft Graph entitlement management API where it has them. Objects
// have names: a package is named within its catalog, a person by the mail address within
// the tenant. What its name does not identify has an id. Applying a file creates and
// updates what it names, in one transaction, with the same rules and audit records as the
// pages. What it does not name stays unchanged. Applying it twice changes nothing. Every
// fault of a file is reported at once, with its line; of very many, the first hundred.
//
// An export has everything that a file can have: TestRoundTrip applies exports of random
// installations to empty databases.
package workspace
