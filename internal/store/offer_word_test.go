package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// vocabulary has words that share beginnings of every length, short ones, words
// with marks, and numbers.
func vocabulary() []string {
	return []string{"tidal", "tides", "tide", "ti", "t", "tidier", "tidings", "project", "projects", "projector",
		"projekt",
		"projection", "projective", "projecting", "projected", "projectile", "pro", "prototype", "für", "fürst", "fur",
		"Straße", "strasse", "Ärzte", "arzt", "naïve", "2024", "2025", "20", "inc0012345", "inc0012346", "a", "of", "the",
		"then", "thé", "日本語", "日本", "ﬁeld", "field", "o'brien", "x-ray", "e_mail", "100%", "R&D", "back\\slash",
		strings.Repeat("long", 30)}
}

// textOf returns a random text of the vocabulary.
func textOf(r *rand.Rand, words int) string {
	all := make([]string, r.IntN(words))
	for i := range all {
		all[i] = vocabulary()[r.IntN(len(vocabulary()))]
		if r.IntN(4) == 0 {
			all[i] = strings.ToUpper(all[i])
		}
	}
	return strings.Join(all, []string{" ", "  ", ", ", "\n"}[r.IntN(4)])
}

// folded and wordsIn are the rule of searching, written again: how texts are
// compared, and which words a text has.
func folded(s string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(s))), " ")
}

func wordsIn(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(folded(text), func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M,
			unicode.N)
	}) {
		if all := []rune(w); len(all) > 64 {
			w = string(all[:64])
		}
		words = append(words, w)
	}
	return words
}

// matches is the rule of the portal's search: every word of the text begins a
// word of the package's name, description or resources, and every part between
// spaces is somewhere in them, in the name or description if plain.
func matches(text string, plain bool, name, description string, resources ...string) bool {
	have := wordsIn(strings.Join(append(slices.Clone(resources), name, description), "\n"))
	for _, w := range wordsIn(text) {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	first, second := folded(name+" "+description), folded(strings.Join(resources, " "))
	for _, part := range strings.Fields(text) {
		if !strings.Contains(first, folded(part)) && (plain || !strings.Contains(second, folded(part))) {
			return false
		}
	}
	return true
}

// searchedWorld has random packages for different people.
type searchedWorld struct {
	*storetest.World
	packages []access.Package
	audience map[access.PackageID]access.Scope
}

const resourceName = "Tidal project Ärzte 日本語"

// addPackages adds n packages, of which one in three has a resource.
func (w *searchedWorld) addPackages(r rand.PCG, n int) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		source := r
		random := rand.New(&source)
		w.packages, w.audience = nil, map[access.PackageID]access.Scope{}
		for i := range n {
			p := access.Package{ID: access.PackageID(tx.NewID()), Tenant: w.Tenant.ID, Catalog: w.Catalog.ID,
				Name: fmt.Sprint(textOf(random, 4), " ", i), Description: textOf(random, 9)}
			if i%3 == 0 {
				p.Roles = []access.ResourceRoleID{w.Team.Roles[0].ID}
			}
			o := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: w.Tenant.ID, Package: p.ID, Name: "P", Enabled: true,
				Scope: access.ScopeMembers}
			switch random.IntN(4) {
			case 0:
				o.Scope = access.ScopeAnyone
			case 1: // for the group and a few others, or for many others
				o.Scope, o.Targets = access.ScopeSpecificUsers, groupOf(w.Reviewers)
				for n := range []int{0, 2, 3, 4, 30}[random.IntN(5)] {
					o.Targets = append(o.Targets, access.SubjectRef{Kind: access.SubjectGroup, ID: fmt.Sprint("g", n)})
				}
			}
			if err := tx.SavePackage(ctx, p); err != nil {
				return err
			}
			if err := tx.SavePolicy(ctx, o); err != nil {
				return err
			}
			if len(o.Targets) > 0 && random.IntN(2) == 0 { // and for every member: one key more
				o.ID, o.Name, o.Scope, o.Targets = access.PolicyID(tx.NewID()), "M", access.ScopeMembers, nil
				if err := tx.SavePolicy(ctx, o); err != nil {
					return err
				}
			}
			w.packages = append(w.packages, p)
			w.audience[p.ID] = o.Scope
		}
		return nil
	})
}

// found are the packages that the search lists, in pages of the size.
func (w *searchedWorld) found(t *testing.T, who access.PersonContext, text string, plain bool,
	size int) []access.PackageID {
	t.Helper()
	var all []access.PackageID
	search := store.PackageSearch{Text: text, Plain: plain, Limit: size}
	for {
		page, err := w.AvailablePackages(t.Context(), who, search)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page {
			all = append(all, l.Package.ID)
			search.After = store.KeyOf(l.Package.Name, string(l.Package.ID))
		}
		if len(page) < size {
			return all
		}
	}
}

// TestSearchMatchesRule compares searches of random texts, whole words and their
// beginnings, with the rule written out: every person gets the packages that are
// for them and match, in the order of the list, on pages of any size.
func TestSearchMatchesRule(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := &searchedWorld{World: storetest.NewWorld(t, s)}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			team := w.Team
			team.Name = resourceName
			return tx.SaveResource(ctx, team)
		})
		w.addPackages(*rand.NewPCG(7, 7), 120)
		lena, err := s.ContextOf(t.Context(), w.Lena)
		if err != nil {
			t.Fatal(err)
		}
		omar, err := s.ContextOf(t.Context(), w.Omar)
		if err != nil {
			t.Fatal(err)
		}
		stranger := access.PersonContext{Person: access.Person{Tenant: w.Tenant.ID, Kind: access.External,
			Guest: access.GuestNone}}
		visible := func(who access.PersonContext, id access.PackageID) bool {
			switch w.audience[id] {
			case access.ScopeMembers:
				return who.ID != ""
			case access.ScopeAnyone:
				return who.ID == ""
			}
			return who.ID == w.Omar.ID // in the group
		}
		list := map[access.PersonID][]access.PackageID{} // in order, as without a search
		for _, who := range []access.PersonContext{lena, omar, stranger} {
			list[who.ID] = w.found(t, who, "", false, 1000)
			n := 0
			for _, p := range w.packages {
				if visible(who, p.ID) {
					n++
				}
			}
			if len(list[who.ID]) != n || n < 15 {
				t.Fatalf("%q sees %d of %d packages", who.Name, len(list[who.ID]), n)
			}
		}
		byID := map[access.PackageID]access.Package{}
		for _, p := range w.packages {
			byID[p.ID] = p
		}
		random, hits := rand.New(rand.NewPCG(1, 9)), 0
		for range deeptest.Rounds(t, 300) {
			text := searchText(random)
			plain, who := random.IntN(3) == 0, []access.PersonContext{lena, omar, omar, stranger}[random.IntN(4)]
			var want []access.PackageID
			for _, id := range list[who.ID] {
				p := byID[id]
				var resources []string
				if len(p.Roles) > 0 {
					resources = []string{resourceName}
				}
				if matches(text, plain, p.Name, p.Description, resources...) {
					want = append(want, id)
				}
			}
			hits += len(want)
			got := w.found(t, who, text, plain, []int{1, 3, 50}[random.IntN(3)])
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%q (plain %v) of %q: %s", text, plain, who.Name, d)
			}
		}
		if hits < 1000 {
			t.Errorf("only %d hits", hits)
		}
	})
}

// searchText is a text to search for: a word, its beginning, several of them, or
// something else.
func searchText(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return textOf(r, 4)
	case 1:
		return []string{"%", "_", "!", "'", "\\", "%tid", "tid_l", "'; DROP TABLE offer_word; --", "*", "tid*",
			"\U0010FFFF", "tid\U0010FFFF", "-", " ", "tidal\u0301", "ＴＩＤＡＬ"}[r.IntN(16)]
	}
	var all []string
	for range 1 + r.IntN(2)*r.IntN(3) {
		word := []rune(vocabulary()[r.IntN(len(vocabulary()))])
		all = append(all, string(word[:1+r.IntN(len(word))]))
	}
	return strings.Join(all, " ")
}

// offerWordRows are the rows of offer_word.
func offerWordRows(t *testing.T, s *store.Store) []string {
	t.Helper()
	return textRows(t, s, `SELECT audience || '|' || term || '|' || sort_name || '|' || package_id FROM offer_word
		ORDER BY 1`)
}

// TestOfferWordsFollow: after any sequence of changes to packages, policies,
// catalogs and resources, offer_word is what the migration makes of the other
// tables.
func TestOfferWordsFollow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		m := &randomCatalogs{World: storetest.NewWorld(t, s), source: *rand.NewPCG(5, 6)}
		m.rand = rand.New(&m.source)
		m.write((*randomCatalogs).addPeople)
		most := 0
		for round := range deeptest.Rounds(t, 40) {
			m.write((*randomCatalogs).changeSomething)
			if round%5 != 4 {
				continue
			}
			m.Do(func(ctx context.Context, tx *store.Tx) error {
				team := m.Team
				team.Name = fmt.Sprintf("Harbour%d", round)
				return tx.SaveResource(ctx, team)
			})
			got := offerWordRows(t, s)
			most = max(most, len(got))
			if d := cmp.Diff(wantOfferWords(t, s), got); d != "" {
				t.Fatalf("round %d: %s", round, d)
			}
		}
		if most < 20 {
			t.Errorf("never more than %d rows", most)
		}
	})
}

// TestOfferWordsAreFilled: the migration makes the rows of packages that are stored
// already.
func TestOfferWordsAreFilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := &searchedWorld{World: storetest.NewWorld(t, s)}
		w.addPackages(*rand.NewPCG(3, 4), 60)
		want := offerWordRows(t, s)
		if d := cmp.Diff(wantOfferWords(t, s), want); d != "" {
			t.Error(d)
		}
		mustExec(t, s, `DROP TABLE offer_word`)
		for _, statement := range s.AddOfferWords() {
			mustExec(t, s, statement)
		}
		if d := cmp.Diff(want, offerWordRows(t, s)); d != "" || len(want) < 500 {
			t.Errorf("%d rows: %s", len(want), d)
		}
	})
}

// wantOfferWords are the rows that offer_word should have according to the tables
// that it follows from.
func wantOfferWords(t *testing.T, s *store.Store) []string {
	t.Helper()
	words := map[string][]string{}
	for _, row := range textRows(t, s, `SELECT object_id || '|' || word FROM search_word WHERE kind = 'package'`) {
		id, word, _ := strings.Cut(row, "|")
		words[id] = append(words[id], word)
	}
	audiences := map[string][]string{}
	for _, row := range textRows(t, s, `SELECT package_id || '|' || sort_name || '|' || audience FROM offer`) {
		all := strings.SplitN(row, "|", 3)
		audiences[all[0]+"|"+all[1]] = append(audiences[all[0]+"|"+all[1]], all[2])
	}
	rows := map[string]bool{}
	for key, keys := range audiences {
		id, sortName, _ := strings.Cut(key, "|")
		if len(keys) > 8 {
			keys = []string{""}
		}
		for _, w := range words[id] {
			r := []rune(w)
			for _, audience := range keys {
				if len(r) >= 3 {
					rows[audience+"|"+w+"|"+sortName+"|"+id] = true
					rows[audience+"|"+string(r[:3])+"|"+sortName+"|"+id] = true
				}
			}
		}
	}
	var all []string
	for row := range rows {
		all = append(all, row)
	}
	slices.Sort(all)
	return all
}
