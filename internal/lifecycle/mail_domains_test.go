package lifecycle_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/jobs"
	"myaccess/internal/jobs/jobstest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/mail/mailtest"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// The mail domains of the tests below: the servers of two do not keep up with the
// mails to them.
const (
	quickDomain  = "harbor.example"
	slowDomain   = "slow.example"   // answers late
	silentDomain = "silent.example" // never answers
)

// mailServers is a mail.Sender with an SMTP server for each mail domain.
type mailServers map[access.Domain]*mail.SMTP

func (s mailServers) Send(ctx context.Context, e mail.Envelope) error {
	domain, _ := mailaddr.DomainOf(e.To)
	return s[domain].Send(ctx, e)
}

// addServer starts the SMTP server of a domain, on a network in memory if that is
// set.
func (s mailServers) addServer(t *testing.T, domain access.Domain, network *mailtest.Network) *mailtest.Server {
	t.Helper()
	server := mailtest.Start(t, mailtest.Config{Network: network})
	c := mail.Config{Addr: server.Addr(), From: "no-reply@meridian.example", TLS: mail.TLSNone, Now: time.Now}
	if network != nil {
		c.Dial = network.Dial
	}
	client, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	s[domain] = client
	return server
}

// queueCodes queues n mails to addresses of each domain, one domain after the
// other.
func queueCodes(w *storetest.World, n int, domains ...string) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, domain := range domains {
			for i := range n {
				if err := tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: string(mail.Passcode),
					Address: fmt.Sprintf("person%d@%s", i, domain), Text: "12345678"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// startMailJob runs the job that sends mails until stop is called, which waits for
// the mails in progress.
func startMailJob(t *testing.T, s *store.Store, send mail.Sender) (stop func()) {
	t.Helper()
	return startJob(t, lifecycle.New(lifecycle.Config{Store: s, Sender: send, BaseURL: "https://access.meridian.example",
		Log: slog.New(slog.DiscardHandler), Jitter: func() float64 { return 0.5 }}), "send mails")
}

// startJob runs the job with the name until stop is called, which waits for what
// is in progress.
func startJob(t *testing.T, l *lifecycle.Lifecycle, name string) (stop func()) {
	t.Helper()
	var job []jobs.Job
	for _, j := range jobstest.List(l) {
		if j.Name == name {
			job = append(job, j)
		}
	}
	if len(job) != 1 {
		t.Fatalf("%d jobs are called %s", len(job), name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		jobs.New(job, time.Now, slog.New(slog.NewTextHandler(t.Output(), nil))).Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// received returns the messages that the server of a domain has accepted.
type received map[access.Domain]*mailtest.Server

func (r received) count(domain access.Domain) int {
	if r[domain] == nil {
		return 0
	}
	return len(r[domain].Messages())
}

// addServers starts servers of the three mail domains, which answer RCPT after the
// delays; in memory, or on loopback ports.
func (s mailServers) addServers(t *testing.T, memory bool, delays map[access.Domain]time.Duration) received {
	t.Helper()
	r := received{}
	for domain, delay := range delays {
		var network *mailtest.Network
		if memory {
			network = mailtest.NewNetwork()
		}
		r[domain] = s.addServer(t, domain, network)
		if delay > 0 {
			r[domain].Fail(mailtest.Fault{At: mailtest.AtRcpt, Delay: delay})
		}
	}
	return r
}

// never is a delay that no test waits for.
const never = 1000 * time.Hour

// TestSlowMailDomainsDelayNobody: many people in each of three mail domains get a
// mail. The server of one domain answers each of them after 20 seconds, that of
// another never. The third domain is served as fast as without the other two, and
// the slow one at the rate that its server allows. SMTP runs on networks in memory
// and on a virtual clock, on which a mail to the third domain takes 100 ms.
func TestSlowMailDomainsDelayNobody(t *testing.T) {
	people := deeptest.People(t, 100)
	alone := sendToSlowDomains(t, people, quickDomain)
	beside := sendToSlowDomains(t, people, slowDomain, silentDomain, quickDomain)
	if beside > alone*11/10 {
		t.Errorf("%d mails to %s take %s alone, and %s beside slow domains", people, quickDomain, alone, beside)
	}
}

// sendToSlowDomains sends mails to people of each domain and returns how long those
// of quickDomain took.
func sendToSlowDomains(t *testing.T, people int, domains ...string) (took time.Duration) {
	address := storetest.Migrated()["sqlite"](t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, address, time.Now, storetest.RunOnce)
		servers := mailServers{}
		got := servers.addServers(t, true, map[access.Domain]time.Duration{quickDomain: 100 * time.Millisecond,
			slowDomain: 20 * time.Second, silentDomain: never})
		queueCodes(storetest.NewWorld(t, s), people, domains...)
		start := time.Now()
		stop := startMailJob(t, s, servers)
		for got.count(quickDomain) < people && time.Since(start) < time.Hour {
			time.Sleep(10 * time.Millisecond)
		}
		took = time.Since(start)
		t.Logf("with %d domains: %d mails to %s in %s, %.1f per second; meanwhile %d to %s and %d to %s", len(domains),
			got.count(quickDomain), quickDomain, took, float64(people)/took.Seconds(), got.count(slowDomain), slowDomain,
			got.count(silentDomain), silentDomain)
		if len(domains) > 1 { // two mails at a time
			time.Sleep(time.Duration(people/store.MailsPerDomain)*20*time.Second + time.Minute - took)
			if n := got.count(slowDomain); n != people {
				t.Errorf("%d of %d mails to %s were sent", n, people, slowDomain)
			}
		}
		stop()
	})
	return took
}

// senderFunc is a mail.Sender.
type senderFunc func(context.Context, mail.Envelope) error

func (f senderFunc) Send(ctx context.Context, e mail.Envelope) error { return f(ctx, e) }

// TestMailTakesLimitedTime: a mail whose sender does not return is given up after
// 75 seconds, and retried. A shutdown waits five seconds
// for it.
func TestMailTakesLimitedTime(t *testing.T) {
	address := storetest.Migrated()["sqlite"](t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, address, time.Now, storetest.RunOnce)
		var tries []time.Duration
		start := time.Now()
		queueCodes(storetest.NewWorld(t, s), 1, silentDomain)
		stop := startMailJob(t, s, senderFunc(func(ctx context.Context, _ mail.Envelope) error {
			tries = append(tries, time.Since(start).Truncate(time.Second))
			<-ctx.Done()
			return ctx.Err()
		}))
		time.Sleep(90 * time.Second)
		stopped := time.Now()
		stop()
		if d := cmp.Diff([]time.Duration{0, 80 * time.Second}, tries); d != "" { // a pause of five seconds
			t.Errorf("attempts: %s", d)
		}
		if d := time.Since(stopped); d != 5*time.Second {
			t.Errorf("the shutdown took %s", d)
		}
	})
}

// TestMailDomainsShareWorkers: five domains, which could occupy more workers than
// there are, get their mails at the same rate.
func TestMailDomainsShareWorkers(t *testing.T) {
	address := storetest.Migrated()["sqlite"](t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, address, time.Now, storetest.RunOnce)
		var mu sync.Mutex
		sent := map[access.Domain]int{}
		queueCodes(storetest.NewWorld(t, s), 60, "a.example", "b.example", "c.example", "d.example", "e.example")
		stop := startMailJob(t, s, senderFunc(func(_ context.Context, e mail.Envelope) error {
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			domain, _ := mailaddr.DomainOf(e.To)
			sent[domain]++
			return nil
		}))
		time.Sleep(2020 * time.Millisecond) // 20 turns of the 8 workers
		mu.Lock()
		for _, domain := range []access.Domain{"a.example", "b.example", "c.example", "d.example", "e.example"} {
			if n := sent[domain]; n < 28 || n > 36 {
				t.Errorf("%d of 160 mails went to %s, want 32", n, domain)
			}
		}
		mu.Unlock()
		stop()
	})
}

// TestMailAcceptedDuringShutdown: a mail that the server accepts within five
// seconds of a shutdown is not sent again.
func TestMailAcceptedDuringShutdown(t *testing.T) {
	address := storetest.Migrated()["sqlite"](t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, address, time.Now, storetest.RunOnce)
		sent := 0
		queueCodes(storetest.NewWorld(t, s), 1, slowDomain)
		send := senderFunc(func(ctx context.Context, _ mail.Envelope) error {
			select {
			case <-time.After(4 * time.Second):
				sent++
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		stop := startMailJob(t, s, send)
		synctest.Wait()
		stop()
		if sent != 1 {
			t.Errorf("the shutdown did not wait for the mail")
		}
		stop = startMailJob(t, s, send)
		time.Sleep(time.Hour)
		stop()
		if sent != 1 {
			t.Errorf("sent %d times", sent)
		}
	})
}

// TestSilentMailDomains: while the servers of two domains never answer, a third
// gets its mails, on both engines and over sockets.
func TestSilentMailDomains(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			const people = 40
			s := storetest.Open(t, address(t), time.Now, storetest.RunOnce)
			servers := mailServers{}
			got := servers.addServers(t, false, map[access.Domain]time.Duration{quickDomain: 0, slowDomain: never,
				silentDomain: never})
			queueCodes(storetest.NewWorld(t, s), people, slowDomain, silentDomain, quickDomain)
			start := time.Now()
			stop := startMailJob(t, s, servers)
			for got.count(quickDomain) < people && time.Since(start) < 25*time.Second {
				time.Sleep(time.Millisecond)
			}
			if n := got.count(quickDomain); n != people {
				t.Errorf("%d of %d mails were sent", n, people)
			}
			t.Logf("%d mails to %s in %s", people, quickDomain, time.Since(start))
			got[slowDomain].Close()
			got[silentDomain].Close()
			stop()
		})
	}
}
