package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver that the portal uses
)

// serveBare runs the smallest handler to compare with: a page is one query and
// as many bytes as the portal's page, a form is one row that is on the disk
// before the answer. It is a process of its own, as the portal is.
func serveBare(ctx context.Context, o options) error {
	db, err := openBare(o.bare)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY,
		at BIGINT NOT NULL)`); err != nil {
		return err
	}
	body := make([]byte, o.size)
	if _, err := rand.Read(body); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if err := bareQuery(r.Context(), db, isPostgres(o.bare), r.URL.Path); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body) // the client has closed the connection
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if isPostgres(o.bare) {
			if err := bareQuery(r.Context(), db, true, r.URL.Path); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		if _, err := db.ExecContext(r.Context(), `INSERT INTO bare VALUES ($1, $2)`, rand.Text(),
			time.Now().UnixMilli()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	if isPostgres(o.bare) {
		rows, err := openRows(ctx, o.bare)
		if err != nil {
			return err
		}
		defer rows.pool.Close()
		mux.Handle("POST "+rowsPath+"/", rows)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return db.Close()
}

// byBase is a load as a function of the base address of the server.
type byBase func(base string) func(context.Context, int) (time.Duration, error)

// measureBare runs a load on a bare handler over a copy of the portal's data,
// with the same options.
func measureBare(ctx context.Context, s *demoEnv, o options, do byBase) (loadResult, error) {
	database := filepath.Join(s.dir, "bare.db")
	if _, err := os.Stat(database); errors.Is(err, os.ErrNotExist) {
		if err := s.copyTo(ctx, database); err != nil {
			return loadResult{}, err
		}
	}
	return runOnBare(ctx, database, o, do)
}

// runOnBare runs a load on a bare handler over the database.
func runOnBare(ctx context.Context, database string, o options, do byBase) (loadResult, error) {
	self, err := os.Executable()
	if err != nil {
		return loadResult{}, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare", database, "-size", fmt.Sprint(o.size))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return loadResult{}, err
	}
	if err := cmd.Start(); err != nil {
		return loadResult{}, err
	}
	base, err := bufio.NewReader(out).ReadString('\n')
	var r loadResult
	if err == nil {
		r, err = runLoad(ctx, o, cmd.Process.Pid, do(strings.TrimSpace(base)))
	}
	return r, errors.Join(err, cmd.Process.Signal(os.Interrupt), cmd.Wait())
}

// copyTo copies the portal's database into another file.
func (s *demoEnv) copyTo(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+s.database+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, file)
	return errors.Join(err, db.Close())
}
