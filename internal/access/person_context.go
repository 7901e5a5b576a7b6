package access

// PersonContext is a person with what policies ask about: the groups and the connected
// organization the person belongs to, by the directory that authenticated.
type PersonContext struct {
	Person
	Groups []EntryID
	// Organization is the connected organization of the person's directory;
	// the zero value if there is none.
	Organization Organization
}
