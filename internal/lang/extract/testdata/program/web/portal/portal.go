package portal

import (
	"program/internal/access"
	"program/internal/lang"
)

const untyped = "An untyped constant"

func page(p *lang.Printer, e access.Error) []string {
	table := map[int]lang.Message{1: "In a table"}
	return []string{p.T("Shared"), p.T(untyped), p.T(table[1]), p.T(lang.Message(e.Msg)), p.T(lang.Message(access.Stored)),
		p.N(2, "%d thing", "%d things"), p.N(2, "%[2]s and %[1]d more", "%[2]s and %[1]d more", p.T("Nested")),
		p.C("verb", "Open"), p.C("state", "Open"), p.C("unit", "days"), p.T("%s", "x"), p.T("One sentence.") + " " + p.T("Another one."),
		p.T("100% of it")}
}
