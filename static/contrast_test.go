package static_test

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"testing"
)

// palette returns the light and dark value of each colour of the stylesheet.
func palette(t *testing.T) map[string][2]string {
	t.Helper()
	a := assets(t)
	css := text(t, get(a, http.MethodGet, a.Path("app.css")).Body)
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)`).FindAllStringSubmatch(css, -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	return colours
}

// luminance is the relative luminance of WCAG 2.2, from 0 for black to 1 for
// white.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(colour, 16, 24)
	if err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text has a contrast of 4.5:1 and marks of 3:1 on all their backgrounds (WCAG
// 2.2, 1.4.3 and 1.4.11), light and dark.
func TestContrast(t *testing.T) {
	colours := palette(t)
	grounds := []string{"back", "card", "sunken", "hover", "select"}
	bars := []string{"good-back", "wait-back", "bad-back", "info-back"}
	for _, c := range []struct {
		on    []string
		ratio float64
		names []string
	}{
		{grounds, 4.5, []string{"text", "soft", "link"}},
		{bars, 4.5, []string{"text", "link"}},
		{[]string{"back", "card", "hover"}, 4.5, []string{"bad"}},
		{[]string{"sunken"}, 4.5, []string{"off"}},
		{[]string{"good-back"}, 4.5, []string{"good"}},
		{[]string{"wait-back"}, 4.5, []string{"wait"}},
		{[]string{"bad-back"}, 4.5, []string{"bad"}},
		{[]string{"info-back"}, 4.5, []string{"info"}},
		{[]string{"card"}, 3, []string{"good"}},
		{[]string{"face1-back"}, 4.5, []string{"face1"}},
		{[]string{"face2-back"}, 4.5, []string{"face2"}},
		{[]string{"face3-back"}, 4.5, []string{"face3"}},
		{[]string{"face4-back"}, 4.5, []string{"face4"}},
		{[]string{"face5-back"}, 4.5, []string{"face5"}},
		{grounds, 3, []string{"mark", "edge"}},
	} {
		for _, name := range c.names {
			for _, on := range c.on {
				for i, mode := range []string{"light", "dark"} {
					if got := contrast(t, colours[name][i], colours[on][i]); got < c.ratio {
						t.Errorf("%s on %s, %s: %.2f", name, on, mode, got)
					}
				}
			}
		}
	}
	for _, name := range []string{"brand", "brand-hover", "danger"} {
		for i := range 2 {
			if got := contrast(t, "ffffff", colours[name][i]); got < 4.5 {
				t.Errorf("white on %s: %.2f", name, got)
			}
		}
	}
}
