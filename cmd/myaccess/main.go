// Command myaccess is the self-service access portal: `serve` runs it, `plan`,
// `apply` and `export` read and write what organisations have, `check-config`
// says what is wrong with the configuration, and `demo` runs the whole product
// with sample organisations.
//
// This package reads the configuration, once, and puts the parts together; it
// is the only one that looks at the clock of the machine.
package main

import (
	"context"

	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "development"

// commands are what can be typed.
type commands struct {
	Config      string        `help:"File of settings, a line NAME=value each. The environment goes before it." type:"path"`
	Serve       serve         `cmd:"" help:"Run the portal."`
	Demo        demonstration `cmd:"" help:"Run the whole product with sample organisations, a provider and a mailbox."`
	CheckConfig check         `cmd:"" help:"Say what is wrong with the configuration."`
	Init        found         `cmd:"" help:"Make an organization and print the link that makes its first administrator."`
	Sample      sampling      `cmd:"" help:"Fill an empty database with a believable installation of a chosen size."`
	Plan        plan          `cmd:"" help:"Say what applying a workspace file would change."`
	Apply       apply         `cmd:"" help:"Make what a workspace file names so."`
	Export      export        `cmd:"" help:"Write everything as a workspace file."`
	Vouch       vouch         `cmd:"" help:"Count a domain as proved that a provider of an organization waits for."`
	Reprocess   again         `cmd:"" help:"Deliver a request again."`
	Version     show          `cmd:"" help:"Say which version this is."`
}

// world is what a command gets of the world around it.
type world struct {
	ctx    context.Context
	getenv func(string) string
	out    io.Writer
	err    io.Writer
	file   string // of settings
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// run is the program: it returns when its work is done or ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) error {
	var c commands
	asked := false
	parser, err := kong.New(&c, kong.Name("myaccess"),
		kong.Description("A self-service access portal with the entitlement management behind it."),
		kong.Writers(out, errOut), kong.UsageOnError(), kong.Exit(func(int) { asked = true }))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if asked {
		return nil
	}
	if err != nil {
		return err
	}
	return parsed.Run(&world{ctx: ctx, getenv: getenv, out: out, err: errOut, file: c.Config})
}

// show is the command version.
type show struct{}

// Run implements the command.
func (show) Run(w *world) error {
	_, err := fmt.Fprintln(w.out, "myaccess "+version)
	return err
}
