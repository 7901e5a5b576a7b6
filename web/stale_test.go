package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/web/admin"
	"myaccess/web/kit"
)

// formPost is an administrators' form with its submitted values.
type formPost struct {
	action string
	fields url.Values
	pick   map[string]kit.PickKind // its pickers by the name of the field
	texts  []textField
}

// formPosts returns all forms of the page except those of its frame.
func (b *browser) formPosts() []formPost {
	var all []formPost
	for n := range nodes(b.page) {
		if n.Data != "form" || attribute(n, "method") != "post" {
			continue
		}
		f := readForm(b, n)
		if !strings.Contains(f.action, "/admin/") {
			continue
		}
		x := formPost{f.action, f.fields, map[string]kit.PickKind{}, f.texts}
		if f.button != "" {
			x.fields.Set(f.button, f.value)
		}
		for e := range nodes(n) {
			if source, err := url.Parse(attribute(e, "data-pick")); err == nil && source.Path != "" {
				x.pick[source.Query().Get("name")] = kit.PickKind(source.Query().Get("kind"))
			}
		}
		if len(f.steps) > 0 {
			x.fields.Set("finish", "yes")
		}
		all = append(all, x)
	}
	return all
}

// pages calls look with every administrators' page that b can open by its
// address alone.
func (s *sweepWorld) pages(b *browser, look func()) {
	for _, r := range admin.Routes() {
		path, _ := s.path(r, ownScope)
		if r.Method != http.MethodGet {
			continue
		}
		if strings.HasSuffix(path, "/assignments/remove") {
			path += "?id=" + s.ids["assignments"][ownScope]
		}
		if b.opens(path); b.status == http.StatusOK {
			look()
		}
	}
}

// Forms are refused, and change nothing, if the role was removed after the page
// was opened.
func TestRoleRemovedAfterPageOpened(t *testing.T) {
	s := sweep(t)
	s.addAdministrator("deputy")
	found, err := s.PeopleByEmail(t.Context(), s.Tenant.ID, "deputy@meridian.example")
	if err != nil {
		t.Fatal(err)
	}
	role := access.RoleAssignment{Tenant: s.Tenant.ID, Role: access.GlobalAdministrator,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(found[0].ID)}}
	b, posted := s.as("deputy"), map[string]bool{}
	s.pages(b, func() {
		forms, token := b.formPosts(), b.token()
		s.Do(func(ctx context.Context, tx *store.Tx) error { return tx.RemoveRoleAssignment(ctx, role) })
		before := s.dump()
		for _, f := range forms {
			f.fields.Set("csrf", token)
			posted[f.action] = true
			b.sendOnce(http.MethodPost, f.action, f.fields)
			if b.status != http.StatusForbidden && b.status != http.StatusNotFound {
				t.Errorf("%s answers %d: %s", f.action, b.status, kit.Shorten(visibleText(b.page), 300))
			}
		}
		if after := s.dump(); after != before {
			t.Errorf("changed: %s", difference(before, after))
		}
		s.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, role) })
	})
	t.Logf("%d forms", len(posted))
	if len(posted) < 40 {
		t.Errorf("%d forms are not all of them", len(posted))
	}
}

// No form accepts an id of another tenant: it is refused or ignored, and
// nothing that changes refers to it.
func TestFormsRefuseForeignIDs(t *testing.T) {
	s := sweep(t)
	b, posts, answers := s.as("chief"), 0, map[int]int{}
	theirs := map[string]string{"singleUser": s.ids["people"][otherTenant],
		"groupMembers":                 s.ids["directory"][otherTenant],
		"connectedOrganizationMembers": s.ids["organizations"][otherTenant]}
	foreign := map[string]bool{}
	for _, ids := range s.ids {
		foreign[ids[otherTenant]] = true
	}
	s.pages(b, func() {
		forms := b.formPosts()
		for _, f := range forms {
			for _, id := range slices.Sorted(maps.Keys(foreign)) {
				fields, some := f.withForeignID(id, theirs)
				if !some {
					continue
				}
				posts++
				before := s.dumpWithoutDrafts() // what was typed is not used yet
				b.do(http.MethodPost, f.action, fields)
				answers[b.status]++
				if b.status >= 500 {
					t.Errorf("%s with %s answers %d", f.action, id, b.status)
				}
				changed := difference(before, s.dumpWithoutDrafts())
				for their := range foreign {
					if strings.Contains(changed, their) {
						t.Errorf("%s takes %s of another tenant (%d): %s", f.action, their, b.status, changed)
					}
				}
			}
		}
	})
	t.Logf("%d forms sent, answered with %v", posts, answers)
	if posts < 100 {
		t.Errorf("only %d were sent", posts)
	}
}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// withForeignID returns the form with every id replaced by id, and every value
// of a picker by the one in theirs; some is false if the form has neither.
func (f formPost) withForeignID(id string, theirs map[string]string) (fields url.Values, some bool) {
	fields = cloneValues(f.fields)
	for name, values := range fields {
		if name == "csrf" || name == "key" {
			continue
		}
		for i, v := range values {
			if anID.MatchString(v) {
				values[i], some = anID.ReplaceAllString(v, id), true
			}
		}
	}
	for name := range f.pick {
		fields.Del(name)
		for kind, their := range theirs {
			fields.Add(name, kind+"/"+their)
		}
		some = true
	}
	for _, x := range f.texts {
		if fields.Get(x.name) == "" && !strings.HasPrefix(x.name, "q.") {
			fields.Set(x.name, "7")
		}
	}
	return fields, some
}
