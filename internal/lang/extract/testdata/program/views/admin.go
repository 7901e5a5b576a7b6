package views

import "program/internal/lang"

func admin(p *lang.Printer) string { return p.T("View of administrators") }
