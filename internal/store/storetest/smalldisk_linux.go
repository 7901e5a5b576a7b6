package storetest

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// SmallDisk is a file system in memory with room for a few megabytes.
type SmallDisk struct {
	t   testing.TB
	Dir string
}

// smallDiskSize is how much a SmallDisk has room for.
const smallDiskSize = "size=4m"

// NewSmallDisk mounts a SmallDisk until the test ends. It skips the test where
// mounting is not allowed.
func NewSmallDisk(t testing.TB) *SmallDisk {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, smallDiskSize); err != nil {
		t.Skipf("a file system of 4 MB can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("the file system at %s is still mounted: %v", dir, errors.Join(err, syscall.Unmount(dir,
				syscall.MNT_DETACH)))
		}
	})
	return &SmallDisk{t: t, Dir: dir}
}

// Database is the address of a migrated database of SQLite on the disk.
func (d *SmallDisk) Database() string {
	d.t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		d.t.Fatal(err)
	}
	name := filepath.Join(d.Dir, "test.db")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return name
}

// Fill writes a file until there is no room left.
func (d *SmallDisk) Fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
		err = nil
	}
}

// Free removes the file that Fill has written.
func (d *SmallDisk) Free() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *SmallDisk) filler() string { return filepath.Join(d.Dir, "filler") }
