package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"myaccess/internal/access"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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
	*fs = append(*fs, Fault{Line: line, Text: fmt.Sprintf(format, args...)})
}

// err returns the faults ordered by line, nil if there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
	return fs
}

// Parse reads a file. Unknown keys, values of the wrong type, duplicate keys and empty
// entries are faults.
func Parse(text []byte) (File, error) {
	var f File
	var root, more yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&root); errors.Is(err, io.EOF) {
		return f, Faults{{Text: "The file is empty."}}
	} else if err != nil {
		return f, notYAML(err)
	}
	var faults Faults
	if err := documents.Decode(&more); err == nil {
		faults.add(more.Line, "a second document: everything belongs into one")
	} else if !errors.Is(err, io.EOF) {
		return f, notYAML(err)
	}
	if err := root.Decode(&f); err != nil {
		types, ok := errors.AsType[*yaml.TypeError](err)
		if !ok {
			return f, notYAML(err) // such as an anchor that contains itself
		}
		for _, text := range types.Errors {
			faults = append(faults, located(text))
		}
	}
	checkKeys(&root, reflect.TypeFor[File](), &faults)
	return f, faults.err()
}

func notYAML(err error) Faults {
	return Faults{{Text: "This is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}}
}

// located splits the line off a message such as "line 3: cannot …".
func located(text string) Fault {
	var f Fault
	if n, _ := fmt.Sscanf(text, "line %d:", &f.Line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	f.Text = text
	return f
}

// checkKeys reports the keys of n that t does not have.
func checkKeys(n *yaml.Node, t reflect.Type, faults *Faults) {
	switch {
	case n.Kind == yaml.AliasNode:
		checkKeys(n.Alias, t, faults)
		return
	case n.Kind == yaml.DocumentNode:
		for _, c := range n.Content {
			checkKeys(c, t, faults)
		}
		return
	case t.Kind() == reflect.Pointer:
		checkKeys(n, t.Elem(), faults)
		return
	case t.Kind() == reflect.Struct && t.NumField() == 3 && t.Field(0).Name == "V":
		checkKeys(n, t.Field(0).Type, faults) // at[T]
		return
	}
	if n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice {
		for _, c := range n.Content {
			if c.Tag == "!!null" {
				faults.add(c.Line, "an empty entry")
			}
			checkKeys(c, t.Elem(), faults)
		}
	}
	if n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct {
		checkMapping(n, t, faults)
	}
}

func checkMapping(n *yaml.Node, t reflect.Type, faults *Faults) {
	known := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		known[name] = field.Type
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ok := known[key.Value]
		if !ok {
			faults.add(key.Line, "unknown key “%s”%s", key.Value, suggestion(key.Value, known))
			continue
		}
		checkKeys(n.Content[i+1], field, faults)
	}
}

// suggestion returns the known key that is closest to an unknown one.
func suggestion(key string, known map[string]reflect.Type) string {
	best, least := "", len(key)/2+2
	for name := range known {
		if d := distance(strings.ToLower(key), strings.ToLower(name)); d < least || d == least && name < best {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean “" + best + "”?"
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
