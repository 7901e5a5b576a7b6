package lifecycle

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// Passcodes signs in people whose organization has no provider: a one-time
// passcode sent to their address proves that it is theirs (F-020, F-162).
type Passcodes struct{ store *store.Store }

// PasscodeRequest is what a person enters at the sign-in page of a tenant.
type PasscodeRequest struct {
	Tenant       access.TenantID
	Address      string
	Key, Binding string // hashes, as in access.Passcode
	Client       string // network of the browser, as limits count it
	ReturnTo     string // where to go after signing in
}

// Send mails a passcode to the address, if people of its domain sign in to the
// tenant with passcodes. It sends none, and returns false, if the address has had many
// mails: then the code of the last one is for this sign-in too (access.Passcode.Shares).
// NotFound if the domain does not sign in with passcodes, or if it is not an address. The
// result does not depend on whether a person with the address exists.
func (c *Passcodes) Send(ctx context.Context, a PasscodeRequest) (sent bool, err error) {
	code, err := newPasscode()
	if err != nil {
		return false, err
	}
	parsed, ok := mailaddr.Parse(strings.TrimSpace(a.Address))
	if !ok {
		return false, access.Missing()
	}
	address := string(parsed)
	err = c.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := passcodeDirectory(ctx, tx.Reader, a.Tenant, address); err != nil {
			return err
		}
		row := access.Passcode{Key: a.Key, Binding: a.Binding, Tenant: a.Tenant, Address: address,
			Client: a.Client, ReturnTo: a.ReturnTo}
		sent, err = addPasscode(ctx, tx, row, code)
		if err != nil || !sent {
			return err
		}
		return tx.QueueMail(ctx, store.Mail{Tenant: a.Tenant, Kind: string(mail.Passcode), Address: address, Text: code})
	})
	return sent && err == nil, err
}

// addPasscode adds a passcode with the code, which is then to be mailed. It returns false
// if the address has had many mails: then the passcode shares the code of the last one.
func addPasscode(ctx context.Context, tx *store.Tx, row access.Passcode, code string) (sent bool, err error) {
	n, err := tx.CountPasscodesSince(ctx, row.Tenant, row.Address, tx.Now.Add(-time.Hour))
	if err != nil {
		return false, err
	}
	last, ok, err := tx.LastPasscodeSent(ctx, row.Tenant, row.Address, row.Account != "")
	if err != nil {
		return false, err
	}
	if sent = !ok || !last.Shares(n, tx.Now); sent {
		row.Hash = hashPasscode(row.Key, code)
	} else {
		row.SentFor = last.Key
	}
	return sent, tx.AddPasscode(ctx, row)
}

// newPasscode returns a random passcode.
func newPasscode() (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(access.PasscodeDigits), nil)
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", access.PasscodeDigits, n), nil
}

// hashPasscode returns the stored form of a passcode. It includes the key,
// which is random and known to the browser only, so that trying all passcodes
// does not reveal it.
func hashPasscode(key, code string) string {
	sum := sha256.Sum256([]byte(key + "/" + code))
	return hex.EncodeToString(sum[:])
}

// passcodeDirectory returns the directory in which people of the address's
// domain sign in to the tenant with passcodes. It has no id if there is none
// yet but the tenant has a package that anyone may request (F-075). NotFound
// if the domain does not sign in with passcodes.
func passcodeDirectory(ctx context.Context, r *store.Reader, t access.TenantID,
	address string) (access.Directory, error) {
	d, ok := mailaddr.DomainOf(address)
	tenant, err := r.Tenant(ctx, t)
	if err != nil || !ok || !tenant.Settings.Passcode {
		return access.Directory{}, orNotFound(err)
	}
	dir, err := r.DirectoryByDomain(ctx, t, d)
	if access.KindOf(err) == access.NotFound {
		_, pending, err := r.DirectoryWithPendingDomain(ctx, t, d)
		if err != nil || pending { // a provider is about to verify the domain
			return access.Directory{}, orNotFound(err)
		}
		open, err := r.OpenToAnyone(ctx, t)
		if err != nil || !open {
			return access.Directory{}, orNotFound(err)
		}
		return access.Directory{Owner: t, Kind: access.DirectoryPasscode, Name: string(d), AuthStyle: access.AuthNone,
			HintStyle: access.HintNone,
			Domains:   []access.Domain{d}, Enabled: true}, nil
	}
	if err != nil {
		return dir, err
	}
	admitted, err := r.AdmitsDirectory(ctx, t, dir)
	if err != nil || dir.Kind != access.DirectoryPasscode || !dir.Enabled || !admitted {
		return access.Directory{}, orNotFound(err)
	}
	return dir, nil
}

// orNotFound returns err, or NotFound if err is nil.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return access.Missing()
}

// RedeemedPasscode is a sign-in that a passcode has confirmed.
type RedeemedPasscode struct {
	Identity access.Identity
	Tenant   access.TenantID
	ReturnTo string // where to go after signing in
}

// Redeem checks the passcode entered in the browser that asked for it. NotFound
// if the browser has not started a sign-in with the key, or it has expired;
// Invalid for a wrong passcode, after a few of which it expires.
func (c *Passcodes) Redeem(ctx context.Context, key, binding, entered string) (RedeemedPasscode, error) {
	var redeemed RedeemedPasscode
	err := c.redeem(ctx, entered, func(tx *store.Tx) (access.Passcode, error) {
		redeemed = RedeemedPasscode{}
		code, err := tx.Passcode(ctx, key, binding)
		if err == nil && code.Account != "" { // not for signing in
			err = access.Missing()
		}
		return code, err
	}, func(tx *store.Tx, code access.Passcode) error {
		id, err := verifiedIdentity(ctx, tx, code)
		redeemed = RedeemedPasscode{Identity: id, Tenant: code.Tenant, ReturnTo: code.ReturnTo}
		return err
	})
	if err != nil {
		return RedeemedPasscode{}, err
	}
	return redeemed, nil
}

// redeem spends the passcode that find returns and calls use, if the code that was entered
// is right. A wrong one is counted, and refused.
func (c *Passcodes) redeem(ctx context.Context, entered string, find func(*store.Tx) (access.Passcode, error),
	use func(*store.Tx, access.Passcode) error) error {
	entered = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, entered)
	var wrong bool
	err := c.store.Write(ctx, func(tx *store.Tx) error {
		wrong = false
		code, err := find(tx)
		if err != nil {
			return err
		}
		mailed, err := mailedPasscode(ctx, tx, code)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(hashPasscode(mailed.Key, entered)), []byte(mailed.Hash)) != 1 {
			wrong = true
			return tx.CountWrongPasscode(ctx, code)
		}
		if err := tx.SpendPasscode(ctx, mailed); err != nil {
			return err
		}
		return use(tx, code)
	})
	if err == nil && wrong {
		err = access.Invalidf("code", "That code isn't correct. Enter all %d digits from the latest mail.",
			access.PasscodeDigits)
	}
	return err
}

// mailedPasscode returns the sign-in whose mail has the code that is asked for in code:
// code itself, or the one that it shares. NotFound if no code can be entered: it has
// expired, or too many wrong ones were. Those count for the browser, and in sign-ins that
// share a code for its network, so that nobody uses up the attempts of others.
func mailedPasscode(ctx context.Context, tx *store.Tx, code access.Passcode) (access.Passcode, error) {
	if !code.Usable(tx.Now) {
		return code, access.Missing()
	}
	if code.SentFor == "" {
		return code, nil
	}
	mailed, err := tx.PasscodeSent(ctx, code.SentFor)
	if err != nil {
		return code, err
	}
	wrong, err := tx.CountSharedAttempts(ctx, code.SentFor, code.Client)
	if err == nil && (!mailed.Valid(tx.Now) || wrong >= access.MaxSharedAttempts) {
		err = access.Missing()
	}
	return mailed, err
}

// verifiedIdentity returns the identity of the address that a passcode was
// sent to. It adds the directory of the domain if there is none.
func verifiedIdentity(ctx context.Context, tx *store.Tx, c access.Passcode) (access.Identity, error) {
	dir, err := passcodeDirectory(ctx, tx.Reader, c.Tenant, c.Address)
	if err != nil {
		return access.Identity{}, err
	}
	if dir.ID == "" {
		dir.ID = access.DirectoryID(tx.NewID())
		if _, taken, err := tx.DirectoryNamed(ctx, dir.Owner, dir.Name); err != nil {
			return access.Identity{}, err
		} else if taken {
			dir.Name += " (one-time passcode)"
		}
		if err := tx.SaveDirectory(ctx, dir, access.VerifiedByMail); err != nil {
			return access.Identity{}, err
		}
		err := tx.Audit(ctx, access.AuditRecord{Tenant: c.Tenant, Activity: access.ActCreate,
			ObjectKind: access.ObjectDirectory, ObjectID: string(dir.ID), To: dir.Name,
			Reason: "first sign-in with a one-time passcode"})
		if err != nil {
			return access.Identity{}, err
		}
	}
	return access.Identity{Directory: dir.ID, Subject: c.Address, Name: c.Address, Email: c.Address, EmailTrusted: true},
		nil
}
