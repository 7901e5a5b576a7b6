package main

import (
	"errors"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/workspace"
)

// terminalPrinter returns the printer for the language of the environment.
func terminalPrinter(getenv func(string) string) *lang.Printer {
	return lang.Load().Printer(lang.Environment(getenv), nil)
}

// messagePrinter returns a function that prints refusals and other messages of package
// access, with their arguments, in the language of p.
func messagePrinter(p *lang.Printer) workspace.Printer {
	return func(m access.Message, args ...any) string {
		shown := make([]any, len(args))
		for i, a := range args {
			switch v := a.(type) {
			case error:
				a = errorText(p, v)
			case access.List:
				a = p.List(v)
			case time.Time:
				a = p.DateTime(v)
			}
			shown[i] = a
		}
		return p.T(lang.Message(m), shown...)
	}
}

// errorText returns an error in the language of p, one sentence per line. Errors of the
// system, the database and libraries stay in English.
func errorText(p *lang.Printer, err error) string {
	show := messagePrinter(p)
	switch e := err.(type) { //nolint:errorlint // errors that wrap others have texts of their own
	case *access.Error:
		return show(e.Msg, e.Args...)
	case access.Errors:
		return errorLines(p, e)
	case *sqldb.UnusableError:
		return errorText(p, e.Refusal)
	case configErrors:
		lines := append([]string{p.T("The configuration has errors:")}, strings.Split(errorLines(p, e), "\n")...)
		return strings.Join(lines, "\n  ")
	case workspace.Faults:
		return e.Text(show)
	case workspace.Incomplete:
		return e.Text(show)
	case interface{ Unwrap() []error }:
		if all := e.Unwrap(); errors.Join(all...).Error() == err.Error() {
			return errorLines(p, all)
		}
	}
	return err.Error()
}

// errorLines returns the texts of errors, one per line.
func errorLines[E error](p *lang.Printer, all []E) string {
	var lines []string
	for _, e := range all {
		lines = append(lines, errorText(p, e))
	}
	return strings.Join(lines, "\n")
}
