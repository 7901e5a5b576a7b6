package workspace

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
)

// Limits of a file. A few kilobytes of YAML can stand for gigabytes, because an alias
// repeats its anchor and the library compares the keys of a mapping pair by pair, so
// that what a file stands for is measured before anything is decoded.
const (
	MaxFileSize = 64 << 20 // bytes

	maxDepth    = 50      // of values within values
	maxKeys     = 1000    // of one mapping
	maxRepeated = 100_000 // values that aliases repeat, in the whole file

	maxFaults     = 100    // that are listed
	maxFoundFault = 10_000 // that are counted
	maxFaultText  = 500    // characters of one
)

// cutText cuts a text that quotes a file to n characters.
func cutText(text string, n int) string {
	if len(text) <= n || utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text[:min(len(text), 4*n)])[:n]) + "…"
}

// structure measures a file.
type structure struct {
	faults *Faults
	// sizes has the number of values of each anchor, with what its aliases repeat; 0
	// while it is counted.
	sizes    map[*yaml.Node]int
	repeated int
	tooLarge bool // the file must not be decoded
}

// checkStructure reports what a file must not have: merge keys, keys that are there
// twice or are no names, and more than the limits allow. ok is false if the file is
// too large to be looked at any further.
func checkStructure(root *yaml.Node, faults *Faults) (ok bool) {
	s := structure{faults: faults, sizes: map[*yaml.Node]int{}}
	s.check(root, 0)
	return !s.tooLarge
}

func (s *structure) check(n *yaml.Node, depth int) {
	switch {
	case s.tooLarge:
		return
	case depth > maxDepth:
		s.refuse(n.Line, "A file can have at most %d levels of nesting.", maxDepth)
		return
	case n.Kind == yaml.AliasNode:
		s.checkAlias(n)
		return
	case n.Kind == yaml.MappingNode:
		s.checkKeys(n)
	}
	for _, c := range n.Content {
		s.check(c, depth+1)
	}
}

// refuse adds a fault after which nothing else is looked at.
func (s *structure) refuse(line int, format access.Message, args ...any) {
	s.tooLarge = true
	s.faults.add(line, format, args...)
}

func (s *structure) checkAlias(n *yaml.Node) {
	size, ok := s.size(n.Alias)
	if !ok {
		s.refuse(n.Alias.Line, "The anchor “%s” contains itself.", shorten(n.Value))
		return
	}
	if s.repeated += size; s.repeated > maxRepeated {
		s.refuse(n.Line, "Aliases can repeat at most %d values.", maxRepeated)
	}
}

// size is the number of values that n stands for, at most maxRepeated+1; false if it
// contains itself.
func (s *structure) size(n *yaml.Node) (size int, ok bool) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Anchor != "" {
		if known, seen := s.sizes[n]; seen {
			return known, known > 0
		}
		s.sizes[n] = 0
	}
	size = 1
	for _, c := range n.Content {
		more, ok := s.size(c)
		if !ok {
			return 0, false
		}
		size = min(size+more, maxRepeated+1)
	}
	if n.Anchor != "" {
		s.sizes[n] = size
	}
	return size, true
}

// checkKeys checks the keys of a mapping.
func (s *structure) checkKeys(n *yaml.Node) {
	if len(n.Content) > 2*maxKeys {
		s.refuse(n.Line, "A mapping can have at most %d keys.", maxKeys)
		return
	}
	lines := map[string]int{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		name := shorten(key.Value)
		switch first := lines[key.Value]; {
		case isMergeKey(key):
			s.faults.add(key.Line, "Merge keys (<<) are not supported. Write the keys here, or use an alias for a whole value.")
		case key.Kind != yaml.ScalarNode:
			s.refuse(key.Line, "A key must be a name.")
		case first != 0:
			s.refuse(key.Line, "The key “%s” is already on line %d.", name, first)
		}
		lines[key.Value] = key.Line
	}
}

// isMergeKey reports whether the library would take the key for a merge key.
func isMergeKey(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && (key.ShortTag() == "!!merge" || key.Value == "<<" && key.Tag == "!")
}

// listed are the faults that are shown: the first ones, and how many there are more.
func (fs Faults) listed() Faults {
	if len(fs) <= maxFaults {
		return fs
	}
	more := Fault{Msg: "Only the first %d of %d errors are listed.", Args: []any{maxFaults, len(fs)}}
	if len(fs) >= maxFoundFault {
		more = Fault{Msg: "Only the first %d errors are listed.", Args: []any{maxFaults}}
	}
	return append(fs[:maxFaults:maxFaults], more)
}
