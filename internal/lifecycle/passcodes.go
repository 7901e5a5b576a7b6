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
	"myaccess/internal/store"
)

// Passcodes are sign-ins of people whose organization has no provider: a code
// is sent to their address, which proves that it is theirs (F-020, F-162).
type Passcodes struct{ store *store.Store }

// PasscodeRequest is what is asked for at the sign-in page of a tenant.
type PasscodeRequest struct {
	Tenant       access.TenantID
	Address      string
	Key, Binding string // hashes, as in access.Passcode
	Target       string
}

// Send sends a code to the address, if people of its domain sign in to the
// tenant with codes. NotFound if they do not; TooMany if the address has been
// sent too many lately. Whether anybody with the address is known makes no
// difference.
func (c *Passcodes) Send(ctx context.Context, a PasscodeRequest) error {
	code, err := newPasscode()
	if err != nil {
		return err
	}
	address := strings.ToLower(strings.TrimSpace(a.Address))
	return c.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := passcodeDirectory(ctx, tx.Reader, a.Tenant, address); err != nil {
			return err
		}
		sent, err := tx.CountPasscodesSince(ctx, address, tx.Now.Add(-time.Hour))
		if err != nil {
			return err
		}
		if sent >= access.MaxPasscodesPerHour {
			return access.Refuse(access.TooManyRequests,
				"Several codes were sent to this address within the last hour. Use the "+
					"newest, or wait a while.")
		}
		err = tx.AddPasscode(ctx, access.Passcode{Key: a.Key, Binding: a.Binding, Tenant: a.Tenant, Address: address,
			Hash: hashPasscode(a.Key, code), ReturnTo: a.Target})
		if err != nil {
			return err
		}
		return tx.QueueMail(ctx, store.Mail{Tenant: a.Tenant, Kind: string(mail.Passcode), Address: address, Text: code})
	})
}

// newPasscode is a random code of digits.
func newPasscode() (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(access.PasscodeDigits), nil)
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", access.PasscodeDigits, n), nil
}

// hashPasscode is the code as it is kept: with the key, which is random and known to
// the browser alone, so that nobody finds the code by trying all of them.
func hashPasscode(key, code string) string {
	sum := sha256.Sum256([]byte(key + "/" + code))
	return hex.EncodeToString(sum[:])
}

// passcodeDirectory is the directory with whose codes people of the address's domain
// sign in to the tenant; one without id if there is none yet but the tenant has a
// package for anybody (F-075). NotFound if they do not sign in with codes.
func passcodeDirectory(ctx context.Context, r *store.Reader, t access.TenantID,
	address string) (access.Directory, error) {
	d, ok := access.DomainOf(address)
	tenant, err := r.Tenant(ctx, t)
	if err != nil || !ok || !tenant.Settings.Passcode {
		return access.Directory{}, orNotFound(err)
	}
	dir, err := r.DirectoryByDomain(ctx, t, d)
	if access.KindOf(err) == access.NotFound {
		_, waits, err := r.DirectoryWithPendingDomain(ctx, t, d)
		if err != nil || waits { // for the proof that it is a provider's
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

// orNotFound is err, or the refusal of what does not exist if there is none.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return access.Missing()
}

// Redeem is the identity that the code typed in proves, and the target that was
// wanted. NotFound if no sign-in with the key was begun in this browser, or it is
// over; Invalid for a wrong code, of which only few are allowed.
func (c *Passcodes) Redeem(ctx context.Context,
	key, binding, typed string) (id access.Identity, t access.TenantID, target string, err error) {
	typed = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, typed)
	wrong := false
	err = c.store.Write(ctx, func(tx *store.Tx) error {
		code, err := tx.Passcode(ctx, key, binding)
		if err != nil {
			return err
		}
		if !code.Usable(tx.Now) {
			return access.Missing()
		}
		if wrong = subtle.ConstantTimeCompare([]byte(hashPasscode(key, typed)), []byte(code.Hash)) != 1; wrong {
			return tx.CountWrongPasscode(ctx, code)
		}
		if err := tx.SpendPasscode(ctx, code); err != nil {
			return err
		}
		t, target = code.Tenant, code.ReturnTo
		id, err = verifiedIdentity(ctx, tx, code)
		return err
	})
	if err == nil && wrong {
		err = access.Invalidf("code", "This is not the code. Look at the newest mail, and type all %d digits.",
			access.PasscodeDigits)
	}
	return id, t, target, err
}

// verifiedIdentity is the identity of somebody who has shown that an address is theirs.
// Their domain's directory is made if it is new.
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
		err := tx.Audit(ctx, access.AuditRecord{Tenant: c.Tenant, Activity: access.ActCreate, ObjectKind: "directory",
			ObjectID: string(dir.ID), To: dir.Name,
			Reason: "first sign-in with a one-time passcode"})
		if err != nil {
			return access.Identity{}, err
		}
	}
	return access.Identity{Directory: dir.ID, Subject: c.Address, Name: c.Address, Email: c.Address, EmailTrusted: true},
		nil
}
