package kit

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"
)

// buffers are kept to be used again: pages are made whole before the first byte
// of them is sent, so that a fault on the way is answered as one.
type buffers struct{ texts, packers sync.Pool }

func newBuffers() *buffers {
	return &buffers{
		texts: sync.Pool{New: func() any { return &bytes.Buffer{} }},
		packers: sync.Pool{New: func() any {
			w, _ := gzip.NewWriterLevel(io.Discard, packing)
			return w
		}},
	}
}

// packing is how hard pages are compressed: harder costs more time than it saves
// bytes at their size.
const packing = gzip.BestSpeed

// mostKept is the size of the largest buffer that is kept.
const mostKept = 1 << 18

func (b *buffers) get() *bytes.Buffer {
	text := b.texts.Get().(*bytes.Buffer)
	text.Reset()
	return text
}

func (b *buffers) put(text *bytes.Buffer) {
	if text.Cap() <= mostKept {
		b.texts.Put(text)
	}
}

// leastPacked is the size from which a page is compressed.
const leastPacked = 500

// writePage sends a page at once, compressed where the browser takes that.
func (c *Context) writePage(status int, text *bytes.Buffer) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/html; charset=utf-8")
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if text.Len() >= leastPacked && strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
		packed := c.buffers.get()
		defer c.buffers.put(packed)
		if err := c.buffers.pack(packed, text.Bytes()); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, "gzip")
		text = packed
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(text.Len()))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(text.Bytes())
	return err
}

func (b *buffers) pack(to io.Writer, text []byte) error {
	w := b.packers.Get().(*gzip.Writer)
	defer b.packers.Put(w)
	w.Reset(to)
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close()
}
