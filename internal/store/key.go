package store

import (
	"context"
	"crypto/cipher"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// keyContext is the context of the text in key_check, and the text itself.
const keyContext = "key check"

// errWrongKey says that the installation's secret does not fit the database.
func errWrongKey() error {
	return access.Refuse(access.Unavailable,
		"MYACCESS_SECRET doesn't match this database: its secrets were encrypted with a different one. Set the one that "+
			"was used before. If it's lost, see “Upgrade” in the README.")
}

// adoptKey refuses a key other than that of the database, and stores with which key a
// database is used that does not say so yet. It is the first statement that needs the key.
func (s *Store) adoptKey(ctx context.Context) error {
	known, err := keyIsKnown(ctx, s.Reader)
	if err != nil || known {
		return err
	}
	err = s.db.Write(ctx, func(q sqldb.Querier) error { // another portal may do it at the same time
		return s.on(q).exec(ctx, `INSERT INTO key_check (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`,
			s.seal(keyContext, keyContext))
	})
	if IsStorageError(s.translateError(err)) {
		return nil // pages can be read while the disk is full
	}
	if err != nil {
		return err
	}
	_, err = keyIsKnown(ctx, s.Reader)
	return err
}

// checkKey refuses a key other than that of the database, whatever its schema. Without a
// key, as while the configuration has none yet, there is nothing to check.
func checkKey(ctx context.Context, q sqldb.Querier, e sqldb.Engine, key []byte) error {
	if len(key) == 0 {
		return nil
	}
	box, err := newBox(key)
	if err != nil {
		return err
	}
	r := &Reader{q: q, engine: e, box: box}
	tables, err := queryAll(ctx, r, value[string], tableNamed(e), "key_check")
	if err == nil && len(tables) == 0 {
		return checkSecrets(ctx, r)
	}
	if err == nil {
		_, err = keyIsKnown(ctx, r)
	}
	return err
}

// keyIsKnown reports whether the database says with which key it is used, and refuses
// another one. One that does not say so must have no secret, or one that the key decrypts.
func keyIsKnown(ctx context.Context, r *Reader) (bool, error) {
	sealed, known, err := queryOptional(ctx, r, value[[]byte], `SELECT sealed FROM key_check WHERE id = 1`)
	switch {
	case err != nil:
		return false, err
	case !known:
		return false, checkSecrets(ctx, r)
	case !opens(r.box, sealed, keyContext):
		return true, errWrongKey()
	}
	return true, nil
}

func opens(box cipher.AEAD, sealed []byte, context string) bool {
	_, err := box.Open(nil, nil, sealed, []byte(context))
	return err == nil
}

// maxCheckedSecrets is the maximum number of secrets of a kind that checkSecrets tries.
const maxCheckedSecrets = 200

// checkSecrets refuses a key that decrypts none of the secrets, if there are any. A single
// one may be damaged.
func checkSecrets(ctx context.Context, r *Reader) error {
	type secret struct {
		id     string
		sealed []byte
	}
	found := false
	for context, query := range map[string]string{
		"directory ": `SELECT {columns} FROM directory WHERE client_secret IS NOT NULL ORDER BY id DESC LIMIT $1`,
		"session ":   `SELECT {columns} FROM session WHERE id_token IS NOT NULL ORDER BY created DESC LIMIT $1`,
		"mail ":      `SELECT {columns} FROM mail WHERE text IS NOT NULL ORDER BY id DESC LIMIT $1`,
	} {
		name := map[string]string{"directory ": "client_secret", "session ": "id_token", "mail ": "text"}[context]
		all, err := queryAll(ctx, r, func(s *secret) []column { return []column{{"id", &s.id}, {name, &s.sealed}} }, query,
			int64(maxCheckedSecrets))
		if err != nil {
			return err
		}
		for _, s := range all {
			if opens(r.box, s.sealed, context+s.id) {
				return nil
			}
			found = true
		}
	}
	if found {
		return errWrongKey()
	}
	return nil
}
