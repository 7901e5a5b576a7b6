package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
)

// Known is a reader for one page: of what every page asks for, it remembers what
// others have read at the same version of the database. What was committed
// before it was made, by whichever process, it sees; a commit since then it may
// not. On PostgreSQL, where no version tells of every commit, it remembers
// nothing, as a Reader and a Tx do.
func (r *Reader) Known() *Reader {
	if r.watch == nil {
		return r
	}
	known := *r
	known.memory = r.watch.memory()
	return &known
}

// memory is what has been read of the database at one version of it. What is in
// it is shared, so nobody may change it.
type memory struct {
	mu     sync.RWMutex
	held   map[any]any
	weight int
}

// heaviest bounds a memory, to some megabytes: what is held of one thing weighs
// one.
const heaviest = 10_000

// recall is what read found when it was last asked for the key at this version
// of the database. The key is a struct of a type that nothing else uses. Errors
// are not remembered.
func recall[K comparable, T any](m *memory, key K, read func() (T, error)) (T, error) {
	if held, ok := m.get(key); ok {
		return held.(T), nil
	}
	found, err := read()
	if err == nil {
		m.put(key, found)
	}
	return found, err
}

func (m *memory) get(key any) (any, bool) {
	if m == nil {
		return nil, false
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	held, ok := m.held[key]
	return held, ok
}

func (m *memory) put(key, value any) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	weight := 1
	if all, ok := value.([]OfferLine); ok {
		weight = max(1, len(all))
	}
	if m.weight+weight <= heaviest {
		m.held[key] = value
		m.weight += weight
	}
}

// watch notices commits to an SQLite file, on a connection of its own: each
// changes what PRAGMA data_version says there.
type watch struct {
	pool *sql.DB

	mu      sync.Mutex
	conn    *sql.Conn
	version int64
	now     *memory
}

// memory is that of the database's present version; nil if it cannot be told.
func (w *watch) memory() *memory {
	w.mu.Lock()
	defer w.mu.Unlock()
	fresh := w.conn == nil
	version, err := w.read()
	if err != nil {
		if w.conn != nil {
			_ = w.conn.Close() // another is taken the next time
		}
		w.conn, w.now = nil, nil
		return nil
	}
	if fresh || version != w.version {
		w.version, w.now = version, &memory{held: map[any]any{}}
	}
	return w.now
}

// read asks for the version past database/sql, whose ceremony would take longer
// than the answer.
func (w *watch) read() (version int64, err error) {
	ctx := context.Background() // what one page asks for is not given up with it
	if w.conn == nil {
		if w.conn, err = w.pool.Conn(ctx); err != nil {
			return 0, err
		}
	}
	err = w.conn.Raw(func(c any) (err error) {
		q, ok := c.(driver.QueryerContext)
		if !ok {
			return errors.New("the driver of SQLite has changed")
		}
		rows, err := q.QueryContext(ctx, `PRAGMA data_version`, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		answer := make([]driver.Value, 1)
		if err := rows.Next(answer); err != nil {
			return errors.Join(err, io.ErrUnexpectedEOF)
		}
		if version, ok = answer[0].(int64); !ok {
			return errors.New("a version is not a number")
		}
		return nil
	})
	return version, err
}

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return nil
	}
	err := w.conn.Close()
	w.conn, w.now = nil, nil
	return err
}
