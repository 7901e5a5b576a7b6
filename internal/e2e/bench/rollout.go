package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// rolloutResult is the result of changing the resource roles of a package with
// many holders.
type rolloutResult struct {
	preview         string        // the text of the preview
	holders         int           // holders in the rollout
	saved           time.Duration // duration of the save
	drained         time.Duration // from the save until the last delivery
	progressChanges int           // changes of the progress on the page
	p50, p99        time.Duration // of other people's pages meanwhile
}

// String formats the result.
func (r rolloutResult) String() string {
	return fmt.Sprintf("%d holders; saved in %s ms, all served in %s, progress shown %d times; pages of others "+
		"meanwhile p50 %s ms, p99 %s ms",
		r.holders, milliseconds(r.saved), r.drained.Round(100*time.Millisecond), r.progressChanges, milliseconds(r.p50),
		milliseconds(r.p99))
}

// measureRollout removes a resource role from the package with the most
// holders, as an administrator does in the wizard, waits until it is removed
// from all, and adds it again. It returns both results.
func (l *sampleEnv) measureRollout(ctx context.Context) (removed, added rolloutResult, err error) {
	db, err := l.openReadOnly()
	if err != nil {
		return removed, added, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var pack, role string
	if err = db.QueryRowContext(ctx, `SELECT x.package_id, (SELECT role_id FROM package_role k
		WHERE k.package_id = x.package_id ORDER BY k.position LIMIT 1)
		FROM assignment x WHERE x.state = 'delivered' GROUP BY x.package_id ORDER BY COUNT(*) DESC LIMIT 1`).Scan(&pack,
		&role); err != nil {
		return removed, added, err
	}
	if removed, err = l.changeRoles(ctx, db, pack, url.Values{"remove": {role}}); err != nil {
		return removed, added, err
	}
	added, err = l.changeRoles(ctx, db, pack, url.Values{"role": {role}})
	return removed, added, err
}

func (l *sampleEnv) changeRoles(ctx context.Context, db *sql.DB, pack string,
	what url.Values) (r rolloutResult, err error) {
	address := l.admin.TenantURL(l.portal) + "/admin/access-packages/" + pack + "/roles"
	form, err := l.admin.Get(ctx, address+"/change")
	if err != nil {
		return r, err
	}
	fields := form.HiddenFields()
	for name, values := range what {
		fields[name] = values
	}
	send := func(button, value string) (int, string, error) {
		sent := url.Values{button: {value}, "at": {"choose"}}
		for name, values := range fields {
			sent[name] = values
		}
		p, err := l.admin.Post(ctx, address+"/change", sent)
		return p.Status, p.Body, err
	}
	_, preview, err := send("go", "preview")
	if err != nil {
		return r, err
	}
	if m := regexp.MustCompile(`[0-9,]+ people hold the access package now`).FindString(preview); m != "" {
		r.preview = m
	} else {
		return r, fmt.Errorf("the preview does not show the number of holders")
	}
	begun := time.Now()
	status, said, err := send("finish", "yes")
	if r.saved = time.Since(begun); err != nil || status != http.StatusOK {
		return r, errors.Join(err, fmt.Errorf("the save answered %d: %.300s", status, said))
	}
	others, stop := context.WithCancel(ctx)
	seen := make(chan []time.Duration, 1)
	go func() { seen <- l.watchPages(others) }()
	err = l.waitRollout(ctx, db, pack, address, &r)
	r.drained = time.Since(begun)
	stop()
	took := <-seen
	slices.Sort(took)
	if len(took) > 0 {
		r.p50, r.p99 = took[len(took)/2], took[len(took)*99/100]
	}
	return r, err
}

// waitRollout waits until every holder's delivery is done, and counts the
// changes of the progress on the page.
func (l *sampleEnv) waitRollout(ctx context.Context, db *sql.DB, pack, address string, r *rolloutResult) error {
	last := ""
	for {
		page, err := l.admin.Get(ctx, address)
		if err != nil {
			return err
		}
		if m := regexp.MustCompile(`[^>]*(?:wait for delivery)[^<]*`).FindString(page.Body); m != last && m != "" {
			last = m
			r.progressChanges++
		}
		var total, open, waiting int
		if err := db.QueryRowContext(ctx, `SELECT total, finished IS NULL, (SELECT COUNT(*) FROM delivery) FROM rollout
			WHERE package_id = $1 ORDER BY id DESC LIMIT 1`,
			pack).Scan(&total, &open, &waiting); err != nil {
			return err
		}
		if r.holders = total; open == 0 && waiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// watchPages opens pages of the portal in a loop until the context ends, and
// returns their latencies.
func (l *sampleEnv) watchPages(ctx context.Context) []time.Duration {
	client := newClient()
	var took []time.Duration
	for n := 0; ctx.Err() == nil; n++ {
		v := l.people[n%len(l.people)]
		r, err := newRequest(ctx, v, http.MethodGet, v.TenantURL(l.portal)+portalPaths()[n%len(portalPaths())], "")
		if err != nil {
			return took
		}
		t, _, err := timeRequest(client, r, http.StatusOK)
		if err != nil {
			return took
		}
		took = append(took, t)
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return took
}
