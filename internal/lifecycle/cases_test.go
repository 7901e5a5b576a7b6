package lifecycle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// caseOf reads a case.
func caseOf(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// caseClaims are the claims of a case.
type caseClaims struct{ Sub, Email, Name string }

// TestC15LookalikeOfAdministrator: whose address only looks like that of a preregistered
// global administrator is somebody new, in each of the forms of the case.
func TestC15LookalikeOfAdministrator(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		var c struct {
			Mallory caseClaims `json:"claims_of_mallory"`
			Also    []string
		}
		caseOf(h.t, "C15-unicode-collision.json", &c)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			harbor := h.Harbor
			harbor.Domains = append(slices.Clone(harbor.Domains), "home.example")
			return tx.SaveDirectory(ctx, harbor, access.VerifiedByOperator)
		})
		pairs := map[string]string{c.Mallory.Email: "fiona.chief@home.example"}
		for _, also := range c.Also {
			looks, meant, ok := strings.Cut(strings.ReplaceAll(also, "@…", "@home.example"), " for ")
			if !ok {
				h.t.Fatalf("%q", also)
			}
			if !strings.Contains(looks, "@") {
				looks += "@home.example"
			}
			if !strings.Contains(meant, "@") {
				meant += "@home.example"
			}
			pairs[looks] = meant
		}
		if len(pairs) != 3 {
			h.t.Fatalf("the case has %q", pairs)
		}
		n := 0
		for looks, meant := range pairs {
			n++
			known := h.preregister(h.Harbor.ID, meant)
			h.administrator(access.GlobalAdministrator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(known.ID)})
			_, p, ok := h.signIn(identity(h.Harbor.ID, fmt.Sprint(c.Mallory.Sub, n), c.Mallory.Name, looks), fmt.Sprint(n))
			if !ok || p.ID == known.ID {
				h.t.Fatalf("%q is taken for %q: %v", looks, meant, ok)
			}
			rights, err := h.Rights(context.Background(), p)
			if err != nil || rights.HasAny() {
				h.t.Errorf("%q has %+v, %v", looks, rights, err)
			}
		}
	})
}

// TestC18NewSubject: a new subject with the address of an old one is somebody else, and
// an administrator can merge the two, so that both sign in as one person.
func TestC18NewSubject(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		var c struct{ First, Later caseClaims }
		caseOf(h.t, "C18-sub-changes.json", &c)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			harbor := h.Harbor
			harbor.Domains = append(slices.Clone(harbor.Domains), "f02.example")
			return tx.SaveDirectory(ctx, harbor, access.VerifiedByOperator)
		})
		setUpAdministrators(h)
		h.administrator(access.GlobalAdministrator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Ida.ID)})
		n := 0
		signIn := func(claims caseClaims) access.Person {
			n++
			_, p, ok := h.signIn(identity(h.Harbor.ID, claims.Sub, "Sam", claims.Email), fmt.Sprint(n))
			if !ok {
				h.t.Fatalf("%+v can't sign in", claims)
			}
			return p
		}
		old, later := signIn(c.First), signIn(c.Later)
		if old.ID == later.ID || c.First.Email != c.Later.Email {
			h.t.Fatalf("%+v, %+v", old, later)
		}
		both, err := h.PeopleByEmail(context.Background(), h.Tenant.ID, c.First.Email)
		if err != nil || len(both) != 2 {
			h.t.Errorf("%d people, %v", len(both), err)
		}
		m, err := h.Admin.ProposeMerge(context.Background(), h.Lena, admin.MergeForm{From: later.ID, Into: old.ID,
			Reason: "New realm"})
		if err == nil {
			_, err = h.Admin.ConfirmMerge(context.Background(), h.Ida, m.ID)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		for _, claims := range []caseClaims{c.First, c.Later} {
			if p := signIn(claims); p.ID != old.ID {
				h.t.Errorf("%s signs in as %s", claims.Sub, p.ID)
			}
		}
	})
}
