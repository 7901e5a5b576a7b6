package workspace

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// encode writes a file as YAML. It builds the nodes itself: what the encoder makes of some
// texts, such as those with a line break before a blank, it cannot read.
func encode(f File) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(nodeOf(reflect.ValueOf(f))); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// nodeOf is the node of a value of a type of the file.
func nodeOf(v reflect.Value) *yaml.Node {
	if m, ok := v.Interface().(dateTime); ok {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: m.at.UTC().Format(time.RFC3339Nano)}
	}
	if isAt(v.Type()) {
		return nodeOf(v.Field(0))
	}
	switch v.Kind() {
	case reflect.Pointer:
		return nodeOf(v.Elem())
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		addFields(n, v)
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, nodeOf(v.Index(i)))
		}
		return n
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			n.Content = append(n.Content, textNode(k.String()), nodeOf(v.MapIndex(k)))
		}
		return n
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())}
	case reflect.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(v.Int(), 10)}
	case reflect.String:
		return textNode(v.String())
	default:
		panic(fmt.Sprintf("a workspace file has no values of the type %s", v.Type()))
	}
}

// addFields adds the fields of a struct to a mapping. Fields that are left out if empty, and
// the other spellings of Graph, are left out.
func addFields(n *yaml.Node, v reflect.Value) {
	for field := range v.Type().Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		at := v.FieldByIndex(field.Index)
		if name == "" || options == "omitempty" && isEmpty(at) {
			continue
		}
		n.Content = append(n.Content, textNode(name), nodeOf(at))
	}
}

// isEmpty reports whether a field is left out.
func isEmpty(v reflect.Value) bool {
	if z, ok := v.Interface().(yaml.IsZeroer); ok {
		return z.IsZero()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		n := yaml.Node{}
		addFields(&n, v)
		return v.IsZero() || len(n.Content) == 0
	default:
		return v.IsZero()
	}
}

// textNode is the node of a text: in double quotes if a plain text or a block could be read
// as something else, or as another text.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	lines := strings.Split(text, "\n")
	odd := strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' || strings.ContainsRune("\u007f\u0085\u2028\u2029\ufeff\ufffd", r)
	})
	for _, line := range lines {
		odd = odd || strings.TrimSpace(line) != line || line == "" && len(lines) > 1
	}
	if odd || isOldBool(text) || isBase60(text) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// isOldBool reports whether a text is a boolean for readers of YAML 1.1.
func isOldBool(text string) bool {
	return slices.Contains([]string{"y", "n", "yes", "no", "on", "off"}, strings.ToLower(text))
}

// isBase60 reports whether a text is a number for readers of YAML 1.1, such as 12:30.
func isBase60(text string) bool {
	return strings.Contains(text, ":") && strings.Trim(text, "0123456789:._+-") == ""
}
