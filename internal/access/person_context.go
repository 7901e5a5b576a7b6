package access

// PersonContext is a person with the facts that policies check: groups and
// connected organization. The organization follows from the directory in which
// the person signed in.
type PersonContext struct {
	Person
	Groups []EntryID
	// Organization is the connected organization of the person's directory;
	// the zero value if there is none.
	Organization Organization
}
