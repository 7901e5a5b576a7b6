package access

// Identity is who a directory says has signed in, after every check that the
// protocol asks for.
type Identity struct {
	Directory DirectoryID
	// Subject is the provider's stable key: sub, or tid and oid at Entra ID.
	Subject string
	Name    string
	// Email is an address to show and to write to. It identifies nobody.
	Email string
	// EmailTrusted is true if the provider vouches for Email and its domain is
	// one of the directory's.
	EmailTrusted bool
	Language     string // BCP 47, empty if not told
}

// Account is somebody who has signed in, keyed by directory and subject and
// never by an e-mail address (security rules I-1, I-2).
type Account struct {
	ID        AccountID
	Directory DirectoryID
	Subject   string
	Name      string
	Email     string
	Language  string
}
