package access

// CarryOver is a person who signed in with one-time passcodes, and an account with the
// same address at the provider that has the domain now (Directory.Successor). The person
// gets the account if it is proven that the two are one: everything that they hold, have
// requested and decided stays theirs.
//
// Nobody gets the access of somebody else by it: it takes an address in canonical form
// that the provider says is verified, or a code sent to it, which is what the person signed in
// with before. A person can be carried over to one account only.
type CarryOver struct {
	Person Person // who signs in with the passcode account
	// Record is the person with the passcode account: Person, or somebody who was merged
	// into Person.
	Record PersonID
	From   DirectoryID // the passcode directory
	// Address is what the person signed in with, in canonical form.
	Address string
	// Trusted is true if the provider says that the address is verified, or its addresses are trusted.
	Trusted bool
	Roles   Rights // administrative roles of Person
}

// NeedsCode reports whether a code sent to the address has to prove that it belongs to
// the owner of the account. The provider's word is not enough for people with
// administrative roles: whoever manages the provider could take them.
func (c CarryOver) NeedsCode() bool { return !c.Trusted || c.Roles.HasAny() }

// CanDecline refuses to let the owner of the account go on as a new person if the one
// with the address is disabled: that would undo it.
func (c CarryOver) CanDecline() error {
	if c.Person.Disabled {
		return Refuse(Forbidden, "You can't continue with this account without a code. Ask an administrator.")
	}
	return nil
}
