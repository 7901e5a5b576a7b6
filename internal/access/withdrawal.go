package access

import "time"

const (
	// WithdrawalWindow is how long a withdrawn request counts against the next one.
	WithdrawalWindow = time.Hour
	// MaxWithdrawals and MaxWithdrawalsOfPackage are how many requests a person may
	// withdraw within WithdrawalWindow, in all and for one access package, before the next
	// request is refused: each request and each withdrawal notifies all approvers.
	MaxWithdrawals          = 10
	MaxWithdrawalsOfPackage = 3
	// RepeatedRequestDelay is how long the approvers' mails about a request wait that
	// follows withdrawn ones, so that none is sent if it is withdrawn too.
	RepeatedRequestDelay = 2 * time.Minute
	// tolerated is how many withdrawn requests for other access packages delay no mails.
	tolerated = 2
)

// Withdrawal is a request that the requestor has withdrawn.
type Withdrawal struct {
	Package PackageID
	At      time.Time
}

// Withdrawals are those of one person within WithdrawalWindow, the newest first.
type Withdrawals []Withdrawal // B-13

// PausedUntil is when the person may request the package again; zero if now.
func (w Withdrawals) PausedUntil(id PackageID) time.Time {
	var until time.Time
	of := w.of(id)
	if len(of) >= MaxWithdrawalsOfPackage {
		until = of[MaxWithdrawalsOfPackage-1].At.Add(WithdrawalWindow)
	}
	if len(w) >= MaxWithdrawals {
		if all := w[MaxWithdrawals-1].At.Add(WithdrawalWindow); all.After(until) {
			until = all
		}
	}
	return until
}

// MailDelay is how long the mails wait that ask to decide on a new request for the
// package.
func (w Withdrawals) MailDelay(id PackageID) time.Duration {
	if len(w.of(id)) > 0 || len(w) > tolerated {
		return RepeatedRequestDelay
	}
	return 0
}

// of are the withdrawals of requests for the package.
func (w Withdrawals) of(id PackageID) Withdrawals {
	var all Withdrawals
	for _, x := range w {
		if x.Package == id {
			all = append(all, x)
		}
	}
	return all
}
