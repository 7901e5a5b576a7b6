package peoplefile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"myaccess/internal/access"
)

// The encodings that are recognized. Of the others in Encodings, nothing in a file tells
// them from Windows-1252.
const (
	utf8Text    = "utf-8"
	utf16Little = "utf-16le"
	utf16Big    = "utf-16be"
	windows1252 = "windows-1252"
)

// Encodings are the names of all encodings, the most frequent first.
func Encodings() []string {
	return []string{utf8Text, utf16Little, utf16Big, windows1252, "windows-1250", "windows-1251", "windows-1253",
		"windows-1254", "macintosh"}
}

// decoderOf returns the decoder of an encoding; nil for an unknown one.
func decoderOf(name string) encoding.Encoding {
	switch name {
	case utf8Text:
		return encoding.Nop
	case utf16Little:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case utf16Big:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case windows1252:
		return charmap.Windows1252
	case "windows-1250":
		return charmap.Windows1250
	case "windows-1251":
		return charmap.Windows1251
	case "windows-1253":
		return charmap.Windows1253
	case "windows-1254":
		return charmap.Windows1254
	case "macintosh":
		return charmap.Macintosh
	}
	return nil
}

// detectEncoding returns the encoding of a text: by its byte order mark, by zero bytes
// that are all in one half of the pairs, by its being valid UTF-8, and Windows-1252
// otherwise.
func detectEncoding(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return utf8Text
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return utf16Little
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return utf16Big
	}
	var zeros [2]int
	head := data[:min(len(data), 4096)]
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[1] > len(head)/4 && zeros[0] < len(head)/20:
		return utf16Little
	case zeros[0] > len(head)/4 && zeros[1] < len(head)/20:
		return utf16Big
	case utf8.Valid(data):
		return utf8Text
	}
	return windows1252
}

// decode returns the text of a file, without a byte order mark.
func decode(data []byte, name string) (string, error) {
	from := decoderOf(name)
	switch {
	case len(data) > MaxSize:
		return "", access.Invalidf("file", "The file is larger than %d MB.", MaxSize>>20)
	case from == nil:
		return "", access.Invalidf("encoding", "Choose one of the options.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return "", access.Invalidf("file", "This is a workbook or an archive. Save the list as CSV and upload that file.")
	case strings.HasPrefix(name, "utf-16") && len(data)%2 != 0:
		return "", access.Invalidf("encoding", "The file isn't complete UTF-16 text: it ends within a character.")
	}
	decoded, err := from.NewDecoder().Bytes(data)
	if err != nil {
		return "", access.Invalidf("encoding", "The file isn't text in this encoding.")
	}
	text := strings.TrimPrefix(string(decoded), "\ufeff")
	if at := strings.IndexByte(text, 0); at >= 0 {
		return "", access.Invalidf("encoding", "Line %d has characters that no text has. Choose another encoding.",
			lineAt(text, at))
	}
	if name == utf8Text && !utf8.ValidString(text) {
		return "", access.Invalidf("encoding", "Line %d isn't UTF-8 text. Choose another encoding.",
			lineAt(text, firstInvalid(text)))
	}
	if strings.HasPrefix(name, "utf-16") && !validUTF16(data, name) {
		return "", access.Invalidf("encoding", "The file isn't UTF-16 text. Choose another encoding.")
	}
	return text, nil
}

// validUTF16 reports whether every surrogate has its other half.
func validUTF16(data []byte, name string) bool {
	order := binary.ByteOrder(binary.LittleEndian)
	if name == utf16Big {
		order = binary.BigEndian
	}
	high := false
	for i := 0; i+1 < len(data); i += 2 {
		unit := order.Uint16(data[i:])
		if low := unit>>10 == 0xdc00>>10; low != high {
			return false
		}
		high = unit>>10 == 0xd800>>10
	}
	return !high
}

// firstInvalid is the position of the first byte that is not UTF-8.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return i
		}
	}
	return len(text)
}

// lineAt is the number of the line, from 1, in which the position is.
func lineAt(text string, at int) int {
	line := 1
	for i := range at {
		if text[i] == '\n' || text[i] == '\r' && !strings.HasPrefix(text[i+1:], "\n") {
			line++
		}
	}
	return line
}
