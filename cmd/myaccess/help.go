package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"myaccess/internal/lang"
)

// helpTexts returns the help texts of commands, arguments and flags, which their tags name.
func helpTexts(p *lang.Printer) kong.Vars {
	return kong.Vars{
		"help_config": p.T("Settings file with one NAME=value per line. Environment variables override it."),

		"help_serve":        p.T("Run the portal."),
		"help_demo":         p.T("Run a demonstration with sample organizations, identity providers and a mailbox."),
		"help_check_config": p.T("Check the configuration and list all errors."),
		"help_init":         p.T("Create an organization and print the setup link for its first global administrator."),
		"help_sample":       p.T("Fill an empty database with sample data."),
		"help_plan":         p.T("Show what applying a workspace file would change."),
		"help_apply":        p.T("Apply a workspace file."),
		"help_export":       p.T("Export all organizations as a workspace file."),
		"help_verify":       p.T("Verify a provider's domain without a TXT record."),
		"help_reprocess":    p.T("Retry the delivery of a request."),
		"help_version":      p.T("Print the version."),

		"help_file":          p.T("The workspace file."),
		"help_init_domain":   p.T("The organization's domain, such as meridian.example."),
		"help_name":          p.T("The organization's name. Required for a new one."),
		"help_issuer":        p.T("Issuer of its OpenID Provider. Required for a new one."),
		"help_client_id":     p.T("The portal's client ID at the provider."),
		"help_secret_file":   p.T("File with the client secret."),
		"help_auth_method":   p.T("Client authentication: client_secret_basic, client_secret_post or none."),
		"help_verify_domain": p.T("The domain to verify, such as partner.example."),
		"help_verify_tenant": p.T("A domain of the organization that added it."),
		"help_tenant_domain": p.T("A domain of the organization."),
		"help_request":       p.T("The request's ID, as in the address of its page."),

		"help_workspace": p.T("Workspace file to use instead of the sample organizations."),
		"help_data": p.T("Directory to keep the data in. Without it, the data is deleted when the demonstration " +
			"ends."),
		"help_listen":  p.T("Loopback address of the portal."),
		"help_console": p.T("Loopback address of the console."),

		"help_sample_domain": p.T("Domain of the organization to create."),
		"help_sample_issuer": p.T("Issuer of its OpenID Provider."),
		"help_scale":         p.T("Size as a fraction of the full sample."),
		"help_seed":          p.T("Random seed. The same seed gives the same data."),
		"help_people":        p.T("Number of people. Overrides the scale."),
		"help_organizations": p.T("Number of connected organizations. Overrides the scale."),
		"help_catalogs":      p.T("Number of catalogs. Overrides the scale."),
		"help_packages":      p.T("Number of access packages. Overrides the scale."),
		"help_policies":      p.T("Number of policies. Overrides the scale."),
		"help_assignments":   p.T("Number of assignments. Overrides the scale."),
		"help_requests":      p.T("Number of requests. Overrides the scale."),
	}
}

// helpPrinter prints help with the library's headings in the language of p.
func helpPrinter(p *lang.Printer) kong.HelpPrinter {
	const more = "Run \"myaccess <command> --help\" for more information on a command."
	headings := map[string]string{"Usage:": p.T("Usage:"), "Arguments:": p.T("Arguments:"), "Flags:": p.T("Flags:"),
		"Commands:": p.T("Commands:"), more: p.T("To learn more about a command, run “%s”.", "myaccess <command> --help")}
	return func(o kong.HelpOptions, ctx *kong.Context) error {
		var text bytes.Buffer
		out := ctx.Stdout
		ctx.Stdout = &text
		err := kong.DefaultHelpPrinter(o, ctx)
		if ctx.Stdout = out; err != nil {
			return err
		}
		for line := range strings.Lines(text.String()) {
			for english, shown := range headings {
				if rest, ok := strings.CutPrefix(line, english); ok {
					line = shown + rest
					break
				}
			}
			if _, err := io.WriteString(out, line); err != nil {
				return err
			}
		}
		return nil
	}
}
