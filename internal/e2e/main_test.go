package e2e_test

import (
	"context"
	"errors"
	"log"
	"os"
	"testing"

	"myaccess/internal/e2e/rig"
)

// binary is the built program, the same one for all tests here.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "myaccess")
	if err != nil {
		log.Fatal(err)
	}
	var code int
	if binary, err = rig.Build(context.Background(), dir, false); err == nil {
		code = m.Run()
	}
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}
