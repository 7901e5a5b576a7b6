package store

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

// MailsPerDomain is the maximum number of messages to recipients of one mail
// domain that are being sent at the same time, by all portals on the database. A
// domain whose server is slow or dead occupies that many workers and no more.
const MailsPerDomain = 2

// Mail is a message in the queue. Its content is made when it is sent, from the
// request, in the recipient's language.
type Mail struct {
	ID      access.MailID
	Tenant  access.TenantID
	Kind    string // of package mail
	Person  access.PersonID
	Request access.RequestID
	// Email is the address of Person, for QueueMail, which reads it if it is empty. It
	// is not stored.
	Email string
	// Address and Text are set instead of Person and Request for messages to
	// unknown people. Text is encrypted at rest.
	Address string
	Text    string
	Stage   int
	Created time.Time
	// Delay is how long a new message waits before it is sent. It is not stored.
	Delay time.Duration

	// Domain is the domain of the recipient's address when the message was
	// queued; QueueMail sets it.
	Domain string

	Attempts  int
	NextTry   time.Time // zero when sent or given up; while it is being sent, the end of the lease
	Sent      time.Time // zero before; for a message that nobody needed any more, when that was found
	LastError string
	// Failure is the cause of LastError, or why the message was not needed any more, of
	// package mail; empty for another error.
	Failure string
	Queued  time.Time // when it was last put into the queue by SendMailAgain; zero if never
	fence   int64
}

func (r *Reader) mailColumns(m *Mail) []column {
	return []column{
		{"id", &m.ID},
		{"tenant_id", &m.Tenant},
		{"kind", &m.Kind},
		{"COALESCE(person_id, '')", &m.Person},
		{"COALESCE(request_id, '')", &m.Request},
		{"address", &m.Address},
		{"text", scanSecret{r, &m.Text, func() string { return "mail " + string(m.ID) }}},
		{"stage", &m.Stage},
		{"created", scanTime{&m.Created}},
		{"domain", &m.Domain},
		{"attempts", &m.Attempts},
		{"next_try", scanTime{&m.NextTry}},
		{"sent", scanTime{&m.Sent}},
		{"last_error", &m.LastError},
		{"failure", &m.Failure},
		{"queued_again", scanTime{&m.Queued}},
		{"fence", &m.fence},
	}
}

// Mails are the messages about a request in the order in which they were made.
func (r *Reader) Mails(ctx context.Context, t access.TenantID, q access.RequestID) ([]Mail, error) {
	return queryAll(ctx, r, r.mailColumns, `SELECT {columns} FROM mail WHERE tenant_id = $1 AND request_id = $2
		ORDER BY id`, t, q)
}

// QueueMail adds messages of one tenant to the queue. People without an address get
// none.
func (tx *Tx) QueueMail(ctx context.Context, all ...Mail) error {
	emails, err := tx.emailsOf(ctx, all)
	if err != nil {
		return err
	}
	mails := tx.Bulk("mail", "tenant_id", "id", "kind", "person_id", "request_id", "address", "domain", "text", "stage",
		"created", "next_try", "fence", "attempts", "last_error")
	for _, m := range all {
		to := cmp.Or(m.Address, m.Email, emails[m.Person])
		if to == "" {
			continue
		}
		id := tx.NewID()
		err := mails.Add(ctx, m.Tenant, id, m.Kind, textOrNull(m.Person), textOrNull(m.Request), m.Address,
			mailDomain(to), tx.seal(m.Text, "mail "+id), int64(m.Stage), ms(tx.Now),
			ms(tx.Now.Add(m.Delay)), int64(0), int64(0), "")
		if err != nil {
			return err
		}
	}
	return mails.Flush(ctx)
}

// DropQueuedMails deletes the messages of the kinds about a request that have not been
// sent and are not being sent.
func (tx *Tx) DropQueuedMails(ctx context.Context, q access.Request, kinds ...string) error {
	a := sqlq.Args{}
	return tx.exec(ctx, `DELETE FROM mail WHERE tenant_id = `+a.Add(q.Tenant)+` AND request_id = `+a.Add(q.ID)+`
		AND sent IS NULL AND slot IS NULL AND kind IN `+sqlq.In(&a, kinds), a.Values...)
}

// LastMailAbout is the kind of the newest message to the target of the request about its
// package, of the kinds and created after since; empty if there is none.
func (r *Reader) LastMailAbout(ctx context.Context, q access.Request, since time.Time,
	kinds ...string) (string, error) {
	a := sqlq.Args{}
	tenant, person, pack := a.Add(q.Tenant), a.Add(q.Target), a.Add(q.Package)
	kind, _, err := queryOptional(ctx, r, func(k *string) []column { return []column{{"ml.kind", k}} },
		`SELECT {columns} FROM request req CROSS JOIN mail ml
		WHERE ml.tenant_id = req.tenant_id AND ml.request_id = req.id AND req.tenant_id = `+tenant+` AND req.target_id = `+
			person+` AND req.package_id = `+pack+`
		AND ml.person_id = `+person+` AND ml.created > `+a.Add(ms(since))+` AND ml.kind IN `+sqlq.In(&a, kinds)+`
		ORDER BY ml.id DESC LIMIT 1`, a.Values...)
	return kind, err
}

// emailsOf returns the addresses of the people that messages of one tenant are
// for, without those that are known.
func (r *Reader) emailsOf(ctx context.Context, all []Mail) (map[access.PersonID]string, error) {
	var people []access.PersonID
	for _, m := range all {
		if m.Address == "" && m.Email == "" {
			people = append(people, m.Person)
		}
	}
	type address struct {
		person access.PersonID
		email  string
	}
	found, err := queryBlocks(ctx, r, func(a *address) []column {
		return []column{{"per.id", &a.person}, {"per.email", &a.email}}
	}, people, func(a *sqlq.Args, block []access.PersonID) string {
		return `SELECT {columns} FROM person per WHERE per.tenant_id = ` + a.Add(all[0].Tenant) + ` AND per.id IN ` +
			sqlq.In(a, block)
	})
	emails := make(map[access.PersonID]string, len(found))
	for _, a := range found {
		emails[a.person] = a.email
	}
	return emails, err
}

// noMailDomain is the domain of messages to addresses without one. They fail
// before a server is asked. The name is reserved (RFC 2606).
const noMailDomain = "invalid"

// mailDomain is the domain of an address by which messages are limited
// (MailsPerDomain). What follows the last @ of anything else is only folded: it
// never identifies anyone here.
func mailDomain(address string) string {
	if d, ok := mailaddr.DomainOf(address); ok {
		return string(d)
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 || at == len(address)-1 {
		return noMailDomain
	}
	return fold(address[at+1:])
}

// ClaimMail claims one due message for the duration of lease; ok is false if none
// can be claimed. It takes turns between mail domains, so that a long queue for one
// does not delay the others: after is the domain of the message claimed before,
// empty at first. Within a domain, the message that has been due the longest
// comes first. A message whose lease has expired counts as due.
func (s *Store) ClaimMail(ctx context.Context, lease time.Duration, after string) (Mail, bool, error) {
	for range claimAttempts {
		now := s.config.Now()
		next, ok, err := s.nextMail(ctx, now, after)
		if err == nil && !ok && after != "" {
			next, ok, err = s.nextMail(ctx, now, "")
		}
		if err != nil || !ok {
			return Mail{}, false, err
		}
		m, ok, err := s.leaseMail(ctx, next, now, lease)
		if err != nil || ok {
			return m, ok, err
		}
		// Another portal has claimed the message, or the slot.
	}
	return Mail{}, false, nil // the next poll tries again
}

// claimAttempts is how often ClaimMail tries to be the first of several portals.
const claimAttempts = 20

// claimableMail is a message that can be claimed, and the slot that its lease
// takes: a number from 1 to MailsPerDomain that no other lease of the domain has.
type claimableMail struct {
	id   access.MailID
	slot int64
}

// nextMail returns a message that can be claimed: one whose lease has expired, or
// the first of the next domain after the given one that has a due message and a
// free slot. The recursion steps from domain to domain by the index, so neither
// the queue of a domain without a free slot nor messages that wait for a retry are
// read.
func (r *Reader) nextMail(ctx context.Context, now time.Time, after string) (claimableMail, bool, error) {
	return queryOptional(ctx, r, func(c *claimableMail) []column {
		return []column{{"ready.id", &c.id}, {"ready.slot", &c.slot}}
	}, `WITH RECURSIVE queued (domain) AS (
			SELECT (SELECT ml.domain FROM mail ml WHERE ml.next_try IS NOT NULL AND ml.slot IS NULL
				AND ml.domain > $1 ORDER BY ml.domain LIMIT 1)
			UNION ALL
			SELECT (SELECT ml.domain FROM mail ml WHERE ml.next_try IS NOT NULL AND ml.slot IS NULL
				AND ml.domain > queued.domain ORDER BY ml.domain LIMIT 1)
			FROM queued WHERE queued.domain IS NOT NULL)
		SELECT {columns} FROM (
			SELECT ml.id AS id, ml.slot AS slot FROM mail ml WHERE ml.slot IS NOT NULL AND ml.next_try <= $2
			UNION ALL
			SELECT (SELECT ml.id FROM mail ml WHERE ml.domain = queued.domain AND ml.slot IS NULL AND ml.next_try <= $2
					ORDER BY ml.next_try LIMIT 1),
				(SELECT MIN(slots.slot) FROM (`+mailSlots()+`) AS slots WHERE NOT EXISTS
					(SELECT 1 FROM mail ml WHERE ml.domain = queued.domain AND ml.slot = slots.slot))
			FROM queued) AS ready
		WHERE ready.id IS NOT NULL AND ready.slot IS NOT NULL LIMIT 1`, after, ms(now))
}

// mailSlots is a query of the numbers from 1 to MailsPerDomain.
func mailSlots() string {
	all := `SELECT CAST(1 AS BIGINT) AS slot`
	for n := 2; n <= MailsPerDomain; n++ {
		all += ` UNION ALL SELECT ` + strconv.Itoa(n)
	}
	return all
}

// leaseMail claims a message; ok is false if another portal has claimed it, or its
// slot, since it was read. The unique index on the slots of a domain is what
// enforces MailsPerDomain.
func (s *Store) leaseMail(ctx context.Context, c claimableMail, now time.Time,
	lease time.Duration) (m Mail, ok bool, err error) {
	w := s.writer()
	m, ok, err = queryOptional(ctx, w, w.mailColumns, `UPDATE mail SET slot = $2, next_try = $3, fence = fence + 1
		WHERE id = $1 AND next_try <= $4 AND (slot IS NULL OR slot = $2) RETURNING {columns}`,
		c.id, c.slot, ms(now.Add(lease)), ms(now))
	if sqldb.IsConflict(err) {
		return Mail{}, false, nil
	}
	return m, ok, err
}

// RenewMail lets the lease of a claimed message expire only after the duration from
// now. It returns a Conflict if the message has been claimed again.
func (s *Store) RenewMail(ctx context.Context, m Mail, lease time.Duration) error {
	_, ok, err := queryOptional(ctx, s.writer(), value[int64], `UPDATE mail SET next_try = $3
		WHERE id = $1 AND fence = $2 AND slot IS NOT NULL RETURNING fence`, m.ID, m.fence, ms(s.config.Now().Add(lease)))
	if err == nil && !ok {
		return stale()
	}
	return err
}

// FinishMail ends a lease and stores the result of the attempt: m.Sent,
// m.Attempts, m.NextTry, m.LastError and m.Failure. It does nothing if the message has
// been claimed again. The text of a message that is given up stays, for
// Tx.SendMailAgain, unless it is a one-time passcode.
func (tx *Tx) FinishMail(ctx context.Context, m Mail) error {
	return tx.exec(ctx, `UPDATE mail SET attempts = $3, next_try = CAST($4 AS BIGINT), slot = NULL, sent = $5,
		last_error = $6, failure = $7, text = CASE WHEN CAST($4 AS BIGINT) IS NULL
			AND (CAST($5 AS BIGINT) IS NOT NULL OR address <> '') THEN NULL ELSE text END
		WHERE id = $1 AND fence = $2`,
		m.ID, m.fence, int64(m.Attempts), msOrNull(m.NextTry), msOrNull(m.Sent), m.LastError, m.Failure)
}

// fillMailDomains sets the domains of the stored messages that are still to be
// sent.
func fillMailDomains(ctx context.Context, q sqldb.Querier) error {
	r := &Reader{q: q}
	type unsent struct{ id, address string }
	all, err := queryAll(ctx, r, func(m *unsent) []column {
		return []column{{"ml.id", &m.id}, {"COALESCE(per.email, ml.address)", &m.address}}
	}, `SELECT {columns} FROM mail ml
		LEFT JOIN person per ON per.tenant_id = ml.tenant_id AND per.id = ml.person_id
		WHERE ml.next_try IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := r.exec(ctx, `UPDATE mail SET domain = $2 WHERE id = $1`, m.id, mailDomain(m.address)); err != nil {
			return err
		}
	}
	return nil
}
