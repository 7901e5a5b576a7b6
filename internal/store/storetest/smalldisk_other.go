//go:build !linux

package storetest

import "testing"

// SmallDisk is a file system in memory with room for a few megabytes.
type SmallDisk struct{ Dir string }

// NewSmallDisk skips the test: mounting is only known for Linux.
func NewSmallDisk(t testing.TB) *SmallDisk {
	t.Helper()
	t.Skip("a file system of 4 MB can only be mounted on Linux")
	return nil
}

// Database is the address of a migrated database of SQLite on the disk.
func (d *SmallDisk) Database() string { return "" }

// Fill writes a file until there is no room left.
func (d *SmallDisk) Fill() {}

// Free removes the file that Fill has written.
func (d *SmallDisk) Free() {}
