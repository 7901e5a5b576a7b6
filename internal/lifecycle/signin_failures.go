package lifecycle

import (
	"context"
	"slices"
	"sync"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// failedSignIns are failures that are not stored yet: of each key their number and the
// last ones. A stranger can make sign-ins fail, so that they are stored by a job, many in
// one transaction, and memory has a limit too.
type failedSignIns struct {
	mu  sync.Mutex
	all map[store.SignInFailureKey]*store.SignInFailures
}

// maxFailureKeys is the maximum number of keys in memory. Further ones are in the log only.
const maxFailureKeys = 1000

// add counts a failure and keeps it among the last ones of its key.
func (f *failedSignIns) add(one access.SignInFailure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := store.SignInFailureKey{Directory: one.Directory, Tenant: one.Tenant, Reason: one.Reason}
	kept := f.all[k]
	if kept == nil {
		if len(f.all) >= maxFailureKeys {
			return
		}
		if f.all == nil {
			f.all = map[store.SignInFailureKey]*store.SignInFailures{}
		}
		kept = &store.SignInFailures{SignInFailureKey: k}
		f.all[k] = kept
	}
	kept.N++
	kept.Last = append(kept.Last, one.Shortened())
	kept.Last = slices.Delete(kept.Last, 0, max(0, len(kept.Last)-access.MaxSignInFailures))
}

// take returns everything and forgets it.
func (f *failedSignIns) take() []store.SignInFailures {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []store.SignInFailures
	for _, kept := range f.all {
		all = append(all, *kept)
	}
	f.all = nil
	return all
}

// restore puts back what could not be stored, before what has been added since.
func (f *failedSignIns) restore(all []store.SignInFailures) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[store.SignInFailureKey]*store.SignInFailures{}
	}
	for _, old := range all {
		if kept := f.all[old.SignInFailureKey]; kept != nil {
			old.N += kept.N
			old.Last = append(old.Last, kept.Last...)
			old.Last = slices.Delete(old.Last, 0, max(0, len(old.Last)-access.MaxSignInFailures))
		}
		f.all[old.SignInFailureKey] = &old
	}
}

// Failed notes that a sign-in has failed. It writes nothing: StoreFailures does.
func (s *SignIns) Failed(f access.SignInFailure) { s.failed.add(f) }

// StoreFailures stores the failed sign-ins that were noted since the last time, in one
// transaction, and returns how many there were.
func (s *SignIns) StoreFailures(ctx context.Context) (int, error) {
	all := s.failed.take()
	if len(all) == 0 {
		return 0, nil
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error { return tx.AddSignInFailures(ctx, all...) })
	if err != nil {
		s.failed.restore(all)
		return 0, err
	}
	var n int64
	for _, f := range all {
		n += f.N
	}
	return int(n), nil
}
