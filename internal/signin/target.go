package signin

import (
	"net/url"
	"strings"
)

// SafeTarget returns raw in normal form if it is a path of the portal, with or
// without a query, that a browser may be redirected to after signing in (S-8).
// basePath is the path of the portal's address; empty at the root of its host.
func SafeTarget(basePath, raw string) (target string, ok bool) {
	if len(raw) > 2000 || strings.Contains(raw, "#") {
		return "", false
	}
	path, query, hasQuery := strings.Cut(raw, "?")
	if !isPath(path) || path != basePath && !strings.HasPrefix(path, basePath+"/") {
		return "", false
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", false
	}
	if !hasQuery || len(values) == 0 {
		return path, true
	}
	return path + "?" + values.Encode(), true
}

// isPath reports whether path is absolute and has only segments that the portal's
// own paths have: no escapes, no dot segments, none empty but the last.
func isPath(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "" && path != "/" || strings.Trim(segment, ".") == "" && segment != "" ||
			strings.ContainsFunc(segment, escapesSegment) {
			return false
		}
	}
	return true
}

func escapesSegment(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~@", r)
}
