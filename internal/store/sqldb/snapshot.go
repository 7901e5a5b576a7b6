package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"sync"
)

// Cache holds results of queries for one version of the database. A nil Cache
// holds nothing. Values are shared by all readers and must not be changed.
type Cache struct {
	mu     sync.RWMutex
	values map[any]any
	cost   int
}

// maxCost limits a Cache to some megabytes. A slice or map costs its length, any
// other value 1.
const maxCost = 10_000

// Cached returns the cached result of read for the key, or calls read and caches
// its result. Each use has a struct type of its own as key. Errors are not
// cached.
func Cached[K comparable, T any](c *Cache, key K, read func() (T, error)) (T, error) {
	if value, ok := c.Get(key); ok {
		return value.(T), nil
	}
	value, err := read()
	if err == nil {
		c.Put(key, value)
	}
	return value, err
}

// Get is the value cached for the key.
func (c *Cache) Get(key any) (any, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	value, ok := c.values[key]
	return value, ok
}

// Put caches a value, unless the cache is full.
func (c *Cache) Put(key, value any) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cost := costOf(value)
	if c.cost+cost <= maxCost {
		c.values[key] = value
		c.cost += cost
	}
}

func costOf(value any) int {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return max(1, v.Len())
	}
	return 1
}

// Snapshot runs the queries of one page. It contains everything committed before
// it was made, by any process. One goroutine at a time uses it, and calls End.
//
// On PostgreSQL all queries until End see one state of the database: that of the
// first one. On SQLite each sees what is committed, and results can be cached.
type Snapshot struct {
	Querier
	// Cache is that of the database's current version. It is nil on PostgreSQL,
	// where commits cannot be noticed, and when the version cannot be read.
	Cache *Cache
	tx    *readTx // nil on SQLite
	ended bool
}

// Snapshot is a snapshot of the database. On PostgreSQL the transaction begins
// with the first query.
func (d *DB) Snapshot() *Snapshot {
	if d.snapshots != nil {
		return &Snapshot{Querier: d.Reader(), Cache: d.snapshots.current()}
	}
	tx := &readTx{pages: d.pages, plain: standard{d.read}}
	return &Snapshot{Querier: d.intercepted(tx), tx: tx}
}

// End returns the connection. Queries after it run each by itself.
func (s *Snapshot) End() {
	s.ended = true
	if s.tx != nil {
		s.tx.close()
	}
}

// Ended reports whether the snapshot has ended.
func (s *Snapshot) Ended() bool { return s.ended }

// snapshots notices commits to an SQLite file on a connection of its own: each
// changes the result of PRAGMA data_version there.
type snapshots struct {
	pool *sql.DB

	mu      sync.Mutex
	conn    *sql.Conn
	version int64
	cache   *Cache
}

// current is the cache of the current version; nil if it cannot be read.
func (s *snapshots) current() *Cache {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.conn == nil
	version, err := s.readVersion()
	if err != nil {
		if s.conn != nil {
			_ = s.conn.Close() // the next call opens another one
		}
		s.conn, s.cache = nil, nil
		return nil
	}
	if fresh || version != s.version {
		s.version, s.cache = version, &Cache{values: map[any]any{}}
	}
	return s.cache
}

// readVersion bypasses database/sql to avoid its overhead.
func (s *snapshots) readVersion() (version int64, err error) {
	ctx := context.Background() // the connection outlives the request that opens it
	if s.conn == nil {
		if s.conn, err = s.pool.Conn(ctx); err != nil {
			return 0, err
		}
	}
	err = s.conn.Raw(func(c any) (err error) {
		q, ok := c.(driver.QueryerContext)
		if !ok {
			return errDriverChanged
		}
		rows, err := q.QueryContext(ctx, `PRAGMA data_version`, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		row := make([]driver.Value, 1)
		if err := rows.Next(row); err != nil {
			return errors.Join(err, io.ErrUnexpectedEOF)
		}
		if version, ok = row[0].(int64); !ok {
			return errDriverChanged
		}
		return nil
	})
	return version, err
}

func (s *snapshots) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn, s.cache = nil, nil
	return err
}
