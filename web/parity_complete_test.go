package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"myaccess/internal/store/storetest"
)

// TestEveryRefusalIsCompared finds refusals of what administrators enter that no
// parity case compares, and for which notInFiles has no reason either.
func TestEveryRefusalIsCompared(t *testing.T) {
	texts := refusalTexts(t)
	written, reasons := writtenRefusals(t), notInFiles()
	for _, sentence := range slices.Sorted(maps.Keys(written)) {
		pattern := regexp.QuoteMeta(sentence)
		for _, verb := range []string{"%s", "%d"} {
			pattern = strings.ReplaceAll(pattern, verb, ".*")
		}
		compared := slices.ContainsFunc(texts, regexp.MustCompile("(?s)^"+pattern+"$").MatchString)
		switch reason := reasons[sentence]; {
		case !compared && reason == "":
			t.Errorf("%s: no case has %q", written[sentence], sentence)
		case compared && reason != "":
			t.Errorf("%q is compared, and yet has the reason %q", sentence, reason)
		}
	}
	for sentence := range reasons {
		if written[sentence] == "" {
			t.Errorf("nothing says %q", sentence)
		}
	}
	if len(written) < 100 || len(texts) < 100 {
		t.Errorf("%d refusals are written, %d compared", len(written), len(texts))
	}
}

// refusalTexts are the refusals of the files of all parity cases.
func refusalTexts(t *testing.T) (texts []string) {
	t.Helper()
	fixture := func(given string) *parityFixture {
		c := storetest.NewClock()
		a := newParityFixture(t, storetest.New(t, c), c)
		if given != "" {
			a.apply(given)
		}
		return a
	}
	add := func(a *parityFixture, name string, c parityCase) {
		for _, f := range a.plan(name, c) {
			texts = append(texts, f.Text())
		}
	}
	base := fixture("")
	for name, c := range parityRefusals() {
		if c.given == "" {
			add(base, name, c)
		} else {
			add(fixture(c.given), name, c)
		}
	}
	full := fixture("")
	full.applyCrowd()
	for name, c := range limitRefusals() {
		add(full, name, c)
	}
	return texts
}

// writtenRefusals are the sentences of the refusals (Invalid and Conflict) in the
// rules about what administrators enter, and their files.
func writtenRefusals(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for dir, names := range map[string]string{
		"access": "catalog directory domain entry expiration localized membership organization package pattern person " +
			"policy " +
			"policy_advice " +
			"question role settings stage terms text",
		"admin": "catalogs conversion dependents directories domains editor entries operator organizations package_roles " +
			"packages " +
			"people " +
			"policies resources roles settings tenant_directory",
		"mailaddr": "mailaddr"} {
		for name := range strings.FieldsSeq(names) {
			file := filepath.Join("..", "internal", dir, name+".go")
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 && isRefusal(call) {
					all[literal(call.Args[1])] = dir + "/" + name + ".go"
				}
				return true
			})
		}
	}
	delete(all, "")
	return all
}

// isRefusal reports whether the call makes a refusal of the kinds Invalid and
// Conflict.
func isRefusal(call *ast.CallExpr) bool {
	switch identifier(call.Fun) {
	case "Invalidf":
		return true
	case "Refuse":
		return identifier(call.Args[0]) == "Conflict" || identifier(call.Args[0]) == "Invalid"
	}
	return false
}

// identifier is a name, without its package.
func identifier(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal is the text of a string, or of several that are joined.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}

// notInFiles are the refusals that no file can meet, with the reason.
func notInFiles() map[string]string {
	all := map[string]string{}
	for reason, sentences := range map[string][]string{
		"a file finds objects by their names": {"A catalog with this name already exists.",
			"A connected organization with this name already exists.", "A provider with this name already exists.",
			"There is an access package with this name in the catalog already.",
			"A resource with this name already exists in the directory.",
			"The access package has a policy with this name already.", "“%s” has already been added.",
			"The catalog “%s” can't be renamed."},
		"a file names objects, and each unknown name is a fault of its own": {"Choose one of the listed options.",
			"Choose roles of resources in this catalog.", "“%s” has no role “%s”.",
			"A person or group you chose has been deleted. Choose again.", "Assign roles to people or groups."},
		"a file that names nothing changes nothing": {"Select a catalog.", "Choose a role.", "Choose a person.",
			"Select at least one role to add or remove.", "Select at least one resource."},
		"a file deletes nothing": {"This catalog has access packages. Delete them first.",
			"People have access under this policy. Remove their assignments first, or disable the policy instead.",
			"This policy has open requests. Before you delete it, wait until they're completed or cancel them. To stop new " +
				"requests, disable it.",
			"%d people have this access package. Remove their assignments first.",
			"One person has this access package. Remove the assignment first.",
			"People have signed in or been added with “%s”. Turn it off instead, and remove its domains.",
			"The catalog “%s” can't be deleted.", "“%s” can't be deleted: %s.",
			"“%s” can't be deleted because it is an approver in the policy “%s”.",
			"You can't remove “%s” while access packages use it: %s.",
			"You can't remove “%s” while access packages use it, such as %s.",
			"%s has this role through an access package. Remove the assignment instead."},
		"a file starts from what is stored": {"Someone else changed this while you were editing. Compare both versions and " +
			"save again."},
		"the operator is no person of a tenant": {"You can't disable yourself."},
		"the cases are read with loopback issuers": {"“%s” is not an issuer: an https address. For trials, the operator " +
			"permits http at loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS.",
			"“%s” is the portal's own machine. Enter the public name of the host. For trials, the operator permits " +
				"loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS."},
		"a file has a key for each of the rules": {"“%s” is not a rule for domains."},
		"the id is in the form": {"The form data is invalid. Open the page again.",
			"This provider has already been added. Open the page again."},
		"a file enters the subject together with the person, and may have that of a passcode": {
			"“%s” already has an account.", "People of “%s” sign in with passcodes and need no subject."},
		"a file says all domains of a directory at once": {
			"One-time passcodes are for one domain. Add another source for another domain."},
		"files verify no domains and end no sessions": {"%s is already verified.", "This person has never signed in.",
			"The TXT record at %s has a different value. Copy the value below, without quotes.",
			"There is no TXT record at %s yet. New records can take up to an hour to appear everywhere."},
		"only a file can be refused for it": {"Enter at least one domain for the directory.",
			"A provider replaces one-time passcodes when their domain is verified for it. List the domain with the provider.",
			"“%s” has signed in with another subject already.",
			"The subject of “%s” is that of “%s”.", "Set userType to guest for people of other directories, or leave it out.",
			"“%s” is not an address of the directory “%s”.",
			"%s is a verified domain of the provider “%s” of “%s”. Remove it there first."},
		"the rule that a policy names organizations refuses it first": {
			"No one can request under this policy: the connected organizations that it named were deleted."},
		"a warning, not a refusal": {"And %d more policies.", "Policy “%s” of “%s”: %s",
			"There are more policies that no one can use.",
			"No one can request under this policy: the regular expression of question %d is invalid or too complex. Change it.",
			"People who have been disabled for %d or more days lose their access now. People: %d, assignments: %d.",
			"A policy is for anyone outside the directory. People whose organization has no provider here can't sign in " +
				"without one-time passcodes.",
			"Policy “%s” is for external users. No one can use it until the catalog is enabled for them.",
			"Policy “%s” of “%s”: no one can approve in stage %d now. Add an approver.",
			"No one can request under this policy now: it names only disabled people or groups without members.",
			"One-time passcodes are turned off in the settings, so people of organizations without a provider can't sign in " +
				"or request.",
			"Stage %d: %s is disabled and can't decide.",
			"Stage %d: no one could decide on a request by %s, because people can't decide on their own requests. Add a " +
				"second approver.",
			"The catalog “%s” isn't enabled, so no one can request anything in it.",
			"While the policy is disabled, administrators can't assign under it either."},
		"texts of requests": {"Required.", "Enter at most %d characters. You entered %d.",
			"Control characters are not allowed here."},
	} {
		for _, sentence := range sentences {
			all[sentence] = reason
		}
	}
	return all
}
