package store

import (
	"encoding/json"
	"fmt"
	"myaccess/internal/store/sqldb"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ms is t as it is stored: milliseconds since 1970 UTC.
func ms(t time.Time) int64 { return t.UnixMilli() }

// msOrNull is t as it is stored, NULL for the zero time.
func msOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return ms(t)
}

// textOrNull is s, NULL if it is empty.
func textOrNull[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// scanTime scans a stored time; NULL is the zero time.
type scanTime struct{ *time.Time }

// Scan implements sql.Scanner.
func (t scanTime) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t.Time = time.Time{}
	case int64:
		*t.Time = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}

// scanSeconds scans a stored number of seconds.
type scanSeconds struct{ *time.Duration }

// Scan implements sql.Scanner.
func (d scanSeconds) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("seconds are stored as %T", v)
	}
	*d.Duration = time.Duration(n) * time.Second
	return nil
}

// jsonValue stores a value as JSON and scans it again, into a pointer.
type jsonValue struct{ v any }

// Scan implements sql.Scanner.
func (j jsonValue) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), j.v)
	case []byte:
		return json.Unmarshal(v, j.v)
	}
	return fmt.Errorf("JSON is stored as %T", v)
}

// Value implements driver.Valuer.
func (j jsonValue) Value() (sqldb.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

// scanWords scans a list of words stored with blanks between.
type scanWords[S ~string] struct{ list *[]S }

// Scan implements sql.Scanner.
func (w scanWords[S]) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("words are stored as %T", v)
	}
	*w.list = nil
	for word := range strings.FieldsSeq(s) {
		*w.list = append(*w.list, S(word))
	}
	return nil
}

// scanSecret scans a text that is encrypted for the row that context names. The
// columns that context reads are scanned before it.
type scanSecret struct {
	r       *Reader
	text    *string
	context func() string
}

// Scan implements sql.Scanner.
func (s scanSecret) Scan(v any) (err error) {
	sealed, ok := v.([]byte)
	if !ok && v != nil {
		return fmt.Errorf("a secret is stored as %T", v)
	}
	*s.text, err = s.r.unseal(sealed, s.context())
	return err
}

// maxFold is how many bytes of a text fold looks at: more than anything that is
// stored has. NFKC can make a text eleven times as long.
const maxFold = 64 << 10

// fold is s as names are sorted, compared and searched by: normalised (NFKC),
// with full case folding and single blanks.
func fold(s string) string {
	if len(s) > maxFold {
		s = strings.ToValidUTF8(s[:maxFold], "")
	}
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// NameKey is the form of a name by which a file or a form names an object: composed
// (NFC), in lower case, without blanks around it. Unlike Fold, which is for sorting,
// searching and refusing names that look the same, it never maps a character to
// another one: a ligature, a full-width letter or the Kelvin sign does not stand for
// the letters that it resembles.
func NameKey(name string) string {
	name = strings.TrimSpace(name)
	if strings.ContainsFunc(name, func(r rune) bool {
		return r >= utf8.RuneSelf && norm.NFC.String(string(r))[0] < utf8.RuneSelf
	}) {
		return name // NFC would replace the Kelvin sign
	}
	return strings.Map(func(r rune) rune {
		if lower := unicode.ToLower(r); r < utf8.RuneSelf || lower >= utf8.RuneSelf {
			return lower
		}
		return r
	}, norm.NFC.String(name))
}

// likePattern is the LIKE pattern, with ESCAPE '!', of texts that contain word.
func likePattern(word string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(fold(word)) + "%"
}

// wholeNumber reads a whole number from a key; 0 for anything else.
func wholeNumber(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
