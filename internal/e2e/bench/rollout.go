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

// rolloutResult is how a change of a package's resource roles went that everybody holds.
type rolloutResult struct {
	preview         string        // what was said of it before
	holders         int           // whom it reached
	saved           time.Duration // how long saving took
	drained         time.Duration // until the last holder was served
	progressChanges int           // how often the page told another figure meanwhile
	p50, p99        time.Duration // of pages that others opened meanwhile
}

// String tells it.
func (r rolloutResult) String() string {
	return fmt.Sprintf("%d holders; saved in %s ms, all served in %s, progress shown %d times; pages of others "+
		"meanwhile p50 %s ms, p99 %s ms",
		r.holders, milliseconds(r.saved), r.drained.Round(100*time.Millisecond), r.progressChanges, milliseconds(r.p50),
		milliseconds(r.p99))
}

// measureRollout removes a resource role from the package that most people hold, as an
// administrator does in the wizard, and watches until it is gone from all; then
// it gives it back. Both are told.
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

func (l *sampleEnv) changeRoles(ctx context.Context, db *sql.DB, pack string, what url.Values) (r rolloutResult, err error) {
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
		return r, fmt.Errorf("the preview does not say how many hold the package")
	}
	begun := time.Now()
	status, said, err := send("finish", "yes")
	if r.saved = time.Since(begun); err != nil || status != http.StatusOK {
		return r, errors.Join(err, fmt.Errorf("saving is answered with %d: %.300s", status, said))
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

// waitRollout waits until every holder has been served, looking at the page.
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

// watchPages opens pages of the portal one after the other until the context
// ends, and returns how long each took.
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
