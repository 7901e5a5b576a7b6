// Command bench measures the released program: its size, start-up time and
// memory, the bytes of a visit, and its throughput, compared with a bare
// handler on the same machine that runs one query and writes the same bytes.
// `make bench` runs it on the data of the demonstration, and then times every
// kind of page on samples at full size and at a tenth of it, while others
// browse.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"myaccess/internal/e2e/rig"
)

// figure is a line of the table.
type figure struct {
	name, value string
	target      string // empty: no target
	missed      bool
}

// options are the command line options.
type options struct {
	bare        string // database of the bare handler; empty: measure
	commit      string // database to commit to all the time; empty: measure
	size        int    // body size of the bare handler, in bytes
	clients     int
	duration    time.Duration // of each measurement under load
	full        float64       // scale of the sample whose pages are timed; 0: none
	data        string        // directory that keeps samples between runs
	samplesOnly bool          // only time the pages of the samples
	pgSize      float64       // scale of the sample on PostgreSQL; 0: none
	pgOnly      bool          // only measure on PostgreSQL
	churnOnly   bool          // only measure the sample while another process commits
}

func main() {
	var o options
	flag.StringVar(&o.bare, "bare", "", "be the bare handler over this database (used by the program itself)")
	flag.StringVar(&o.commit, "commit", "", "commit to this database all the time (used by the program itself)")
	flag.IntVar(&o.size, "size", 0, "bytes that the bare handler writes")
	flag.IntVar(&o.clients, "clients", 8, "how many clients ask at once")
	flag.DurationVar(&o.duration, "load", 5*time.Second, "how long to ask for")
	flag.Float64Var(&o.full, "full", 1, "size of the sample whose pages are timed, beside one of a tenth; 0 for none")
	flag.StringVar(&o.data, "data", "", "directory that keeps the samples for the next run")
	flag.BoolVar(&o.samplesOnly, "only", false, "time the pages of the sample and nothing else")
	flag.Float64Var(&o.pgSize, "pgsize", 0.3, "size of the sample on PostgreSQL; 0 for none")
	flag.BoolVar(&o.pgOnly, "pgonly", false, "measure on PostgreSQL and nothing else")
	flag.BoolVar(&o.churnOnly, "churn", false, "measure the sample while another process commits, and nothing else")
	flag.Parse()
	o.samplesOnly = o.samplesOnly || o.churnOnly
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	if o.bare != "" {
		return serveBare(ctx, o)
	}
	if o.commit != "" {
		return serveCommits(ctx, o.commit)
	}
	dir, err := os.MkdirTemp("", "myaccess-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	samples := cmp.Or(o.data, dir)
	binary, err := rig.Build(ctx, dir, true)
	if err != nil {
		return err
	}
	if o.pgSize > 0 && !o.samplesOnly {
		if err := measurePostgres(ctx, o, binary, samples, out, os.Stderr); err != nil || o.pgOnly {
			return err
		}
	}
	if !o.samplesOnly {
		s, err := openDemo(ctx, binary, dir)
		if err != nil {
			return err
		}
		figures, err := measure(ctx, s, o)
		if err := errors.Join(err, s.close()); err != nil {
			return err
		}
		if err := printFigures(out, figures); err != nil {
			return err
		}
	}
	if o.full == 0 {
		return nil
	}
	if err := measureChurn(ctx, o, binary, samples, out, os.Stderr); err != nil || o.churnOnly {
		return err
	}
	return measureSamples(ctx, o, binary, samples, out, os.Stderr)
}

// measure runs every measurement on the data of the demonstration.
func measure(ctx context.Context, s *demoEnv, o options) ([]figure, error) {
	var all []figure
	for _, m := range []func(context.Context, *demoEnv, options) ([]figure, error){measureSize, measureReady,
		measureTransfer, measureMemory, measureList, measureSubmit} {
		figures, err := m(ctx, s, o)
		if err != nil {
			return nil, err
		}
		all = append(all, figures...)
	}
	return all, nil
}

func printFigures(out io.Writer, figures []figure) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, err := fmt.Fprintln(w, "WHAT\tMEASURED\tTARGET")
	for _, f := range figures {
		mark := ""
		if f.missed {
			mark = "   MISSED"
		}
		_, wrong := fmt.Fprintf(w, "%s\t%s\t%s%s\n", f.name, f.value, f.target, mark)
		err = errors.Join(err, wrong)
	}
	return errors.Join(err, w.Flush())
}

// limitFigure returns a figure with an upper limit, both in the unit.
func limitFigure(name string, value, limit float64, unit string) figure {
	return figure{name, fmt.Sprintf("%.1f %s", value, unit), fmt.Sprintf("under %g %s", limit, unit), value >= limit}
}
