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

// buffers pools the memory in which pages are rendered and compressed.
type buffers struct{ texts, compressors sync.Pool }

func newBuffers() *buffers {
	return &buffers{
		texts: sync.Pool{New: func() any { return &bytes.Buffer{} }},
		compressors: sync.Pool{New: func() any {
			w, _ := gzip.NewWriterLevel(io.Discard, compressionLevel)
			return w
		}},
	}
}

// compressionLevel is the fastest: a higher one costs more time than it saves
// at the size of pages.
const compressionLevel = gzip.BestSpeed

// maxPooledBuffer is the capacity in bytes above which a buffer is not reused.
const maxPooledBuffer = 1 << 18

func (b *buffers) get() *bytes.Buffer {
	text := b.texts.Get().(*bytes.Buffer)
	text.Reset()
	return text
}

func (b *buffers) put(text *bytes.Buffer) {
	if text.Cap() <= maxPooledBuffer {
		b.texts.Put(text)
	}
}

// minCompressedSize is the size in bytes from which a page is compressed.
const minCompressedSize = 500

// writePage sends a rendered page, compressed if the browser accepts gzip.
func (c *Context) writePage(status int, text *bytes.Buffer) error {
	c.EndSnapshot()
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/html; charset=utf-8")
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if text.Len() >= minCompressedSize && strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
		compressed := c.buffers.get()
		defer c.buffers.put(compressed)
		if err := c.buffers.compress(compressed, text.Bytes()); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, "gzip")
		text = compressed
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(text.Len()))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(text.Bytes())
	return err
}

func (b *buffers) compress(to io.Writer, text []byte) error {
	w := b.compressors.Get().(*gzip.Writer)
	defer b.compressors.Put(w)
	w.Reset(to)
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close()
}
