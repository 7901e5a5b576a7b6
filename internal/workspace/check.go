package workspace

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// checker compares the nodes of a file with the types that they are decoded into.
type checker struct {
	faults *Faults
	// spoiled are nodes that cannot be decoded. Their faults are those of decoding.
	spoiled map[*yaml.Node]bool
	seen    map[checked]bool
}

// checked is a node that has been compared with a type: aliases lead to the same node again.
type checked struct {
	node *yaml.Node
	as   reflect.Type
}

// check reports unknown keys and empty entries. It renames an unknown key to the known one
// that it resembles, so that its value is checked too.
func (c *checker) check(n *yaml.Node, t reflect.Type) {
	switch {
	case n.Kind == yaml.AliasNode:
		n = n.Alias
	case n.Kind == yaml.DocumentNode:
		for _, child := range n.Content {
			c.check(child, t)
		}
		return
	case t.Kind() == reflect.Pointer:
		c.check(n, t.Elem())
		return
	case isAt(t):
		c.check(n, t.Field(0).Type)
		return
	}
	if c.seen[checked{n, t}] {
		return
	}
	c.seen[checked{n, t}] = true
	if n.Tag == "!!null" {
		return
	}
	kind := t.Kind()
	if reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
		kind = reflect.Interface // it decodes itself
	}
	switch kind {
	case reflect.Struct:
		if n.Kind != yaml.MappingNode {
			c.spoiled[n] = true
			return
		}
		c.checkMapping(n, t)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			c.spoiled[n] = true
			return
		}
		for _, child := range n.Content {
			if child.Tag == "!!null" {
				c.faults.add(child.Line, "This entry is empty.")
				c.spoiled[child] = true
			}
			c.check(child, t.Elem())
			// What is missing in the list can be the entry that has a fault.
			c.spoiled[n] = c.spoiled[n] || c.spoiled[child]
		}
	case reflect.Map:
		for i := 1; i < len(n.Content); i += 2 {
			c.check(n.Content[i], t.Elem())
		}
		c.spoiled[n] = c.spoiled[n] || n.Kind != yaml.MappingNode
	default:
		if n.Kind == yaml.AliasNode || n.Decode(reflect.New(t).Interface()) != nil {
			c.spoiled[n] = true
		}
	}
}

// decodeFaults are the faults of decoding the parts of a value that know their position.
func decodeFaults(v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return decodeFaults(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, decodeFaults(v.Index(i))...)
		}
	case reflect.Struct:
		if !v.CanInterface() {
			return nil
		}
		if one, ok := v.Interface().(interface{ decodeFaults() []string }); ok {
			all = append(all, one.decodeFaults()...)
		}
		for _, field := range v.Fields() {
			all = append(all, decodeFaults(field)...)
		}
	default:
	}
	return all
}

// isAt reports whether t is at[T] for any T.
func isAt(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 4 && t.Field(0).Name == "V"
}

func (c *checker) checkMapping(n *yaml.Node, t reflect.Type) {
	known := knownKeys(t)
	have := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		have[n.Content[i].Value] = true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ok := known[key.Value]
		if !ok && t == reflect.TypeFor[File]() && strings.HasPrefix(key.Value, "x-") {
			continue // a place for anchors
		}
		if isMergeKey(key) {
			continue // reported by checkStructure
		}
		if !ok {
			meant, far := suggestion(key.Value, known)
			if meant == "" {
				c.faults.add(key.Line, "Unknown key “%s”.", shorten(key.Value))
			} else {
				c.faults.add(key.Line, "Unknown key “%s”. Did you mean “%s”?", shorten(key.Value), meant)
			}
			if meant == "" || have[meant] || far > 1+len(key.Value)/5 {
				continue
			}
			key.Value, field, have[meant] = meant, known[meant], true
		}
		c.check(n.Content[i+1], field)
	}
}

// knownKeys are the keys of a struct with their types.
func knownKeys(t reflect.Type) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if options == "inline" {
			for key, as := range knownKeys(field.Type) {
				known[key] = as
			}
		} else if name != "" {
			known[name] = field.Type
		}
	}
	return known
}

// suggestion returns the known key that is closest to an unknown one, and their distance;
// an empty one if none is close, or the key is much longer than any.
func suggestion(key string, known map[string]reflect.Type) (meant string, far int) {
	if len(key) > 64 {
		return "", 0
	}
	best, least := "", len(key)/2+2
	for name := range known {
		if d := distance(strings.ToLower(key), strings.ToLower(name)); d < least || d == least && name < best {
			best, least = name, d
		}
	}
	return best, least
}
