package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"myaccess/internal/e2e/rig"
)

// packagesPerClient is the number of packages that each client can request.
const packagesPerClient = 400

// measureSubmit measures requests for packages that need approval. The forms
// are opened beforehand; each client requests each package once.
func measureSubmit(ctx context.Context, s *demoEnv, o options) ([]figure, error) {
	if err := s.addPackages(ctx, packagesPerClient); err != nil {
		return nil, err
	}
	people, err := s.visitors(ctx, "Asker", o.clients)
	if err != nil {
		return nil, err
	}
	forms := make([][]form, len(people))
	for i, v := range people {
		if forms[i], err = openForms(ctx, s, v); err != nil {
			return nil, err
		}
	}
	clients := newClients(o.clients)
	post := postForms(clients, people, forms)
	portal, err := runLoad(ctx, o, s.portal.PID(), post(s.portal.Base))
	if err != nil {
		return nil, err
	}
	bare, err := measureBare(ctx, s, o, post)
	return compareToBare("submit", portal, bare), err
}

// postForms is the load of clients that send the forms of a visitor each, each form
// once. Clients beyond the visitors share them.
func postForms(clients []*http.Client, visitors []*rig.Visitor, forms [][]form) byBase {
	return func(base string) func(context.Context, int) (time.Duration, error) {
		next := make([]int, len(clients))
		return func(ctx context.Context, i int) (time.Duration, error) {
			if next[i] == len(forms[i]) {
				return 0, errNoFormsLeft
			}
			f := forms[i][next[i]]
			next[i]++
			r, err := newRequest(ctx, visitors[i%len(visitors)], http.MethodPost, base+f.action, f.body)
			if err != nil {
				return 0, err
			}
			took, _, err := timeRequest(clients[i], r, http.StatusSeeOther)
			return took, err
		}
	}
}

// form is a filled-in form that was not sent yet.
type form struct{ action, body string }

// openForms opens the forms of the packages that addPackages added.
func openForms(ctx context.Context, s *demoEnv, v *rig.Visitor) ([]form, error) {
	var all []form
	for list := v.TenantURL(s.portal) + "/access-packages?q=" + url.QueryEscape(packageWord); list != ""; {
		page, err := v.Get(ctx, list)
		if err != nil {
			return nil, err
		}
		for _, link := range page.Links("/@meridian.example/access-packages/") {
			f, err := v.Get(ctx, s.portal.Base+link)
			if err != nil || f.Status != http.StatusOK || !f.HasForm(link+"/requests") {
				return nil, fmt.Errorf("%s has no form: %d, %w", link, f.Status, err)
			}
			all = append(all, form{link + "/requests", f.HiddenFields().Encode()})
		}
		list = page.NextPage()
	}
	if len(all) != packagesPerClient {
		return nil, fmt.Errorf("%d packages are listed of %d", len(all), packagesPerClient)
	}
	return all, nil
}

// packageWord is the search word that finds the packages of addPackages.
const packageWord = "pressed"

// addPackages adds n packages that need approval, like the demonstration's
// release board.
func (s *demoEnv) addPackages(ctx context.Context, n int) error {
	var text strings.Builder
	text.WriteString(`tenants:
  - directory: Meridian Works
    catalogs:
      - displayName: Pressed
        resources: [Source code]
        accessPackages:
`)
	for i := range n {
		fmt.Fprintf(&text, `          - displayName: Board %03d
            description: To be %s
            resourceRoleScopes: [{resource: Source code, role: Reader}]
            assignmentPolicies:
              - displayName: Everyone
                allowedTargetScope: allMemberUsers
                expiration: {durationInDays: 30}
                requestApprovalSettings:
                  stages: [{daysBeforeAutomaticDenial: 7, primaryApprovers: [{group: Project sponsors}]}]
`, i, packageWord)
	}
	file := filepath.Join(s.dir, "pressed.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return err
	}
	_, err := s.portal.Command(ctx, "apply", file)
	return err
}
