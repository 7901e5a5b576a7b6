package kit

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
)

// maxAltered is the maximum length in bytes of the path and query of a link that is
// repaired. Programs append long parameters; the result has at most 2000 bytes.
const maxAltered = 8000

// repairLinks redirects links to the portal that mail scanners, chat programs or copying
// have altered to their canonical form (C24): with one redirect, only GET and HEAD, and
// only to the front page or to a path below /@domain of this portal.
func (s *Server) repairLinks(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if target, ok := s.Links.repair(r.URL); ok {
				return c.Redirect(http.StatusPermanentRedirect, target)
			}
		}
		return next(c)
	}
}

// maxRepairs is the maximum number of alterations on top of each other.
const maxRepairs = 5

// repair returns the canonical form of a link to a tenant's page or to the front page;
// ok is false if u has that form, or is no such link. The result is never repaired again.
//
// What the pages themselves answer stays: encoded slashes, dot segments, NUL and a final
// slash are kept (and lead to no page), and loadTenant redirects domains in other scripts.
func (l Links) repair(u *url.URL) (target string, ok bool) {
	for range maxRepairs {
		next, changed := l.repairOnce(u)
		if !changed {
			return target, target != ""
		}
		var err error
		if u, err = url.ParseRequestURI(next); err != nil {
			return "", false
		}
		target = next
	}
	return "", false
}

// repairOnce is a step of repair.
func (l Links) repairOnce(u *url.URL) (target string, ok bool) {
	escaped := u.EscapedPath()
	if len(escaped)+len(u.RawQuery) > maxAltered {
		return "", false
	}
	rest, ok := strings.CutPrefix(escaped, l.base)
	if !ok || u.RawQuery == "" && isPlain(rest) {
		return "", false
	}
	path, more := decodePath(rest)
	if path, ok = repairPath(path); !ok {
		return "", false
	}
	query := repairQuery(more + "&" + u.RawQuery)
	if query == u.RawQuery && (path == rest || path == rest+"/" && strings.HasPrefix(rest, "/@")) {
		return "", false // the second is left to redirectToSlash
	}
	if target = l.base + path; query != "" {
		target += "?" + query
	}
	target, ok = signin.SafeTarget(l.base, target)
	return target, ok && target != u.RequestURI()
}

// isPlain reports whether there is nothing to repair in a path, which is quick to tell for
// those of most requests.
func isPlain(path string) bool {
	return !strings.Contains(path, "//") && !strings.Contains(path, "./") && !strings.HasSuffix(path, ".") &&
		!strings.ContainsFunc(path, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("/@.-", r)
		})
}

// repairPath returns the canonical form of a decoded path; ok is false unless it is the
// front page or below /@domain.
func repairPath(path string) (canonical string, ok bool) {
	path = cleanText(path)
	if end := strings.IndexAny(path, "<>\"|`"); end >= 0 {
		path = path[:end] // what encloses a link, and what follows it
	}
	if sent, found := strings.CutPrefix(path, "/=40"); found { // quoted-printable
		path = "/@" + sent
	}
	path = withoutFragment(path)
	segments := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	last := len(segments) - 1
	if last < 0 || last == 0 && trimJunk(segments[0]) == "" {
		return "/", path != ""
	}
	domain, isTenant := strings.CutPrefix(segments[0], "@")
	if last == 0 {
		domain = trimJunk(domain)
	}
	d, ok := mailaddr.CanonicalDomain(domain)
	if !isTenant || !ok || strings.ContainsFunc(domain, notASCII) {
		return "", false
	}
	page := segments[1:]
	if all := strings.Join(page, "/"); all == strings.ToUpper(all) { // such as in a QR code
		page = strings.Split(strings.ToLower(all), "/")
	}
	for i, segment := range page {
		page[i] = repairSegment(segment, i+1 == last)
	}
	if strings.HasSuffix(path, "/") && last > 0 {
		page = append(page, "")
	}
	return "/@" + string(d) + "/" + strings.Join(page, "/"), true
}

// withoutFragment returns a path without its fragment. A # right after the domain, as in
// links of other products, is no fragment but separates the page.
func withoutFragment(path string) string {
	rest := strings.TrimLeft(path, "/")
	end := strings.IndexAny(rest, "/#")
	if end < 0 {
		return path
	}
	domain := rest[:end]
	page, _, _ := strings.Cut(strings.TrimLeft(rest[end:], "/#"), "#")
	return "/" + domain + "/" + page
}

// idLength is the length of an id in bytes.
const idLength = 36

// repairSegment returns a segment below /@domain without what follows a link in a text.
func repairSegment(segment string, last bool) string {
	if !last {
		return segment
	}
	if len(segment) < idLength || !IsID(segment[:idLength]) {
		return trimJunk(segment)
	}
	if next, _ := utf8.DecodeRuneInString(segment[idLength:]); next == '-' || next == '%' || isASCIILetterOrDigit(next) {
		return segment
	}
	return segment[:idLength]
}

// decodePath decodes a path that was encoded up to three times, and separates a query
// that was encoded with it, or was appended to a path without a query.
func decodePath(path string) (plain, query string) {
	for range 3 {
		if end := strings.IndexAny(path, "?&"); end >= 0 {
			path, query = path[:end], path[end+1:]+"&"+query
		}
		next := decodeOnce(path)
		if next == path {
			break
		}
		path = next
	}
	if end := strings.IndexAny(path, "?&"); end >= 0 {
		path, query = path[:end], path[end+1:]+"&"+query
	}
	return path, query
}

// decodeOnce decodes percent-encoded characters but / and NUL, which would change what
// the path means. Bytes that are no UTF-8 count as Latin-1.
func decodeOnce(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err == nil && n != '/' && n != 0 {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	if plain := b.String(); utf8.ValidString(plain) {
		return plain
	}
	latin := make([]rune, 0, b.Len())
	for _, c := range []byte(b.String()) {
		latin = append(latin, rune(c))
	}
	return string(latin)
}

// cleanText removes line breaks with the white space around them, soft line breaks and
// characters that nobody sees, and writes other hyphens as "-".
func cleanText(text string) string {
	for _, soft := range []string{"=\r\n", "=\n", "<wbr>"} {
		text = strings.ReplaceAll(text, soft, "")
	}
	if strings.ContainsFunc(text, isLineBreak) {
		lines := strings.FieldsFunc(text, isLineBreak)
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		text = strings.Join(lines, "")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == '\u034f': // grapheme joiner
			return -1
		case r >= utf8.RuneSelf && unicode.Is(unicode.Pd, r), r == '\u2212': // minus sign
			return '-'
		}
		return r
	}, text)
}

func isLineBreak(r rune) bool { return strings.ContainsRune("\r\n\t\v\f\u0085\u2028\u2029", r) }

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

func isASCIILetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// trimJunk removes what programs take for a part of a link in a text: punctuation,
// quotation marks, brackets and white space. It keeps two full stops, which mean
// something in a path.
func trimJunk(text string) string {
	trimmed := strings.TrimRightFunc(text, isJunk)
	if strings.Contains(text[len(trimmed):], "..") || strings.Trim(text, ".") == "" {
		return text
	}
	return trimmed
}

// isJunk reports whether no address of ours ends with the character.
func isJunk(r rune) bool {
	if notASCII(r) {
		return !unicode.In(r, unicode.L, unicode.N, unicode.M)
	}
	return r == ' ' || strings.ContainsRune(".,;:!?()[]{}<>\"'`*|^=+$", r)
}

// repairQuery removes parameters that mail and chat programs add and parameters that
// cannot be parsed, and writes the domain hint in canonical form. Others are kept as they
// are.
func repairQuery(query string) string {
	scanned := strings.Contains("&"+query, "&sdata=") || strings.Contains(query, ";sdata=") // Safe Links
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		part = withoutAmp(part)
		if before, after, found := strings.Cut(part, "?"); found && isTracking(after) {
			part = before
		}
		if hint, ok := repairHint(part); ok {
			kept = append(kept, hint)
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		if _, err := url.ParseQuery(part); err != nil || part == "" || isTracking(part) ||
			scanned && slices.Contains([]string{"data", "sdata", "reserved"}, name) {
			continue
		}
		if name == "tab" {
			part = repairTab(value)
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

// repairTab returns the parameter with the name of a tab, the only other one in the links
// that people are sent.
func repairTab(value string) string {
	plain, err := url.QueryUnescape(value)
	clean := trimJunk(cleanText(plain))
	for strings.HasPrefix(clean, "3D") { // =3D, quoted-printable for =
		clean = clean[2:]
	}
	if err == nil && clean != plain {
		value = url.QueryEscape(clean)
	}
	return "tab=" + value
}

// withoutAmp removes what is left of &amp; once the query was split at &.
func withoutAmp(part string) string {
	for {
		rest, plain := strings.CutPrefix(part, "amp;")
		if !plain {
			if rest, plain = strings.CutPrefix(part, "amp%3B"); !plain {
				if rest, plain = strings.CutPrefix(part, "amp%3b"); !plain {
					return part
				}
			}
		}
		part = rest
	}
}

// repairHint returns the parameter with a domain hint in canonical form; ok is false if
// part is none, or its value is no domain.
func repairHint(part string) (hint string, ok bool) {
	plain := strings.ReplaceAll(part, "+", " ")
	for range 3 {
		plain = decodeOnce(plain)
	}
	name, value, _ := strings.Cut(strings.TrimSpace(cleanText(plain)), "=")
	if name = strings.ToLower(name); name != "domain_hint" && name != "whr" {
		return "", false
	}
	value = strings.TrimLeft(strings.TrimLeftFunc(value, isJunk), "=")
	if end := strings.IndexAny(value, "?#&<>\"|`_"); end >= 0 {
		value = value[:end]
	}
	value = strings.TrimRight(strings.TrimRightFunc(value, isJunk), "/")
	if sent, quoted := strings.CutPrefix(value, "3D"); quoted { // =3D, quoted-printable for =
		value = sent // our links have domains in lower case
	}
	d, ok := mailaddr.CanonicalDomain(value)
	return name + "=" + url.QueryEscape(string(d)), ok
}

// isTracking reports whether the parameter is one that mail and chat programs add.
func isTracking(part string) bool {
	name, _, _ := strings.Cut(strings.ToLower(part), "=")
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "mtm_") || strings.HasPrefix(name, "pk_") ||
		slices.Contains([]string{"fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "twclid",
			"ttclid", "li_fat_id", "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hstc", "__hssc",
			"__hsfp", "hsctatracking", "vero_id", "oly_enc_id", "oly_anon_id", "_openstat", "_ga", "_gl", "elqtrackid",
			"ref_src", "s_cid", "wickedid", "trk"}, name)
}

// IconPath is the path of the portal's icon.
func IconPath(c *Context) string { return c.asset("icon.svg") }
