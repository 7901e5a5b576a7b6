package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// commitRate is how many small transactions per second another process commits
// while pages are measured.
const commitRate = 50

// minSearches is the target for searches per second meanwhile, for any word.
const minSearches = 2000

// serveCommits commits small transactions to the database, commitRate per second,
// until the context ends. It prints a line when it has begun, and their number at
// the end.
func serveCommits(ctx context.Context, database string) error {
	secret, err := loadOrCreateSecret(filepath.Join(filepath.Dir(database), "secret"))
	if err != nil {
		return err
	}
	s, err := store.Open(context.WithoutCancel(ctx), store.Config{Address: database, Key: secret, Now: time.Now})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	tick := time.NewTicker(time.Second / commitRate)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			fmt.Println(n)
			return s.Close()
		case <-tick.C:
		}
		if err := s.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			return tx.AddDraft(context.WithoutCancel(ctx), access.FormDraft{Key: signin.HashToken(signin.NewToken())})
		}); err != nil {
			return errors.Join(err, s.Close())
		}
	}
}

// whileCommitting runs do while another process commits, and returns how many
// commits per second it has made.
func whileCommitting(ctx context.Context, database string, do func() error) (perSecond float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "-commit", database) //nolint:gosec // this program itself
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReader(out)
	_, err = lines.ReadString('\n')
	begun := time.Now()
	if err == nil {
		err = do()
	}
	took := time.Since(begun)
	err = errors.Join(err, cmd.Process.Signal(os.Interrupt))
	last, wrong := lines.ReadString('\n')
	n, unread := strconv.Atoi(strings.TrimSpace(last))
	return float64(n) / took.Seconds(), errors.Join(err, wrong, unread, cmd.Wait())
}

// measureChurn prints how many pages of the sample's list of access packages, and
// of searches in it, are served while another process commits.
func measureChurn(ctx context.Context, o options, binary, dir string, out, log io.Writer) error {
	l, err := openSample(ctx, binary, filepath.Join(dir, fmt.Sprintf("sample-%g", o.full)), "", o.full, log)
	if err != nil {
		return err
	}
	figures, err := l.searchesPerSecond(ctx, o)
	if err := errors.Join(err, l.portal.Stop()); err != nil {
		return err
	}
	return printFigures(out, figures)
}

// searchesPerSecond measures the list and the searches.
func (l *sampleEnv) searchesPerSecond(ctx context.Context, o options) ([]figure, error) {
	texts, err := l.searchTexts(ctx)
	if err != nil {
		return nil, err
	}
	clients := newClients(o.clients)
	var all []figure
	rate, err := whileCommitting(ctx, l.database, func() error {
		for _, t := range texts {
			address := "/access-packages?" + url.Values{"q": {t.text}}.Encode()
			r, err := runLoad(ctx, o, l.portal.PID(), func(ctx context.Context, i int) (time.Duration, error) {
				v := l.people[i%len(l.people)]
				q, err := newRequest(ctx, v, http.MethodGet, v.TenantURL(l.portal)+address, "")
				if err != nil {
					return 0, err
				}
				took, _, err := timeRequest(clients[i], q, http.StatusOK)
				return took, err
			})
			if err != nil {
				return err
			}
			all = append(all, figure{name: t.name, value: r.String(), target: fmt.Sprintf("at least %d/s", minSearches),
				missed: r.perSecond < minSearches})
		}
		return nil
	})
	return append([]figure{{name: "while another process commits", value: fmt.Sprintf("%.0f commits/s", rate),
		target: fmt.Sprintf("%d/s", commitRate), missed: rate < 0.9*commitRate}}, all...), err
}

// searchText is a text to search for, with the name of its line.
type searchText struct{ name, text string }

// searchTexts are the texts that searchesPerSecond searches for.
func (l *sampleEnv) searchTexts(ctx context.Context) ([]searchText, error) {
	db, err := l.openReadOnly()
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // opened read-only
	const words = ` FROM search_word WHERE kind = 'package' AND length(word) > 3 GROUP BY `
	all := []searchText{{name: "list of access packages"}}
	for _, q := range []struct{ name, query string }{
		{"search for the most common word",
			`SELECT word, COUNT(*)` + words + `word ORDER BY COUNT(*) DESC, length(word) DESC LIMIT 1`},
		{"search for the rarest word of 1 % of the packages or more", `SELECT word, COUNT(*)` + words + `word
			HAVING COUNT(*) >= (SELECT COUNT(*) / 100 FROM package) ORDER BY COUNT(*), word LIMIT 1`},
		{"search for the beginning of the most words", `SELECT substr(word, 1, 3), COUNT(DISTINCT object_id)` + words +
			`substr(word, 1, 3) ORDER BY COUNT(DISTINCT word) DESC, 2 DESC LIMIT 1`},
	} {
		var text string
		var n int
		if err := db.QueryRowContext(ctx, q.query).Scan(&text, &n); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		all = append(all, searchText{fmt.Sprintf("%s, “%s” (%d packages)", q.name, text, n), text})
	}
	return all, nil
}
