package sqldb_test

import (
	"net/url"
	"testing"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// TestStatementsAreNotCompiled: on each kind of connection to PostgreSQL, statements are not
// compiled, unless the address asks for it.
func TestStatementsAreNotCompiled(t *testing.T) {
	address, ok := storetest.Addresses(t)["postgres"]
	if !ok {
		t.Skip("there is no PostgreSQL")
	}
	at := address(t)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("jit", "on")
	u.RawQuery = q.Encode()
	for address, want := range map[string]string{at: "off", u.String(): "on"} {
		d := open(t, address)
		jit := func(kind string, q sqldb.Querier) error {
			rows, err := q.QueryContext(t.Context(), `SHOW jit`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var got string
				if err := rows.Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s: jit is %s, want %s", kind, got, want)
				}
			}
			return rows.Err()
		}
		page := d.Snapshot()
		if err := jit("a page", page); err != nil {
			t.Error(err)
		}
		page.End()
		if err := jit("a statement", d.Reader()); err != nil {
			t.Error(err)
		}
		if err := d.Write(t.Context(), func(q sqldb.Querier) error { return jit("a transaction", q) }); err != nil {
			t.Error(err)
		}
	}
}
