package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// statement is a statement that reached the database.
type statement struct {
	method string // of Reader, Tx or Store, that it came from
	query  string
	args   []any
}

// statementLog records statements.
type statementLog struct {
	mu     sync.Mutex
	method string
	all    []statement
}

func (t *statementLog) record(query string, args []any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.method != "" {
		t.all = append(t.all, statement{t.method, query, args})
	}
	return nil
}

// runAs calls f as the method with the name and returns how many statements it made.
func (t *statementLog) runAs(method string, f func()) int {
	before := len(t.all)
	t.method = method
	f()
	t.method = ""
	return len(t.all) - before
}

// samples has, for every type of argument, values to call methods with. A
// method with an argument of another type fails the test: add samples for it.
type samples map[reflect.Type][]reflect.Value

func (s samples) add(values ...any) {
	for _, v := range values {
		s[reflect.TypeOf(v)] = append(s[reflect.TypeOf(v)], reflect.ValueOf(v))
	}
}

// variants returns all combinations of sample arguments for a method bound to
// receiver.
func (s samples) variants(t *testing.T, name string, method reflect.Value) [][]reflect.Value {
	calls := [][]reflect.Value{{}}
	for i := range method.Type().NumIn() {
		in := method.Type().In(i)
		if method.Type().IsVariadic() && i == method.Type().NumIn()-1 {
			in = in.Elem()
		}
		values := s[in]
		if in.Kind() == reflect.Func { // what a walk hands its rows to
			values = []reflect.Value{reflect.MakeFunc(in, func([]reflect.Value) []reflect.Value {
				return []reflect.Value{reflect.Zero(in.Out(0))}
			})}
		}
		if in == reflect.TypeFor[context.Context]() {
			values = []reflect.Value{reflect.ValueOf(context.Background())}
		}
		if len(values) == 0 {
			t.Errorf("%s takes a %s, for which there is no sample", name, in)
			return nil
		}
		var more [][]reflect.Value
		for _, c := range calls {
			for _, v := range values {
				more = append(more, append(slices.Clone(c), v))
			}
		}
		calls = more
	}
	return calls
}

// callAll calls a method with every combination of samples. Refusals are ignored;
// errors of the database fail the test.
func (s samples) callAll(t *testing.T, name string, method reflect.Value) {
	for _, args := range s.variants(t, name, method) {
		results := method.Call(args)
		if len(results) == 0 {
			continue
		}
		err, _ := results[len(results)-1].Interface().(error)
		if err != nil && access.KindOf(err) == access.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errUndo = errors.New("undo")

// recordStatements calls every method of Reader and Tx, and the methods of Store
// that claim work or implement the target, on a filled database, and returns
// their statements.
func recordStatements(t *testing.T, s *store.Store, log *statementLog, have samples) []statement {
	asked := func(kind, name string, run func()) {
		// They ask nothing, or only in a snapshot.
		quiet := []string{"Tx.NewID", "Tx.Bulk", "Reader.Snapshot", "Reader.End", "Reader.Visit"}
		if n := log.runAs(kind+"."+name, run); n == 0 && !slices.Contains(quiet, kind+"."+name) {
			t.Errorf("%s.%s asked nothing: give it samples that do", kind, name)
		}
	}
	reader := reflect.ValueOf(s.Reader)
	for i := range reader.NumMethod() {
		name := reader.Type().Method(i).Name
		asked("Reader", name, func() { have.callAll(t, name, reader.Method(i)) })
	}
	tx := reflect.TypeFor[*store.Tx]()
	for i := range tx.NumMethod() {
		name := tx.Method(i).Name
		if _, inherited := reader.Type().MethodByName(name); inherited {
			continue
		}
		asked("Tx", name, func() {
			for _, args := range have.variants(t, name, reflect.New(tx.Elem()).MethodByName(name)) {
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					results := reflect.ValueOf(tx).MethodByName(name).Call(args)
					if err, ok := results[len(results)-1].Interface().(error); ok && err != nil {
						return err
					}
					return errUndo
				})
				if !errors.Is(err, errUndo) && access.KindOf(err) == access.Internal &&
					!strings.Contains(strings.ToUpper(err.Error()), "FOREIGN KEY") {
					t.Errorf("Tx.%s: %v", name, err)
				}
			}
		})
	}
	for _, name := range []string{"AddMember", "IsMember", "RemoveMember", "SetAccount", "AccountState", "LeaseDelivery",
		"RenewLease",
		"ClaimMail"} {
		asked("Store", name, func() { have.callAll(t, name, reflect.ValueOf(s).MethodByName(name)) })
	}
	return log.all
}

// filledWorld returns a world with rows in every table, and samples of all of it.
func filledWorld(t *testing.T, s *store.Store, now time.Time) samples {
	w := storetest.NewWorld(t, s)
	ctx := context.Background()
	terms := access.Terms{Stages: []access.Stage{storetest.Named(w.Lena)}}
	o := w.Package("Tidal", access.Policy{Scope: access.ScopeSpecificUsers, Targets: storetest.Named(w.Omar).Approvers,
		Terms: terms})
	pending := access.Request{ID: "q1", Tenant: w.Tenant.ID, Type: access.UserAdd, State: access.Submitted,
		Package:   o.Package.ID,
		Requestor: w.Omar.ID, Target: w.Omar.ID, Terms: terms, Due: now.Add(time.Hour)}
	held := pending
	held.ID, held.Requestor, held.Target, held.Terms = "q2", w.Ida.ID, w.Ida.ID, access.Terms{}
	x := access.Assignment{ID: "x", Tenant: w.Tenant.ID, Package: o.Package.ID, Person: w.Ida.ID, Request: held.ID,
		State: access.AssignDelivering, Start: now}
	grant := access.Grant{ID: "g", Tenant: w.Tenant.ID, Person: w.Ida.ID, Role: w.Team.Roles[0].ID, State: access.Adding,
		Epoch: 1}
	guest := access.Person{ID: "guest", Tenant: w.Tenant.ID, Account: w.Mara.ID, Directory: w.Harbor.ID,
		Domain: "harbor.example",
		Kind:   access.Guest, Guest: access.GuestActive, Name: "Mara", Email: "x"}
	session := access.Session{Key: "x", Account: w.Mara.ID, Directory: w.Harbor.ID, IDToken: "token"}
	attempt := access.SignInAttempt{Key: "x", Binding: "x", Directory: w.Harbor.ID}
	draft := access.FormDraft{Key: "x", Account: w.Mara.ID, Form: map[string][]string{}}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.AddPerson(ctx, guest), tx.AddRequest(ctx, pending, "x"), tx.AddRequest(ctx, held, ""),
			tx.MoveRequest(ctx, pending, access.PendingApproval, "", ""), tx.OpenStage(ctx, pending, 0,
				terms.Stages[0].Approvers),
			tx.MoveRequest(ctx, held, access.Delivering, "", ""), tx.AddAssignment(ctx, x), tx.AddGrant(ctx, grant),
			tx.QueueDelivery(ctx, w.Tenant.ID, w.Ida.ID, false), tx.AddSession(ctx, session), tx.AddDraft(ctx, draft),
			tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Omar.ID, Request: pending.ID}),
			tx.Audit(ctx, access.AuditRecord{Tenant: w.Tenant.ID, Activity: access.ActApply}))
	})
	pending.State, held.State = access.PendingApproval, access.Delivering
	claim, ok, err := s.LeaseDelivery(ctx, 0, 1)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	to := store.Delivery{Tenant: w.Tenant.ID, Person: w.Ida.ID, Target: w.Team.Target, NextTry: now}
	who, err := s.ContextOf(ctx, w.Omar)
	guestWho, err2 := s.ContextOf(ctx, guest)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	have := samples{}
	have.add(w.Tenant, w.Tenant.ID, w.Harbor, w.Harbor.ID, w.Mara, w.Mara.ID, access.Domain("harbor.example"), w.Partner,
		w.Partner.ID,
		w.Catalog, w.Catalog.ID, w.Team, w.Team.ID, w.Reviewers, w.Reviewers.ID,
		access.Target{ID: w.Team.Target, Tenant: w.Tenant.ID, Name: "T"}, w.Team.Target, o.Package, o.Package.ID,
		o.Policies[0], o.Policies[0].ID, x, x.ID, grant, guest, w.Ida, w.Ida.ID, who, guestWho,
		session, attempt, draft, claim, to, "x", w.Lena.Email, 10, int64(10), true, now, time.Time{}, time.Minute,
		store.Key{}, store.PackageSearch{Text: "tidal member", Limit: 10}, store.Mail{Tenant: w.Tenant.ID, Person: w.Ida.ID,
			Request: held.ID})
	have.add(pending, held, pending.ID, grant.ID, access.RequestID(""), access.Denied, access.Delivered,
		access.AssignDelivered,
		access.Held,
		access.GuestBlocked, access.Decision{By: w.Lena.ID, At: now}, store.RequestStep{To: access.Submitted},
		access.Membership{Entry: access.EntryID(w.Team.ExternalID), Role: "Member", Person: w.Ida.ID},
		access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogOwner,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}},
		access.AuditRecord{Tenant: w.Tenant.ID, Activity: access.ActApply}, []access.PackageID{o.Package.ID},
		[]access.RequestID{held.ID, pending.ID}, []access.ResourceRoleID{w.Team.Roles[0].ID}, w.Team.Roles[0].ID,
		store.Rollout{Tenant: w.Tenant.ID, ID: "rollout", Package: o.Package.ID, Total: 1},
		[]access.PersonID{w.Lena.ID}, []access.Person{w.Lena, guest}, append(groupOf(w.Reviewers),
			storetest.Named(w.Lena).Approvers...))
	have.add([]access.OrganizationID{w.Partner.ID}, []access.DirectoryID{w.Harbor.ID}, []access.CatalogID{w.Catalog.ID},
		[]access.ResourceID{w.Team.ID}, []access.EntryID{w.Reviewers.ID}, []access.AssignmentID{x.ID})
	have.add(access.MergeID("m"), access.MergeProposal{ID: "m", Tenant: w.Tenant.ID, From: w.Omar.ID, Into: w.Ida.ID,
		By: w.Lena.ID, ProvedAt: now})
	have.add(store.SignInFailures{SignInFailureKey: store.SignInFailureKey{Directory: w.Harbor.ID, Tenant: w.Tenant.ID,
		Reason: access.FailedToken}, N: 1, Last: []access.SignInFailure{{At: now}}})
	have.add(carrySamples(w, guest)...)
	have.add(access.VerifiedByOperator, access.Passcode{Tenant: w.Tenant.ID}, access.SetupLink{Key: "x",
		Tenant: w.Tenant.ID},
		terms.Stages, []store.ApprovalGap{{Kind: store.GapOfRequest, ID: string(pending.ID), Stage: 1}},
		store.GivenUpMails{Request: pending.ID}, store.GivenUpMails{ID: "x"}, store.GivenUpMails{}, store.CounterPeople,
		store.JobItem{Job: store.JobRemoveGuests, Tenant: w.Tenant.ID, ID: string(guest.ID)}, access.Message("A note."))
	have.addImports(w)
	have.add(listQueries(w, o)...)
	counted, err := s.Recount(ctx, w.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	have.add(counted)
	return have
}

// listQueries returns queries of each of the administrators' lists.
func listQueries(w *storetest.World, o access.Offer) []any {
	return slices.Concat(
		listVariants(store.CatalogFilter{Published: store.Yes}, store.CatalogFilter{External: store.No}),
		listVariants(store.PackageFilter{Catalog: w.Catalog.ID}, store.PackageFilter{Hidden: store.Yes}),
		listVariants(store.OrganizationFilter{State: access.Configured}),
		listVariants(store.DirectoryFilter{Kind: access.DirectoryOpenID}, store.DirectoryFilter{Enabled: store.Yes}),
		listVariants(store.PersonFilter{Kind: access.Guest}, store.PersonFilter{Guest: access.GuestActive},
			store.PersonFilter{Governed: store.Yes}, store.PersonFilter{Disabled: store.No},
			store.PersonFilter{Directory: w.Harbor.ID}, store.PersonFilter{Group: w.Reviewers.ID},
			store.PersonFilter{Organization: w.Partner.ID}, store.PersonFilter{Role: "Member"}),
		listVariants(store.EntryFilter{Kind: access.KindGroup}, store.EntryFilter{Groups: true},
			store.EntryFilter{Outside: w.Catalog.ID}, store.EntryFilter{Owner: w.Ida.ID},
			store.EntryFilter{AddableBy: w.Ida.ID}, store.EntryFilter{AddableBy: w.Ida.ID, Applications: true},
			store.EntryFilter{Applications: true}),
		listVariants(store.RequestFilter{State: access.PendingApproval}, store.RequestFilter{Type: access.UserAdd},
			store.RequestFilter{Package: o.Package.ID}, store.RequestFilter{Policy: o.Policies[0].ID},
			store.RequestFilter{Person: w.Ida.ID}, store.RequestFilter{NoDecider: true}),
		listVariants(store.AssignmentFilter{State: access.AssignDelivered}, store.AssignmentFilter{Package: o.Package.ID},
			store.AssignmentFilter{Policy: o.Policies[0].ID}, store.AssignmentFilter{Person: w.Ida.ID}))
}

// listVariants returns queries of a list: each filter and order alone, and a search.
func listVariants[F any](filters ...F) []any {
	all := []any{store.ListQuery[F]{Limit: 10}, store.ListQuery[F]{Limit: 10, Total: true},
		store.ListQuery[F]{Limit: 10, Text: "tidal mer", Desc: true},
		store.ListQuery[F]{Limit: 10, Sort: "name", After: store.Key{Name: "a", ID: "b"}},
		store.ListQuery[F]{Limit: 10, Sort: "age", Desc: true}}
	for _, f := range filters {
		all = append(all, store.ListQuery[F]{Limit: 10, Filter: f})
	}
	return all
}

func groupOf(e access.Entry) []access.SubjectRef {
	return []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(e.ID)}}
}

// bigTables returns the tables that grow without bound.
func bigTables() []string {
	return []string{"person", "package", "policy", "request", "request_history", "assignment", "assignment_history",
		"role_grant",
		"grant_history", "guest_history", "audit", "audit_seal", "mail", "delivery", "decision", "request_approver",
		"job_retry", "session", "account",
		"directory_member", "directory_account", "directory_effect", "package_role", "policy_subject", "policy_approver",
		"person_sponsor", "people_import_line"}
}

// allowedScans returns the methods that may read all rows of a tenant in a big
// table, with the reason.
func allowedScans() map[string]string {
	return map[string]string{
		"Reader.AuditLog audit":                         "the whole log is what is asked for; no page does",
		"Reader.Ledger directory_effect":                "the whole ledger is what is asked for; no page does",
		"Reader.CheckChain audit_seal":                  "follows the chain from its beginning; no page does",
		"Tx.SealAudit audit_seal":                       "reads the last seal only, in the order of the index",
		"Reader.PoliciesForAnyone policy":               "of an index that has only the policies for anybody",
		"Reader.OpenToAnyone policy":                    "of an index that has only the policies for anybody",
		"Reader.UnusablePolicies policy":                "of an index that has only the policies that nobody can use",
		"Reader.DisabledDue person":                     "of an index that has only disabled people",
		"Reader.DisabledPlan person":                    "of an index that has only disabled people",
		"Reader.LateMails mail":                         "of an index that has only the messages that wait",
		"Reader.ApprovalGaps policy_approver":           "each approver of all policies, once",
		"Reader.PoliciesWithoutDecider policy_approver": "each approver of all policies, once",
		"Tx.SendMailAgain mail":                         "of an index that has only the messages that were given up",
		"Reader.LateRemovals role_grant":                "of an index that has only what is being taken away",
	}
}

// mayScan reports whether a statement may read all rows of a tenant in the
// table: it is listed in allowedScans, it counts everything in a background job,
// or it is a page of an administrator's list, which stops after a page of rows
// since they come in index order.
func mayScan(x statement, table, detail string, steps []string) bool {
	if allowedScans()[x.method+" "+table] != "" || x.method == "Reader.Recount" {
		return true
	}
	ofList := strings.HasSuffix(x.method, "List") || strings.HasPrefix(x.method, "Reader.Walk")
	sorted := slices.ContainsFunc(steps,
		func(s string) bool { return strings.HasPrefix(s, "USE TEMP B-TREE FOR ORDER BY") })
	return ofList && !sorted && !strings.HasPrefix(detail, "SCAN") && strings.Contains(x.query, " LIMIT ")
}

// TestEveryStatement runs every statement of the package on both engines; on
// SQLite the query plan of each must not scan a big table. The database has no
// statistics, so the plans do not depend on the number of rows.
func TestEveryStatement(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			var log statementLog
			c := storetest.NewClock()
			s, err := store.Open(t.Context(), store.Config{Address: address(t), Key: []byte(strings.Repeat("k", 32)),
				Now: c.Now, Intercept: log.record})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			all := recordStatements(t, s, &log, filledWorld(t, s, c.Now()))
			if len(all) < 150 {
				t.Errorf("only %d statements", len(all))
			}
			seen, listed := map[string]bool{}, aliases(t)
			for _, x := range all {
				if seen[x.query] {
					continue
				}
				seen[x.query] = true
				for _, fault := range aliasFaults(listed, x.query) {
					t.Errorf("%s: %s\n%s", x.method, fault, x.query)
				}
				if !s.Postgres() {
					checkPlan(t, s, x)
				}
			}
		})
	}
}

// checkPlan fails the test if a statement scans a big table.
func checkPlan(t *testing.T, s *store.Store, x statement) {
	write, _ := s.Pools()
	skipped := skippedSteps(t, write, x)
	rows, err := write.Query("EXPLAIN QUERY PLAN "+x.query, x.args...)
	if err != nil {
		t.Errorf("%s: %v", x.method, err)
		return
	}
	defer rows.Close()
	var steps []string
	for n := 0; rows.Next(); n++ {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if !skipped(id - n) {
			steps = append(steps, detail)
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	names := tablesByAlias(x.query)
	for _, detail := range steps {
		table, fault := scannedTable(detail, names)
		if fault && slices.Contains(bigTables(), table) && !mayScan(x, table, detail, steps) {
			t.Errorf("%s: %s\n%s", x.method, detail, x.query)
		}
	}
}

// skippedSteps reports whether the step of a plan at the address in the program of
// an INSERT is run only while a foreign key is violated. Where the table has a
// trigger, SQLite plans a search for rows that refer to the new one, in case that
// mends a violation, and jumps over it (FkIfZero) if there is none.
func skippedSteps(t *testing.T, db *sql.DB, x statement) func(address int) bool {
	t.Helper()
	if !strings.HasPrefix(x.query, "INSERT") {
		return func(int) bool { return false }
	}
	rows, err := db.Query("EXPLAIN "+x.query, x.args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var jumps [][2]int
	for rows.Next() {
		var at, to int
		var code string
		var other [5]any
		if err := rows.Scan(&at, &code, &other[0], &to, &other[1], &other[2], &other[3], &other[4]); err != nil {
			t.Fatal(err)
		}
		if code == "Init" && len(jumps) > 0 { // of a trigger's program
			break
		}
		if code == "FkIfZero" {
			jumps = append(jumps, [2]int{at, to})
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return func(address int) bool {
		return slices.ContainsFunc(jumps, func(j [2]int) bool { return j[0] < address && address < j[1] })
	}
}

// scannedTable returns the table that a line of a plan reads, and whether it reads all
// of it, or all rows of a tenant.
func scannedTable(detail string, names map[string]string) (string, bool) {
	step := regexp.MustCompile(
		`^(SCAN|SEARCH) (\w+)(?: USING (?:(?:COVERING )?INDEX|INTEGER PRIMARY KEY|PRIMARY KEY)` +
			` ?\w* ?(\(.*\))?)?`).FindStringSubmatch(detail)
	if step == nil {
		return "", false
	}
	table := step[2]
	if name, ok := names[table]; ok {
		table = name
	}
	return table, step[1] == "SCAN" || step[3] == "(tenant_id=?)" ||
		regexp.MustCompile(`^\(tenant_id=\? AND \w+[<>]\?\)$`).MatchString(step[3])
}

// tablesByAlias returns the tables of a statement by alias.
func tablesByAlias(query string) map[string]string {
	all := map[string]string{}
	for _, m := range statementTables(query) {
		all[m.table] = m.table
		if m.alias != "" {
			all[m.alias] = m.table
		}
	}
	return all
}

// TestPlanCheckerFindsScans checks the checker: statements that scan a table
// are found.
func TestPlanCheckerFindsScans(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	write, _ := s.Pools()
	for query, want := range map[string]string{
		"SELECT per.id FROM person per WHERE per.name = 'x'":                                                "person true",
		"SELECT req.id FROM request req WHERE req.tenant_id = 'x' ORDER BY req.created":                     "request true",
		"SELECT req.id FROM request req WHERE req.tenant_id = 'x' AND req.id = 'y'":                         "request false",
		"SELECT pkg.id FROM package pkg WHERE pkg.tenant_id = 'x' AND (pkg.sort_name, pkg.id) > ('a', 'b')": "package false",
		"SELECT req.id FROM request req WHERE req.tenant_id = 'x' AND req.id > 'y' AND req.note <> 'z'":     "request true",
		"UPDATE mail SET sent = 1 WHERE kind = 'x'":                                                         "mail true",
		"SELECT COUNT(*) FROM delivery":                                                                     "delivery true",
	} {
		var id, parent, unused int
		var detail string
		if err := write.QueryRow("EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		table, fault := scannedTable(detail, tablesByAlias(query))
		if got := fmt.Sprint(table, " ", fault); got != want {
			t.Errorf("%s: %s: %s, want %s", query, detail, got, want)
		}
	}
}
