package workspace

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
	"myaccess/internal/plain"
)

// Fault is something wrong with a file.
type Fault struct {
	Line int // from 1; 0 for the file as a whole
	// Msg is the English sentence, a format for Args.
	Msg  access.Message
	Args []any
	// Kind and Field are those of the refusal, if a rule refused it; Internal
	// and empty for what is wrong with the file itself.
	Kind  access.ErrorKind
	Field string
}

// sortLine is the line by which faults are ordered: those of the file as a whole come
// last.
func (f Fault) sortLine() int {
	if f.Line == 0 {
		return math.MaxInt
	}
	return f.Line
}

// Text returns the sentence in English, shortened.
func (f Fault) Text() string { return f.text(english) }

func (f Fault) text(print Printer) string { return cutText(print(f.Msg, f.Args...), maxFaultText) }

// Printer prints a message of the catalogue with its arguments.
type Printer func(message access.Message, args ...any) string

// english is a Printer without translations.
func english(message access.Message, args ...any) string { return invalid(message, args...).Error() }

// invalid is a refusal whose line in the file is not known yet.
func invalid(message access.Message, args ...any) *access.Error {
	return access.Refuse(access.Invalid, message, args...)
}

// Faults are all faults of a file, ordered by line.
type Faults []Fault

// Text returns the faults, one per line, printed by print.
func (fs Faults) Text(print Printer) string {
	var lines []string
	for _, f := range fs {
		text := f.text(print)
		if f.Line != 0 {
			text = print("Line %d: %s", f.Line, text)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// Error returns the faults in English, one per line.
func (fs Faults) Error() string { return fs.Text(english) }

func (fs *Faults) add(line int, message access.Message, args ...any) {
	fs.append(Fault{Line: line, Msg: message, Args: args})
}

// addError adds a refusal as a fault of the file itself.
func (fs *Faults) addError(line int, err error) {
	if e, ok := errors.AsType[*access.Error](err); ok {
		fs.add(line, e.Msg, e.Args...)
		return
	}
	fs.add(line, "%s", err)
}

// append adds a fault. There may be too many faults, and then it does nothing.
func (fs *Faults) append(f Fault) {
	if len(*fs) < maxFoundFault {
		*fs = append(*fs, f)
	}
}

// err returns the faults ordered by line, nil if there are none. Of very many, the
// first are returned with their number.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	sortBy(fs, func(a, b *Fault) int { return cmp.Compare(a.sortLine(), b.sortLine()) })
	return fs.listed()
}

// Parse reads a file. Unknown keys, values of the wrong type, duplicate keys, merge keys
// and empty entries are Faults, and so is a file that stands for too much (limits.go). A
// File with Faults can be given to Plan and Apply, which report them together with those
// that they find themselves.
func Parse(text []byte) (File, error) {
	f, err := parse(text)
	if err != nil {
		f.faults, _ = errors.AsType[Faults](err)
	}
	return f, err
}

func parse(text []byte) (File, error) {
	var f File
	var root, more yaml.Node
	if len(text) > MaxFileSize {
		return f, Faults{{Msg: "The file has more than %d MB.", Args: []any{MaxFileSize >> 20}}}
	}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&root); errors.Is(err, io.EOF) {
		return f, Faults{{Msg: "The file is empty."}}
	} else if err != nil {
		return f, notYAML(err)
	}
	var faults Faults
	if err := documents.Decode(&more); err == nil {
		faults.add(more.Line, "This is a second YAML document. Put everything in one.")
	} else if !errors.Is(err, io.EOF) {
		return f, notYAML(err)
	}
	plainTexts(&root)
	before := len(faults)
	if !checkStructure(&root, &faults) {
		return f, faults.err()
	}
	merges := len(faults) > before // decoding would follow them
	check := checker{faults: &faults, spoiled: map[*yaml.Node]bool{}, seen: map[checked]bool{}}
	check.check(&root, reflect.TypeFor[File]())
	if merges {
		return f, faults.err()
	}
	if err := root.Decode(&f); err != nil {
		types, ok := errors.AsType[*yaml.TypeError](err)
		if !ok {
			return f, notYAML(err) // such as an anchor that contains itself
		}
		for _, text := range types.Errors {
			faults.append(located(text))
		}
	}
	for _, text := range decodeFaults(reflect.ValueOf(f)) {
		faults.append(located(text))
	}
	f.spoiled = check.spoiled
	return f, faults.err()
}

// plainTexts replaces the texts of a file, its keys included, by their plain form (C37),
// except for secrets. A text without quotation marks is taken for what remains of it.
func plainTexts(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		if text := plain.Text(n.Value); text != n.Value {
			if n.Value = text; n.Style == 0 {
				n.Tag = ""
			}
		}
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "clientSecret" {
			continue
		}
		plainTexts(child)
	}
}

func notYAML(err error) Faults {
	return Faults{{Msg: "This isn't valid YAML: %s",
		Args: []any{cutText(strings.TrimPrefix(err.Error(), "yaml: "), maxFaultText)}}}
}

// located is the fault of a message such as "line 3: cannot …".
func located(text string) Fault {
	line := 0
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	f := wrongType(text)
	f.Line = line
	return f
}

// Codes of the faults that our own types find while they are decoded. The library passes
// them on as texts.
const (
	languageTwice  = "!languageTwice"
	noTranslations = "!noTranslations"
	noDomainName   = "!noDomainName"
	noTime         = "!noTime"
)

// codedFault is the text of a fault with a code, for the library; value is what the file has.
func codedFault(line int, code, value string) string {
	return fmt.Sprintf("line %d: %s %s", line, code, shorten(value))
}

// wrongType returns the fault of a decoder's message, such as "cannot unmarshal !!str `x`
// into bool", without types of Go.
func wrongType(text string) Fault {
	switch code, value, _ := strings.Cut(text, " "); code {
	case languageTwice:
		return Fault{Msg: "The language “%s” is already there.", Args: []any{value}}
	case noTranslations:
		return Fault{Msg: "Translations must be a mapping of languages to texts."}
	case noDomainName:
		return Fault{Msg: "An identity source must have a domainName."}
	case noTime:
		return Fault{Msg: "“%s” is neither a time with its zone, such as 2026-12-31T23:59:59Z, nor a date, such as " +
			"2026-12-31, which means the end of that day in the tenant's time zone.", Args: []any{value}}
	}
	found, ok := strings.CutPrefix(text, "cannot unmarshal !!")
	at := strings.LastIndex(found, " into ")
	if !ok || at < 0 {
		return Fault{Msg: "%s", Args: []any{text}}
	}
	expected := wordsOfType(found[at+len(" into "):])
	if _, value, scalar := strings.Cut(found[:at], " "); scalar {
		return Fault{Msg: expected.isNot, Args: []any{strings.Trim(value, "`")}}
	}
	return Fault{Msg: expected.mustBe}
}

// typeWords are the sentences about a value that is not of a type: isNot is a format for
// a value that can be quoted, mustBe for a list or mapping.
type typeWords struct{ isNot, mustBe access.Message }

// wordsOfType returns the sentences for a type of Go.
func wordsOfType(into string) typeWords {
	switch {
	case into == "string", strings.HasSuffix(into, ".Source"):
		return typeWords{"“%s” is not a text.", "This must be a text."}
	case into == "bool":
		return typeWords{"“%s” is not true or false.", "This must be true or false."}
	case into == "int":
		return typeWords{"“%s” is not a whole number.", "This must be a whole number."}
	case strings.HasPrefix(into, "[]"), strings.HasSuffix(into, ".list"):
		return typeWords{"“%s” is not a list.", "This must be a list."}
	}
	return typeWords{"“%s” is not a mapping.", "This must be a mapping."}
}

// distance is the Levenshtein distance between a and b, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}
