package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// landedMigrations are the checksums of the migrations that have landed, on SQLite and,
// if it is another one, on PostgreSQL. A line is only ever added, never changed: there are
// databases on which the migration has run.
func landedMigrations() map[int64][]string {
	return map[int64][]string{
		1:  {"7738d656b4064ebd7e31a4742db69afa"},
		2:  {"9f9aa1e5ce5694a52c057a65723782dc", "f399a8f74bade457acd37379089aa012"},
		3:  {"2c84b737862eef14594ccd885fd1d1c1"},
		4:  {"99487da0cc360973dd15bfa53f9d3156"},
		5:  {"538de4a837488ec5806d1cd8a6e45014", "c57247d5d1e9c6b0c271b4b3e72cdd01"},
		6:  {"fb90e3c37e172b368170c6577abe8068"},
		7:  {"e3b0c44298fc1c149afbf4c8996fb924", "6b1215c652a2e1d880f93466b6f7cfb4"},
		8:  {"9b2ea358c3955c65a69aebcbe4c3b5bf"},
		9:  {"5478e8cecda6eb04bf1984102227f179"},
		10: {"dc919dd026e0043fa602adddca93265d"},
		11: {"e3b0c44298fc1c149afbf4c8996fb924", "f2bedcf3a348fd54ca4d88d4e31314aa"},
		12: {"9a4ed75ab55341bf00625e0c86b2e80f", "80a0136782a3b117ecda61bf42b9ec45"},
		13: {"1eac0ec98f8ce3c5e931636c9e92a52e", "f0b7a3311fe80f0c82e262032ff50243"},
		14: {"3726f8b2c3995f7fe7a107867c40a287"},
		15: {"92b2f1f2353efb88321a553acf239e1d"},
		16: {"ac91516b3123d4465679a945c6710d2c"},
		17: {"8ba7ddcd76f5aa7ba5e450a3e61ddb70"},
		18: {"ab487eb2bf99f681aa5c66179aa4aaa8"},
		19: {"ffd2c9aafe7b4ad0a4d447aa9a61229a"},
		20: {"cfb9ab509c433d26f14e7da830e162bb"},
		21: {"4a65105c28cbc7f0a34c581eb0471998", "4e053616ae58463f1058c6acecc4774b"},
		22: {"09e5c07af9cc2b520a4e53277c37ba43"},
		23: {"34b2a9bb4cb6bd4a0b4871299c31af17", "f680f9b0fd46ac04ef150824081da910"},
		24: {"4558fbb7440bc1f7324d6aedd14e8b2d", "a09718b31b7ad1c4555b2687c78dcd52"},
		25: {"a8162dd7f4b14abfa34de10d9af32fb9"},
		26: {"fe1cdea5c181dbcc58714f4cd35517a5"},
		27: {"742845776376ec5b00f81b2562e211cd", "fa45d54f700ea0d0ca07d52c34f8e8a6"},
		28: {"22c699e77dc1934a1716e214d78b19a0"},
		29: {"d8767db7a5365ca8f5a780f25197fcf1"},
		30: {"ff26f00feb762091bb381cf23862396f"},
		31: {"321b2546ab3aa2e5743286dc2594beae"},
		32: {"c4a9e29fa2abdccd7703811ebb95d686"},
		33: {"51097a2f874c0b44d5c794e902900663"},
		34: {"5320f661769c16d432b2592c4eeb6521"},
		35: {"7f38164ced039bf57417b17a759ba1f0", "796ec800d3f5929446b887eff2f39557"},
		36: {"4f6a00959e461ac6518aa8e16f104b8a"},
		37: {"a4880adf944dbc7435eeefd5ab4acd68"},
		38: {"41dd08a554d7a65ff256867ecb45c2f4"},
	}
}

// TestMigrationsNeverChange: a migration that has landed stays as it was, whether it is a
// file, statements per engine or code.
func TestMigrationsNeverChange(t *testing.T) {
	landed := landedMigrations()
	sqlite, err := store.MigrationChecksums(sqldb.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	postgres, err := store.MigrationChecksums(sqldb.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range slices.Sorted(maps.Keys(sqlite)) {
		line := fmt.Sprintf("%d: {%q, %q},", version, sqlite[version], postgres[version])
		if sqlite[version] == postgres[version] {
			line = fmt.Sprintf("%d: {%q},", version, sqlite[version])
		}
		want, known := landed[version]
		switch {
		case !known:
			t.Errorf("migration %d has no checksum here yet. Add it to landedMigrations in the commit that adds the "+
				"migration:\n%s", version, line)
		case sqlite[version] != want[0] || postgres[version] != want[len(want)-1]:
			t.Errorf("migration %d has changed after it landed: databases on which it ran would be refused. Undo the change, "+
				"and write another migration. Now it would be\n%s", version, line)
		}
		delete(landed, version)
	}
	for version := range landed {
		t.Errorf("migration %d is gone", version)
	}
}

// TestChangedMigration: a database on which another text of a migration ran is refused,
// with a sentence for the operator, and is left as it is; one that was made before there
// were checksums gets them.
func TestChangedMigration(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			s := storetest.Open(t, at, c.Now)
			config := store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: c.Now}
			const count = `SELECT CAST(COUNT(*) AS TEXT) FROM migration_checksum`
			all := textRows(t, s, `SELECT CAST(MAX(version_id) AS TEXT) FROM goose_db_version`)
			if got := textRows(t, s, count); !slices.Equal(got, all) {
				t.Errorf("%v checksums of %v migrations", got, all)
			}
			for _, version := range []string{"1", "12", "17"} { // a file, statements per engine, code
				mustExec(t, s, `UPDATE migration_checksum SET checksum = 'x' || checksum WHERE version = `+version)
				for from, err := range map[string]error{"open": openAgain(t.Context(), config),
					"check": store.Check(t.Context(), config)} {
					if access.KindOf(err) != access.Unavailable || !strings.Contains(err.Error(), "The database was written by "+
						"another build of myaccess: its migration "+version+" differs.") {
						t.Errorf("%s, migration %s: %v", from, version, err)
					}
				}
				mustExec(t, s, `UPDATE migration_checksum SET checksum = substr(checksum, 2) WHERE version = `+version)
			}
			mustExec(t, s, `INSERT INTO migration_checksum (version, checksum) VALUES (0, 'x')`) // of a build with more
			if err := openAgain(t.Context(), config); access.KindOf(err) != access.Unavailable {
				t.Errorf("an unknown migration: %v", err)
			}
			mustExec(t, s, `DROP TABLE migration_checksum`)
			if err := store.Check(t.Context(), config); err != nil {
				t.Errorf("checking a database without checksums: %v", err)
			}
			if err := openAgain(t.Context(), config); err != nil {
				t.Fatal(err)
			}
			if got := textRows(t, s, count); !slices.Equal(got, all) {
				t.Errorf("%v checksums were adopted", got)
			}
		})
	}
}

// openAgain opens and closes a database.
func openAgain(ctx context.Context, c store.Config) error {
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	return s.Close()
}
