package admin

import "program/internal/lang"

func page(p *lang.Printer) []string { return []string{p.T("Shared"), p.T("Administration")} }
