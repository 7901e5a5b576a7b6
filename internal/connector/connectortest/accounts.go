package connectortest

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// EnsureAccount implements connector.Accounts.
func (x *Target) EnsureAccount(ctx context.Context, c connector.AccountCall) error {
	return x.bring(ctx, EnsureAccount, c, access.GuestActive)
}

// SetBlocked implements connector.Accounts. A person who has no account is
// NoPerson.
func (x *Target) SetBlocked(ctx context.Context, c connector.AccountCall, blocked bool) error {
	if blocked {
		return x.bring(ctx, Block, c, access.GuestBlocked)
	}
	return x.bring(ctx, Unblock, c, access.GuestActive)
}

// RemoveAccount implements connector.Accounts.
func (x *Target) RemoveAccount(ctx context.Context, c connector.AccountCall) error {
	return x.bring(ctx, RemoveAccount, c, access.GuestRemoved)
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

// bring takes an account to a state, once.
func (x *Target) bring(ctx context.Context, op Op, c connector.AccountCall, to access.GuestState) error {
	return x.call(ctx, op, func() error {
		p := c.Person.ID
		is := x.account(p)
		exists := is == access.GuestActive || is == access.GuestBlocked
		switch {
		case is == to || op == RemoveAccount && !exists:
			return nil
		case x.people[p], !exists && op != EnsureAccount:
			return noPerson()
		}
		x.accounts[p] = to
		x.ledger = append(x.ledger, Effect{op, c.Key, Right{Person: p}})
		if op == RemoveAccount {
			x.forget(p)
		}
		return nil
	})
}

// forget takes away everything that a person holds.
func (x *Target) forget(p access.PersonID) {
	for r := range x.held {
		if r.Person == p {
			delete(x.held, r)
		}
	}
}
