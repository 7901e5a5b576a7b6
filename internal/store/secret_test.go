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
			err := openAgain(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("o", 32)), Now: clock.Now})
			if access.KindOf(err) != access.Unavailable { // it can't even be opened: TestWrongKey
				t.Errorf("opened with another key: %v", err)
			}
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

// TestWrongKey: a database is refused with another secret than the one it was used with,
// when it is opened and when it is checked: also if it has no secret yet, and if it was
// made before the key was stored and has one. With the right one it is opened, even if one
// of its secrets is damaged.
func TestWrongKey(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, clock.Now)
			right := store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: clock.Now}
			wrong := right
			wrong.Key = []byte(strings.Repeat("o", 32))
			expect := func(state string, refused bool) {
				t.Helper()
				for from, err := range map[string]error{"check": store.Check(t.Context(), wrong),
					"open": openAgain(t.Context(), wrong)} {
					if (err != nil) != refused || refused && (access.KindOf(err) != access.Unavailable ||
						!strings.Contains(err.Error(), "MYACCESS_SECRET doesn't match this database")) {
						t.Errorf("%s, %s with another key: %v", state, from, err)
					}
				}
			}
			expect("empty", true)
			storeSecrets(t, s)
			expect("with secrets", true)
			mustExec(t, s, `ALTER TABLE key_check RENAME TO later`)
			if err := store.Check(t.Context(), wrong); access.KindOf(err) != access.Unavailable {
				t.Errorf("checking an earlier schema with secrets: %v", err)
			}
			mustExec(t, s, `ALTER TABLE later RENAME TO key_check`)
			mustExec(t, s, `DELETE FROM key_check`)
			expect("with the secrets of an earlier version", true)
			if got := textRows(t, s, `SELECT 'x' FROM key_check`); got != nil {
				t.Error("a wrong key was adopted")
			}
			mustExec(t, s, `UPDATE directory SET client_secret = $1 WHERE id = 'd2'`, []byte("tampered with"))
			if err := store.Check(t.Context(), right); err != nil {
				t.Error(err)
			}
			if err := openAgain(t.Context(), right); err != nil {
				t.Fatal(err)
			}
			expect("adopted", true)
			mustExec(t, s, `DELETE FROM key_check`)
			mustExec(t, s, `UPDATE directory SET client_secret = NULL`)
			expect("with a session's secret only", true)
			mustExec(t, s, `UPDATE session SET id_token = NULL`)
			mustExec(t, s, `DROP TABLE key_check`)
			if err := store.Check(t.Context(), wrong); err != nil {
				t.Errorf("checking an earlier schema without secrets: %v", err)
			}
		})
	}
}

// TestLostKey: the statements of the README for a lost secret let a database be opened
// with a new one, without the secrets and the sessions, and with everything else.
func TestLostKey(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "If the secret is lost")
	_, after, _ = strings.Cut(after, "```sql\n")
	statements, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("the README has no statements")
	}
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, clock.Now)
			storeSecrets(t, s)
			for line := range strings.Lines(statements) {
				mustExec(t, s, strings.TrimSpace(line))
			}
			fresh, err := store.Open(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("o", 32)),
				Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer fresh.Close()
			d, err := fresh.Directory(t.Context(), "d1")
			if err != nil || d.Name != "Meridian Works d1" || d.ClientSecret != "" {
				t.Errorf("%+v, %v", d, err)
			}
			if _, err := fresh.IDToken(t.Context(), "k"); access.KindOf(err) != access.NotFound {
				t.Errorf("the session: %v", err)
			}
		})
	}
}
