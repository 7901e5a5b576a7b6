package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// addTwins adds two people of the partner with one address, as after a change of the
// provider's subjects, and returns them.
func (p *fixture) addTwins() (all [2]access.Person) {
	p.t.Helper()
	for i, sub := range []string{"old-sub", "new-sub"} {
		p.people[sub] = access.Identity{Directory: p.Harbor.ID, Subject: sub, Name: "Sam " + sub, Email: "sam@harbor.example",
			EmailTrusted: true}
		a, err := p.SignIns.Complete(p.t.Context(), lifecycle.CompletedSignIn{Identity: p.people[sub], Tenant: p.Tenant.ID,
			Session: access.Session{Key: sub}})
		if err != nil {
			p.t.Fatal(err)
		}
		if all[i], _, err = p.PersonOf(context.Background(), p.Tenant.ID, a.ID); err != nil {
			p.t.Fatal(err)
		}
	}
	return all
}

// TestMergePages: the pages of two people with one address lead to each other and to a
// proposal to merge them; a second global administrator confirms it; afterwards one is
// left in the list, and the page of the other leads to it.
func TestMergePages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	p.addAdministrator("walt")
	twins := p.addTwins()
	old, later := home+"/admin/people/"+string(twins[0].ID), home+"/admin/people/"+string(twins[1].ID)
	vera, walt := p.as("vera"), p.as("walt")
	vera.opens(home+"/admin/people?problem=shared").sees(http.StatusOK, "Sam old-sub", "Sam new-sub", "!Mara")
	vera.opens(old).sees(http.StatusOK, "Other people have the same mail address", "Sam new-sub")
	vera.opens(later).sees(http.StatusOK, "Other people have the same mail address", "Sam old-sub")
	vera.opens(later+"/merge?with="+string(twins[0].ID)).presses("Propose merge",
		url.Values{"stays": {"other"}, "reason": {""}}).sees(http.StatusUnprocessableEntity, "Sam old-sub",
		"There's a problem Reason is required.", "Reason * Required.")
	vera.presses("Propose merge", url.Values{"stays": {"other"}, "reason": {"New realm"}}).sees(http.StatusOK,
		"Merge proposed", "Sam new-sub → Sam old-sub", "New realm", "You proposed this")
	vera.opens(old).sees(http.StatusOK, "A merge of this person is waiting for confirmation")
	walt.opens(home+"/admin/merges").presses("Confirm merge", nil).sees(http.StatusOK, "People merged",
		"Sam old-sub", "!Other people have the same mail address")
	vera.opens(later).sees(http.StatusOK, "This person was merged into Sam", "!Propose", "!End all sessions")
	vera.opens(home+"/admin/people").sees(http.StatusOK, "Sam", "!Sam old-sub Sam new-sub")
	vera.opens(home+"/admin/people?problem=shared").sees(http.StatusOK, "!Sam old", "!Sam new")
	if known, err := p.PeopleByEmail(t.Context(), p.Tenant.ID, "sam@harbor.example"); err != nil || len(known) != 1 {
		t.Errorf("%d people, %v", len(known), err)
	}
	for _, sub := range []string{"old-sub", "new-sub"} {
		if b := p.as(sub).opens(home + "/"); b.status != http.StatusOK {
			t.Errorf("%s signs in: %d", sub, b.status)
		}
	}
	vera.opens(later+"/edit").presses("Save", nil).sees(http.StatusConflict, "merged into another one")
}

// TestMergeOneself: who has both accounts merges them, after an administrator has proposed
// it, by confirming with one and then with the other in one browser. Nobody else sees the
// page.
func TestMergeOneself(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	twins := p.addTwins()
	vera := p.as("vera")
	vera.opens(home+"/admin/people/"+string(twins[1].ID)+"/merge?with="+string(twins[0].ID)).presses("Propose merge",
		url.Values{"stays": {"other"}, "reason": {"New realm"}}).sees(http.StatusOK, "Link for the person")
	open, err := p.MergeProposals(t.Context(), p.Tenant.ID, 9)
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	at := home + "/merges/" + string(open[0].ID)
	if !strings.Contains(vera.body, at) {
		t.Errorf("the page does not show the link %s", at)
	}
	p.as("mara").opens(at).sees(http.StatusNotFound)
	vera.opens(at).sees(http.StatusNotFound)
	sam := p.as("old-sub").opens(at).sees(http.StatusOK, "Merge your accounts", "sam@harbor.example")
	sam.presses("Both accounts are mine", nil).sees(http.StatusOK, "sign in with your other account")
	p.as("new-sub").opens(at).presses("Both accounts are mine", nil).sees(http.StatusOK,
		"sign in with your other account") // in another browser
	sam.opens(at).presses("Both accounts are mine", nil)
	sam.signIn("new-sub")
	sam.opens(at).sees(http.StatusOK, "second account").presses("Both accounts are mine", nil).sees(http.StatusOK,
		"Your accounts are merged")
	sam.opens(home+"/").sees(http.StatusOK, "Sign in to Meridian Works")
	again, _, err := p.PersonOf(t.Context(), p.Tenant.ID, twins[1].Account)
	if err != nil || again.ID != twins[0].ID {
		t.Errorf("the second account is %s, %v", again.ID, err)
	}
}
