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
	Text string
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

// Faults are all faults of a file, ordered by line.
type Faults []Fault

// Error returns the faults, one per line.
func (fs Faults) Error() string {
	var lines []string
	for _, f := range fs {
		if f.Line == 0 {
			lines = append(lines, f.Text)
			continue
		}
		lines = append(lines, fmt.Sprintf("line %d: %s", f.Line, f.Text))
	}
	return strings.Join(lines, "\n")
}

func (fs *Faults) add(line int, format string, args ...any) {
	fs.append(Fault{Line: line, Text: fmt.Sprintf(format, args...)})
}

// append adds a fault, its text shortened. There may be too many faults, and then it
// does nothing.
func (fs *Faults) append(f Fault) {
	if f.Text = cutText(f.Text, maxFaultText); len(*fs) < maxFoundFault {
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
		return f, Faults{{Text: fmt.Sprintf("The file has more than %d MB.", MaxFileSize>>20)}}
	}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&root); errors.Is(err, io.EOF) {
		return f, Faults{{Text: "The file is empty."}}
	} else if err != nil {
		return f, notYAML(err)
	}
	var faults Faults
	if err := documents.Decode(&more); err == nil {
		faults.add(more.Line, "second YAML document; put everything in one")
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
	return Faults{{Text: "This isn't valid YAML: " + cutText(strings.TrimPrefix(err.Error(), "yaml: "), maxFaultText)}}
}

// located splits the line off a message such as "line 3: cannot …".
func located(text string) Fault {
	var f Fault
	if n, _ := fmt.Sscanf(text, "line %d:", &f.Line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	f.Text = wrongType(text)
	return f
}

// wrongType rewrites the decoder's message about a value of the wrong type, such as
// "cannot unmarshal !!str `x` into bool", without types of Go.
func wrongType(text string) string {
	found, ok := strings.CutPrefix(text, "cannot unmarshal !!")
	at := strings.LastIndex(found, " into ")
	if !ok || at < 0 {
		return text
	}
	tag, value, scalar := strings.Cut(found[:at], " ")
	expected := "a mapping"
	switch into := found[at+len(" into "):]; {
	case into == "string", strings.HasSuffix(into, ".Source"):
		expected = "a text"
	case into == "bool":
		expected = "true or false"
	case into == "int":
		expected = "a whole number"
	case strings.HasPrefix(into, "[]"), strings.HasSuffix(into, ".list"):
		expected = "a list"
	}
	if scalar {
		return fmt.Sprintf("“%s” is not %s", strings.Trim(value, "`"), expected)
	}
	return fmt.Sprintf("%s can't be used here; it must be %s",
		map[string]string{"seq": "a list", "map": "a mapping"}[tag], expected)
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
