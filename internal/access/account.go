package access

// Identity is a person authenticated by a directory, after all checks of the
// protocol.
type Identity struct {
	Directory DirectoryID
	// Subject is the provider's stable key: sub, or tid and oid at Entra ID.
	Subject string
	Name    string
	// Email is for display and for messages. It never identifies a person.
	Email string
	// EmailTrusted is true if Email is in a domain of the directory, and the provider
	// says that it is verified or the directory trusts its addresses.
	EmailTrusted bool
	EmailProblem EmailProblem // why EmailTrusted is false
	// SentEmail is what the provider sent as the address, of any form, if EmailTrusted is
	// false; empty if it sent none. It is for display only.
	SentEmail   string
	Language    string // BCP 47; empty if the provider did not say
	Belonging   Belonging
	GuestReason string // the claim by which Belonging is GuestOfProvider
}

// Account is a person who has signed in, keyed by directory and subject, never
// by mail address (security rules I-1, I-2).
type Account struct {
	ID        AccountID
	Directory DirectoryID
	Subject   string
	Name      string
	Email     string
	Language  string
	// EmailTrusted is as in Identity, at the last sign-in. It is false for accounts that
	// have not signed in.
	EmailTrusted bool
	EmailProblem EmailProblem
	SentEmail    string // as in Identity
	Belonging    Belonging
	GuestReason  string
}
