package connectortest

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// EnsureAccount implements connector.Accounts.
func (x *Target) EnsureAccount(ctx context.Context, c connector.AccountCall) error {
	return x.setAccount(ctx, EnsureAccount, c, access.GuestActive)
}

// SetBlocked implements connector.Accounts.
func (x *Target) SetBlocked(ctx context.Context, c connector.AccountCall, blocked bool) error {
	if blocked {
		return x.setAccount(ctx, Block, c, access.GuestBlocked)
	}
	return x.setAccount(ctx, Unblock, c, access.GuestActive)
}

// RemoveAccount implements connector.Accounts.
func (x *Target) RemoveAccount(ctx context.Context, c connector.AccountCall) error {
	return x.setAccount(ctx, RemoveAccount, c, access.GuestRemoved)
}

// ObserveAccount implements connector.Accounts.
func (x *Target) ObserveAccount(ctx context.Context, c connector.AccountCall) (access.GuestState, error) {
	state := access.GuestNone
	err := x.call(ctx, ObserveAccount, func() error {
		state = x.account(c.Person.ID)
		return nil
	})
	return state, err
}

func (x *Target) account(p access.PersonID) access.GuestState {
	if state, ok := x.accounts[p]; ok {
		return state
	}
	return access.GuestNone
}

// setAccount sets the state of an account and records the change, if it is one.
func (x *Target) setAccount(ctx context.Context, op Op, c connector.AccountCall, to access.GuestState) error {
	return x.call(ctx, op, func() error {
		p := c.Person.ID
		is := x.account(p)
		exists := is == access.GuestActive || is == access.GuestBlocked
		switch {
		case is == to || op == RemoveAccount && !exists:
			return nil
		case x.lost[p], !exists && op != EnsureAccount:
			return errNoPerson()
		}
		x.accounts[p] = to
		x.ledger = append(x.ledger, Effect{op, c.Key, Right{Person: p}})
		if op == RemoveAccount {
			x.revokeAll(p)
		}
		return nil
	})
}

// revokeAll removes all roles of a person.
func (x *Target) revokeAll(p access.PersonID) {
	for r := range x.held {
		if r.Person == p {
			delete(x.held, r)
		}
	}
}
