// Package views has the pages: a struct for each and the template that renders
// it. The packages below web fill the structs and make all decisions; templates
// only lay out. Every sentence goes through the printer of the page's Chrome.
// Every action is a link or a form, so that all pages work with scripts off.
//
// A struct and its template are in files of the same name: chrome for
// the frame, entry for signing in and the overview, packages, requests,
// approvals, form for the parts of forms, and admin for the pages of
// administrators.
package views
