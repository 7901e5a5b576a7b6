// Command myaccess is the self-service access portal: `serve` runs it, `plan`,
// `apply` and `export` read and write what organisations have, `check-config`
// checks the configuration, and `demo` runs the whole product with sample
// organizations.
//
// This package reads the configuration once and wires the packages together. It is
// the only one that reads the machine's clock.
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

// commands are the sub-commands and global flags.
type commands struct {
	Config      string         `help:"Settings file with one NAME=value per line. Environment variables override it." type:"path"`
	Serve       serveCmd       `cmd:"" help:"Run the portal."`
	Demo        demoCmd        `cmd:"" help:"Run a demonstration with sample organizations, identity providers and a mailbox."`
	CheckConfig checkConfigCmd `cmd:"" help:"Check the configuration and list all errors."`
	Init        initCmd        `cmd:"" help:"Create an organization and print the setup link for its first global administrator."`
	Sample      sampleCmd      `cmd:"" help:"Fill an empty database with sample data."`
	Plan        planCmd        `cmd:"" help:"Show what applying a workspace file would change."`
	Apply       applyCmd       `cmd:"" help:"Apply a workspace file."`
	Export      exportCmd      `cmd:"" help:"Export all organizations as a workspace file."`
	Vouch       vouchCmd       `cmd:"" help:"Verify a provider's domain without a TXT record."`
	Reprocess   reprocessCmd   `cmd:"" help:"Retry the delivery of a request."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// env is the environment of a command.
type env struct {
	ctx    context.Context
	getenv func(string) string
	out    io.Writer
	err    io.Writer
	file   string // of the flag --config
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

// run runs the command in args. It returns when the command is done or ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) error {
	var c commands
	exited := false // after --help
	parser, err := kong.New(&c, kong.Name("myaccess"),
		kong.Description("A self-service access portal with entitlement management."),
		kong.Writers(out, errOut), kong.UsageOnError(), kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if exited {
		return nil
	}
	if err != nil {
		return err
	}
	return parsed.Run(&env{ctx: ctx, getenv: getenv, out: out, err: errOut, file: c.Config})
}

// versionCmd is the command version.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.out, "myaccess "+version)
	return err
}
