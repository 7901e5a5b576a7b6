package store_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

const (
	clientSecret = "a-client-secret-that-nobody-may-read"
	idToken      = "an-id-token-that-nobody-may-read"
)

// TestSecretsAreEncrypted reads every file of a closed database byte by byte.
func TestSecretsAreEncrypted(t *testing.T) {
	dir := t.TempDir()
	at, clock := filepath.Join(dir, "x.db"), storetest.NewClock()
	s, err := store.Open(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	storeSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := false
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(text, []byte("Meridian Works"))
		for _, secret := range []string{clientSecret, idToken, strings.Repeat("k", 16)} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is readable in %s", secret, f.Name())
			}
		}
	}
	if !found {
		t.Error("what is no secret was not found either: the test looks in the wrong place")
	}
}

// storeSecrets stores two secrets and reads them again.
func storeSecrets(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	err := s.Write(ctx, func(tx *store.Tx) error {
		for _, id := range []access.DirectoryID{"d1", "d2"} {
			d := access.Directory{ID: id, Name: "Meridian Works " + string(id), Kind: access.DirectoryOpenID,
				Issuer: "https://login.example", AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
				ClientSecret: clientSecret}
			if err := tx.SaveDirectory(ctx, d, access.VerifiedByOperator); err != nil {
				return err
			}
		}
		if err := tx.SaveAccount(ctx, access.Account{ID: "a", Directory: "d1", Subject: "s"}); err != nil {
			return err
		}
		return tx.AddSession(ctx, access.Session{Key: "k", Account: "a", Directory: "d1", IDToken: idToken})
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory(ctx, "d1")
	token, err2 := s.IDToken(ctx, "k")
	if err != nil || err2 != nil || d.ClientSecret != clientSecret || token != idToken {
		t.Fatal(d, token, err, err2)
	}
}

// TestSecretsAreBoundToTheirRow checks that a secret cannot be decrypted with
// another key, in another row, or after a change; each is an error.
func TestSecretsAreBoundToTheirRow(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, clock.Now)
			storeSecrets(t, s)
			unreadable := func(s *store.Store) {
				t.Helper()
				d, err := s.Directory(t.Context(), "d2")
				if err == nil || d.ClientSecret != "" || strings.Contains(err.Error(), clientSecret) {
					t.Errorf("read: %q, %v", d.ClientSecret, err)
				}
			}
			other, err := store.Open(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("o", 32)),
				Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			unreadable(other)
			if textRows(t, s, `SELECT 'same' FROM directory a, directory b WHERE a.id = 'd1' AND b.id = 'd2'
				AND a.client_secret = b.client_secret`) != nil {
				t.Error("the same secret twice looks the same")
			}
			mustExec(t, s, `UPDATE directory SET client_secret = (SELECT client_secret FROM directory WHERE id = 'd1')
				WHERE id = 'd2'`)
			unreadable(s)
			mustExec(t, s, `UPDATE directory SET client_secret = $1 WHERE id = 'd2'`, []byte("tampered with"))
			unreadable(s)
		})
	}
}
