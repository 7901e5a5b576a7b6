package access_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"myaccess/internal/access"
)

var update = flag.Bool("update", false, "write states.md anew")

// state is implemented by the four kinds of state.
type state[S any] interface {
	~string
	CanMove(to S) bool
}

// checkMoves compares the moves of every pair of states, itself and unknown ones too,
// with the ones listed as "from: to to to".
func checkMoves[S state[S]](t *testing.T, states []S, legal string) {
	t.Helper()
	want := map[string]bool{}
	for line := range strings.Lines(legal) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), ":")
		for _, s := range strings.Fields(to) {
			want[from+" "+s] = true
		}
	}
	pairs := 0
	for _, from := range append(states, "", "unheardOf") {
		for _, to := range append(states, "", "unheardOf") {
			key := string(from) + " " + string(to)
			if got := from.CanMove(to); got != want[key] {
				t.Errorf("%q to %q: %v, want %v", from, to, got, want[key])
			}
			if want[key] {
				pairs++
			}
		}
	}
	if pairs != len(want) {
		t.Errorf("%d of %d legal moves are between states that are listed", pairs, len(want))
	}
}

func TestRequestMoves(t *testing.T) {
	checkMoves(t, access.RequestStates(), `submitted: pendingApproval scheduled delivering canceled
		pendingApproval: scheduled delivering denied expired canceled
		scheduled: delivering canceled
		delivering: delivered partiallyDelivered deliveryFailed canceled
		partiallyDelivered: delivering canceled
		deliveryFailed: delivering canceled`)
}

func TestAssignmentMoves(t *testing.T) {
	checkMoves(t, access.AssignmentStates(), `delivering: delivered partiallyDelivered deliveryFailed expired
		partiallyDelivered: delivering expired
		delivered: delivering expired
		deliveryFailed: delivering expired`)
}

func TestGrantMoves(t *testing.T) {
	checkMoves(t, access.GrantStates(), `adding: held removing
		held: adding removing
		removing: removed adding
		removed: adding`)
}

func TestGuestMoves(t *testing.T) {
	checkMoves(t, access.GuestStates(), `none: active
		active: blocked removed none
		blocked: active removed none
		removed: active none`)
}

// The predicates of states, for every state.
func TestStatePredicates(t *testing.T) {
	open := map[access.RequestState]bool{access.Submitted: true, access.PendingApproval: true, access.Scheduled: true,
		access.Delivering: true}
	for _, s := range access.RequestStates() {
		if s.Open() != open[s] {
			t.Errorf("%s is open: %v, want %v", s, s.Open(), open[s])
		}
	}
	wanted := map[access.GrantState]bool{access.Adding: true, access.Held: true}
	settled := map[access.GrantState]bool{access.Held: true, access.Removed: true}
	for _, s := range access.GrantStates() {
		if s.Desired() != wanted[s] || s.Settled() != settled[s] {
			t.Errorf("%s is wanted %v and settled %v", s, s.Desired(), s.Settled())
		}
	}
	request := map[access.AssignmentState]access.RequestState{
		access.AssignDelivering: access.Delivering, access.AssignPartial: access.PartiallyDelivered,
		access.AssignDelivered: access.Delivered,
		access.AssignFailed:    access.DeliveryFailed, access.AssignExpired: access.Delivering,
	}
	for _, s := range access.AssignmentStates() {
		if s.RequestState() != request[s] {
			t.Errorf("an assignment that is %s makes its request %s, want %s", s, s.RequestState(), request[s])
		}
	}
}

// mermaidDiagram returns the states as a Mermaid diagram. States without moves are final.
func mermaidDiagram[S state[S]](title string, states []S) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n```mermaid\nstateDiagram-v2\n    [*] --> %s\n", title, states[0])
	for _, from := range states {
		final := true
		for _, to := range states {
			if from.CanMove(to) {
				fmt.Fprintf(&b, "    %s --> %s\n", from, to)
				final = false
			}
		}
		if final {
			fmt.Fprintf(&b, "    %s --> [*]\n", from)
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// states.md agrees with the tables of moves. Update it with
//
//	go test ./internal/access -run TestStatesDrawn -update
func TestStatesDrawn(t *testing.T) {
	want := "# States\n\nDrawn from the tables of legal moves by the test TestStatesDrawn; do not edit.\nThe database " +
		"holds the same tables and refuses every other move.\n" +
		mermaidDiagram("Request", access.RequestStates()) + mermaidDiagram("Assignment", access.AssignmentStates()) +
		mermaidDiagram("Grant", access.GrantStates()) + mermaidDiagram("Guest", access.GuestStates())
	if *update {
		if err := os.WriteFile("states.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("states.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("states.md is not what the tables of moves say; run the test with -update")
	}
}
