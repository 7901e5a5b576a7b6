// Command myaccess is the self-service access portal: `serve` runs it, `plan`,
// `apply` and `export` read and write what organizations have, `check-config`
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

	"myaccess/internal/lang"
)

// version is set when a release is built.
var version = "development"

// commands are the sub-commands and global flags. The help texts are those of helpTexts.
type commands struct {
	Config      string         `help:"${help_config}" type:"path"`
	Serve       serveCmd       `cmd:"" help:"${help_serve}"`
	Demo        demoCmd        `cmd:"" help:"${help_demo}"`
	CheckConfig checkConfigCmd `cmd:"" help:"${help_check_config}"`
	Init        initCmd        `cmd:"" help:"${help_init}"`
	Sample      sampleCmd      `cmd:"" help:"${help_sample}"`
	Plan        planCmd        `cmd:"" help:"${help_plan}"`
	Apply       applyCmd       `cmd:"" help:"${help_apply}"`
	Export      exportCmd      `cmd:"" help:"${help_export}"`
	Verify      verifyCmd      `cmd:"" name:"verify-domain" aliases:"vouch" help:"${help_verify}"`
	Reprocess   reprocessCmd   `cmd:"" help:"${help_reprocess}"`
	Version     versionCmd     `cmd:"" help:"${help_version}"`
}

// env is the environment of a command.
type env struct {
	ctx    context.Context
	getenv func(string) string
	out    io.Writer
	err    io.Writer
	file   string        // of the flag --config
	p      *lang.Printer // for what people read; not for the log
}

// println prints a line.
func (e *env) println(line string) error {
	_, err := fmt.Fprintln(e.out, line)
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, errorText(terminalPrinter(os.Getenv), err))
		stop()
		os.Exit(1)
	}
}

// run runs the command in args, in the language of the environment. It returns when the
// command is done or ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) error {
	return execute(args, &env{ctx: ctx, getenv: getenv, out: out, err: errOut, p: terminalPrinter(getenv)})
}

// execute is run for an environment without a settings file.
func execute(args []string, e *env) error {
	var c commands
	exited := false // after --help
	parser, err := kong.New(&c, kong.Name("myaccess"),
		kong.Description(e.p.T("A self-service access portal with entitlement management.")), helpTexts(e.p),
		kong.Help(helpPrinter(e.p)), kong.Writers(e.out, e.err), kong.UsageOnError(),
		kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	parser.Model.HelpFlag.Help = e.p.T("Show this help.")
	parsed, err := parser.Parse(args)
	if exited {
		return nil
	}
	if err != nil {
		return err
	}
	e.file = c.Config
	return parsed.Run(e)
}

// versionCmd is the command version.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(e *env) error { return e.println("myaccess " + version) }
