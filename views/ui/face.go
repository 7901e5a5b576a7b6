package ui

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// faces is the number of colours that faces have; app.css has a class for each.
const faces = 5

// faceClass is the colour of the face of a name: always the same for the same name.
func faceClass(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return "c" + strconv.Itoa(int(h.Sum32()%faces)+1)
}

// initials returns the first letters of the first and last word of a name.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		letters = append(letters, unicode.ToUpper(r))
	}
	if len(letters) > 2 {
		letters = []rune{letters[0], letters[len(letters)-1]}
	}
	return string(letters)
}
