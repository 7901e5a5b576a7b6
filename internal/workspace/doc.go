// Package workspace reads and writes the workspace file: what organisations
// have (directories and their providers, people, groups, resources, catalogs,
// packages, policies, connected organizations, roles, settings) as YAML, with
// the property names and enumerations of the Microsoft Graph entitlement
// management API wherever it has one.
//
// Things are named, not numbered: a package by its name within its catalog, a
// person by the mail address within the tenant. Applying a file makes what it
// names so, in one transaction, by the same rules and with the same audit as
// everything else, and leaves alone what it does not name. Applying it twice
// changes nothing. Every fault of a file is reported at once, with its line.
package workspace
