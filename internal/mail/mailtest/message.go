package mailtest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Message is an accepted message.
type Message struct {
	From    string   // of the envelope
	To      []string // of the envelope
	Subject string   // decoded
	Text    string   // decoded, with \n
	HTML    string   // decoded, with \n
	Header  mail.Header
	TLS     bool   // whether the connection used TLS
	Hello   string // the name in EHLO
}

// parse reads a message with a text and an HTML part.
func parse(r io.Reader) (Message, error) {
	raw, err := mail.ReadMessage(r)
	if err != nil {
		return Message{}, err
	}
	m := Message{Header: raw.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject")); err != nil {
		return m, err
	}
	kind, params, err := mime.ParseMediaType(raw.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	if kind != "multipart/alternative" {
		return m, fmt.Errorf("the message is %s", kind)
	}
	return m, m.parts(multipart.NewReader(raw.Body, params["boundary"]))
}

func (m *Message) parts(r *multipart.Reader) error {
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := decode(p)
		if err != nil {
			return err
		}
		switch kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";"); kind {
		case "text/plain":
			m.Text = text
		case "text/html":
			m.HTML = text
		default:
			return fmt.Errorf("a part is %q", kind)
		}
	}
}

func decode(p *multipart.Part) (string, error) {
	var r io.Reader = p
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(p)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, p)
	}
	b, err := io.ReadAll(r)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}
