package store_test

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// failSync makes every fsync and fdatasync of the calling thread fail with EIO, until
// the thread ends.
func failSync() syscall.Errno {
	const (
		load, jumpEqual, ret = 0x20, 0x15, 0x06 // BPF: the number of the system call is at 0
		noNewPrivs, seccomp  = 38, 22           // prctl
		filterMode           = 2
		fail, allow          = 0x00050000 | uint32(syscall.EIO), 0x7fff0000
	)
	filter := []syscall.SockFilter{
		{Code: load, K: 0},
		{Code: jumpEqual, K: uint32(syscall.SYS_FSYNC), Jt: 1},
		{Code: jumpEqual, K: uint32(syscall.SYS_FDATASYNC), Jf: 1},
		{Code: ret, K: fail},
		{Code: ret, K: allow},
	}
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); err != 0 {
		return err
	}
	_, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, seccomp, filterMode, uintptr(unsafe.Pointer(&program)))
	return err
}

// TestFailingSync: a commit that the disk does not confirm is refused with Unavailable
// and is not seen; reading works meanwhile, and writing as soon as the disk does.
func TestFailingSync(t *testing.T) {
	ctx, c := t.Context(), storetest.NewClock()
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), c.Now, storetest.RunOnce)
	add := func(key string) error { return s.Write(ctx, draft(ctx, key, nil)) }
	if err := add("before"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // the thread ends with the goroutine, because it stays locked
		defer close(done)
		runtime.LockOSThread()
		if no := failSync(); no != 0 {
			t.Logf("system calls can't be made to fail here: %v", no)
			return
		}
		for range 3 {
			err := add("failed")
			if access.KindOf(err) != access.Unavailable || !store.IsStorageError(err) ||
				!strings.HasPrefix(err.Error(), "Nothing was saved: the portal can't write to its database.") {
				t.Errorf("a commit that is not confirmed: %v", err)
			}
			if kept(t, s, "failed") || !kept(t, s, "before") {
				t.Error("reading while commits fail")
			}
		}
		if s.Writable(ctx) == nil {
			t.Error("the store says it can be written")
		}
		c.Advance(10e9)
		if s.Writable(ctx) == nil {
			t.Error("the store says it can be written after a probe that failed")
		}
	}()
	<-done
	if err := add("after"); err != nil || !kept(t, s, "after") {
		t.Errorf("writing when the disk confirms again: %v", err)
	}
	c.Advance(10e9)
	if err := s.Writable(ctx); err != nil {
		t.Errorf("the store says it can't be written: %v", err)
	}
	if kept(t, s, "failed") {
		t.Error("what was refused was saved later")
	}
}
