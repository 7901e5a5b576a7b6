package web

import (
	"faults/internal/access"
	"faults/internal/lang"
)

func page(p *lang.Printer, name, stored string, one lang.Message) []string {
	text := "x"
	text += p.T("added to")
	return []string{
		p.T(lang.Message(stored)),
		p.T("Hello " + lang.Message(name)),
		p.T("Signed in as") + " " + name,
		p.T("Name") + ": " + name,
		p.T("Leading ") + name,
		p.T(", trailing"),
		p.N(1, one, "%d others"),
		p.N(1, "one", "%d others"),
		p.T("%s and %s", name),
		p.T("nothing", name),
		p.T("not filled: %s"),
		string(access.Refuse("Two: %s", name, name).Msg),
		p.T("Both"), p.N(1, "Both", "%d both"),
		text,
	}
}
