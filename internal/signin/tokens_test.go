package signin_test

import (
	"strings"
	"testing"

	"myaccess/internal/signin"
)

// Tokens have 256 bits, differ, and need no escaping in addresses and cookies.
func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := signin.NewToken()
		if len(token) != 43 || seen[token] || strings.ContainsAny(token, "+/=") {
			t.Fatalf("%q", token)
		}
		seen[token] = true
	}
	if got := signin.HashToken("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the hash of abc is %s", got)
	}
}
