package lifecycle

import (
	"context"
	"encoding/json"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// ErrUnproven is the error for an account whose address is that of somebody who signed in
// with passcodes and is not carried over to the provider yet: its owner has to prove the
// address, or to go on as a new person, before anything else. It is joined with the
// refusal.
var ErrUnproven = errors.New("the address of the account is not proven")

// findCarryOver returns the person to carry over to an account that is of no person in the
// tenant. With an account of a passcode directory, it is somebody who was carried over
// from it to a provider that has lost the domain since.
func findCarryOver(ctx context.Context, r *store.Reader, t access.TenantID,
	a access.Account) (c store.Carrying, ok bool, err error) {
	var address string
	trusted := a.EmailTrusted && a.Email != ""
	if trusted {
		address = canonical(a.Email)
	} else if address, err = r.CarryClaim(ctx, t, a.ID); err != nil {
		return c, false, err
	}
	if address == "" {
		return c, false, nil
	}
	from, err := r.PredecessorsIn(ctx, t, a.Directory)
	for _, d := range from {
		if ok || err != nil {
			continue
		}
		c = store.Carrying{Account: a, Domain: d.FormerDomain, Back: d.ID == a.Directory,
			CarryOver: access.CarryOver{From: d.ID, Address: address, Trusted: trusted}}
		c.Record, ok, err = carriedRecord(ctx, r, d, address)
	}
	if err != nil || !ok {
		return c, false, err
	}
	if c.Back {
		c.Domain = c.Record.Domain
	}
	c.CarryOver.Record, c.Person = c.Record.ID, c.Record
	if c.Record.MergedInto != "" {
		if c.Person, err = r.Person(ctx, t, c.Record.MergedInto); err != nil {
			return c, false, err
		}
	}
	if !c.Back { // signing in there took a code
		c.Roles, err = r.AdministrativeRoles(ctx, c.Person)
	}
	return c, err == nil, err
}

// carriedRecord returns the person to carry over from the directory, or back to it.
func carriedRecord(ctx context.Context, r *store.Reader, d access.Directory,
	address string) (p access.Person, ok bool, err error) {
	name := d.FormerDomain
	if d.Successor != "" {
		if p, ok, err = r.PersonToCarry(ctx, d, address); ok || err != nil {
			return p, ok, err
		}
	} else if len(d.Domains) > 0 {
		name = d.Domains[0]
	}
	return r.PersonCarriedAway(ctx, d, name, address)
}

// canonical is the address in the form in which addresses are compared; empty if it is
// none.
func canonical(email string) string {
	address, ok := mailaddr.Parse(email)
	if !ok {
		return ""
	}
	return string(address)
}

// checkProven refuses an account with ErrUnproven if a code has to prove its address.
func checkProven(c store.Carrying) error {
	if !c.NeedsCode() {
		return nil
	}
	return errors.Join(ErrUnproven, access.Refuse(access.Forbidden, "First confirm that %s is your mail address.",
		mailaddr.Show(c.Address)))
}

// Why somebody is carried over, in the audit log.
const (
	carriedByProvider = "the provider says that the address is verified"
	carriedByCode     = "a code sent to the address"
	carriedBack       = "the domain returned to one-time passcodes"
)

// carryOver gives the account to the person. Global administrators are notified if the
// person has administrative roles, or had never signed in (M-38).
func carryOver(ctx context.Context, tx *store.Tx, c store.Carrying, how string) (access.Person, error) {
	if err := tx.CarryPerson(ctx, c); err != nil {
		return access.Person{}, err
	}
	p, err := tx.Person(ctx, c.Person.Tenant, c.Person.ID)
	if err != nil {
		return p, err
	}
	activity := access.ActCarryOver
	if c.Back {
		activity = access.ActCarryBack
	}
	dir, err := tx.Directory(ctx, c.Account.Directory)
	if err != nil {
		return p, err
	}
	err = tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: activity,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), From: c.Address, To: dir.Name + ": " + c.Account.Subject,
		Reason: how})
	if err == nil && (c.Roles.HasAny() || c.Record.Account == "") {
		err = noticeOf(ctx, tx, mail.PersonMatched, p, c.Account)
	}
	if err != nil {
		return p, err
	}
	return updateFromAccount(ctx, tx, p, c.Account)
}

// claimCarryOvers stores in which tenants the identity has the address of somebody to carry
// over, although its provider does not say that it is verified. It returns all tenants with such a
// person: the account joins them.
func claimCarryOvers(ctx context.Context, tx *store.Tx, id access.Identity,
	a access.Account) ([]access.TenantID, error) {
	from, err := tx.Predecessors(ctx, a.Directory)
	if err != nil || len(from) == 0 {
		return nil, err
	}
	address := canonical(id.Email)
	var found []access.TenantID
	for _, d := range from {
		_, has, err := tx.PersonOf(ctx, d.Owner, a.ID)
		if err != nil {
			return nil, err
		}
		_, ok, err := carriedRecord(ctx, tx.Reader, d, address)
		if err != nil {
			return nil, err
		}
		if ok && !has {
			found = append(found, d.Owner)
		}
	}
	if id.EmailTrusted {
		return found, tx.SetCarryClaims(ctx, a.ID, address, nil)
	}
	return found, tx.SetCarryClaims(ctx, a.ID, address, found)
}

// CarryOvers lets people who signed in with passcodes prove at their first sign-in at the
// provider that they are the same.
type CarryOvers struct {
	store     *store.Store
	passcodes *Passcodes
}

// Pending is the person to carry over to the account in the tenant. NotFound if there is
// none.
func (c *CarryOvers) Pending(ctx context.Context, r *store.Reader, t access.TenantID,
	a access.Account) (access.CarryOver, error) {
	if _, known, err := r.PersonOf(ctx, t, a.ID); err != nil || known {
		return access.CarryOver{}, orNotFound(err)
	}
	found, ok, err := findCarryOver(ctx, r, t, a)
	if err == nil && (!ok || found.Back) {
		err = access.Missing()
	}
	return found.CarryOver, err
}

// Send mails a code to the address of the person to carry over, as Passcodes.Send does.
// NotFound if there is nobody. The address in the request is not used.
func (c *CarryOvers) Send(ctx context.Context, a access.Account, q PasscodeRequest) (sent bool, err error) {
	code, err := newPasscode()
	if err != nil {
		return false, err
	}
	err = c.store.Write(ctx, func(tx *store.Tx) error {
		found, err := c.Pending(ctx, tx.Reader, q.Tenant, a)
		if err != nil {
			return err
		}
		dir, err := tx.Directory(ctx, a.Directory)
		if err != nil {
			return err
		}
		row := access.Passcode{Key: q.Key, Binding: q.Binding, Tenant: q.Tenant, Address: found.Address, Client: q.Client,
			ReturnTo: q.ReturnTo, Account: a.ID}
		if sent, err = addPasscode(ctx, tx, row, code); err != nil || !sent {
			return err
		}
		text, err := json.Marshal(carryCode{Code: code, Name: a.Name, Provider: dir.Name})
		if err != nil {
			return err
		}
		return tx.QueueMail(ctx, store.Mail{Tenant: q.Tenant, Kind: string(mail.CarryOverCode), Address: found.Address,
			Text: string(text)})
	})
	return sent && err == nil, err
}

// carryCode is what the mail with the code says.
type carryCode struct{ Code, Name, Provider string }

// Redeem carries the person over to the account if the code that was entered in the
// browser that asked for it is right. The refusals are those of Passcodes.Redeem.
func (c *CarryOvers) Redeem(ctx context.Context, a access.Account, key, binding, entered string) (returnTo string,
	err error) {
	err = c.passcodes.redeem(ctx, entered, func(tx *store.Tx) (access.Passcode, error) {
		code, err := tx.Passcode(ctx, key, binding)
		if err == nil && code.Account != a.ID {
			err = access.Missing()
		}
		return code, err
	}, func(tx *store.Tx, code access.Passcode) error {
		returnTo = code.ReturnTo
		pending, err := c.Pending(ctx, tx.Reader, code.Tenant, a)
		if err != nil {
			return err
		}
		if pending.Address != code.Address { // another one than the code was sent to
			return access.Missing()
		}
		found, _, err := findCarryOver(ctx, tx.Reader, code.Tenant, a)
		if err != nil {
			return err
		}
		p, err := carryOver(ctx, tx, found, carriedByCode)
		if err != nil {
			return err
		}
		return recordSignIn(ctx, tx, p)
	})
	return returnTo, err
}

// Decline adds the owner of the account to the tenant as a new person, without the access
// of the one with the address.
func (c *CarryOvers) Decline(ctx context.Context, t access.TenantID, a access.Account) error {
	return c.store.Write(ctx, func(tx *store.Tx) error {
		pending, err := c.Pending(ctx, tx.Reader, t, a)
		if err != nil {
			return err
		}
		if err := pending.CanDecline(); err != nil {
			return err
		}
		p, err := addNewPerson(ctx, tx, t, a)
		if err != nil {
			return err
		}
		err = tx.Audit(ctx, access.AuditRecord{Tenant: t, Actor: p.ID, Activity: access.ActDeclineCarryOver,
			ObjectKind: access.ObjectPerson, ObjectID: string(pending.Person.ID), From: pending.Address, To: a.Subject})
		if err != nil {
			return err
		}
		return recordSignIn(ctx, tx, p)
	})
}
