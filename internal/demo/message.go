package demo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// Message is a message in the mailbox.
type Message struct {
	Number   int // from 1, in the order of arrival
	ID       string
	From     string
	To       []string // addresses of the envelope
	Subject  string
	Text     string // empty if there is no such part
	HTML     string // empty if there is no such part
	Received time.Time
}

// maxParts is the maximum nesting of parts.
const maxParts = 5

// parseMessage reads a stamped message (RFC 5322, MIME).
func parseMessage(number int, raw []byte) (Message, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	_, stamp, _ := strings.Cut(m.Header.Get("Received"), "; ")
	received, err := time.Parse(time.RFC1123Z, stamp)
	if err != nil {
		return Message{}, err
	}
	msg := Message{Number: number, ID: m.Header.Get("Message-Id"), From: decodeHeader(m.Header.Get("From")),
		To: m.Header["Delivered-To"], Subject: decodeHeader(m.Header.Get("Subject")), Received: received}
	return msg, msg.readPart(textproto.MIMEHeader(m.Header), m.Body, 0)
}

func decodeHeader(field string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(field)
	if err != nil {
		return field
	}
	return s
}

// readPart takes the texts from a part and the parts in it. The first of each kind
// is used.
func (m *Message) readPart(h textproto.MIMEHeader, body io.Reader, depth int) error {
	if depth > maxParts {
		return errors.New("parts within parts within parts")
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.readParts(multipart.NewReader(body, params["boundary"]), depth)
	}
	text, err := io.ReadAll(transferDecoder(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return fmt.Errorf("part %s: %w", kind, err)
	}
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = strings.ToValidUTF8(string(text), "�")
	case kind == "text/html" && m.HTML == "":
		m.HTML = strings.ToValidUTF8(string(text), "�")
	}
	return nil
}

func (m *Message) readParts(parts *multipart.Reader, depth int) error {
	for {
		// A raw part keeps its encoding, so that all are decoded in one place.
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.readPart(p.Header, p, depth+1); err != nil {
			return err
		}
	}
}

func transferDecoder(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return r
}

// span is a piece of a text; Link is its address, or empty.
type span struct{ Text, Link string }

// spans splits a text at its links.
func spans(text string) []span {
	var out []span
	end := 0
	for _, at := range regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`).FindAllStringIndex(text, -1) {
		out = append(out, span{Text: text[end:at[0]]}, span{Text: text[at[0]:at[1]], Link: text[at[0]:at[1]]})
		end = at[1]
	}
	return append(out, span{Text: text[end:]})
}
