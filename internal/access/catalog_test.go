package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

func TestCatalogAndPackageCheck(t *testing.T) {
	long := strings.Repeat("é", access.MaxNameLength)
	text := strings.Repeat("é", access.MaxDescriptionLength)
	tests := map[string]struct {
		name, description string
		catalog, pack     string // fields at fault
	}{
		"fine":                   {"Projects", "What we work on", "", ""},
		"as long as may be":      {long, text, "", ""},
		"no description":         {"Projects", "", "", "description"},
		"no name":                {"", "x", "displayName", "displayName"},
		"a blank name":           {" \t", "x", "displayName", "displayName"},
		"a name too long":        {long + "é", "x", "displayName", "displayName"},
		"a description too long": {"Projects", text + "é", "description", "description"},
		"a name of two lines":    {"Pro\njects", "x", "displayName", "displayName"},
		"two lines of text":      {"Projects", "x\ny", "", ""},
		"a bell in the text":     {"Projects", "x\ay", "description", "description"},
		"not UTF-8":              {"Pro\xff", "x\xff", "displayName description", "displayName description"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wantFields(t, access.Catalog{Name: tt.name, Description: tt.description}.Check(), tt.catalog)
			wantFields(t, access.Package{Name: tt.name, Description: tt.description}.Check(), tt.pack)
		})
	}
}

// The catalog General can be neither renamed nor deleted; others can, if they have
// no access packages (F-002, F-037).
func TestGeneralCatalog(t *testing.T) {
	for name, ordinary := range map[string]bool{"General": false, "Projects": true} {
		c := access.Catalog{Name: name}
		wantKind(t, c.CanRename(), ordinary, access.Invalid)
		wantKind(t, c.CanDelete(false), ordinary, access.Conflict)
		wantKind(t, c.CanDelete(true), false, access.Conflict)
	}
}
