package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

func TestCandidates(t *testing.T) {
	fresh, well, gone, slow := newHealth(), newHealth(), newHealth(), newHealth()
	well.set(nil)
	gone.set(errors.New("refused"))
	slow.set(&DialError{Endpoint: "slow", Err: fmt.Errorf("checking: %w", context.DeadlineExceeded)})
	cases := []struct {
		endpoints []*health
		order     []int
		active    int
	}{
		{nil, nil, -1},
		{[]*health{fresh, fresh}, []int{0, 1}, -1},
		{[]*health{well, well}, []int{0, 1}, 0},
		{[]*health{gone, well}, []int{1}, 1},
		{[]*health{slow, well}, []int{1}, 1},
		{[]*health{fresh, well}, []int{0, 1}, 1},
		{[]*health{slow, fresh}, []int{1}, -1},
		{[]*health{gone, gone}, nil, -1},
		{[]*health{slow, slow}, []int{0, 1}, -1},
		{[]*health{gone, slow}, []int{1}, -1},
	}
	for n, c := range cases {
		var states []healthState
		for _, h := range c.endpoints {
			states = append(states, h.state())
		}
		if got := candidates(states); !slices.Equal(got, c.order) {
			t.Errorf("in case %d the candidates are %v and not %v", n, got, c.order)
		}
		if got := active(states); got != c.active {
			t.Errorf("in case %d the active one is %d and not %d", n, got, c.active)
		}
	}
}

func TestByPriority(t *testing.T) {
	in := []config.Endpoint{{Name: "c", Priority: 5}, {Name: "a", Priority: -1}, {Name: "d", Priority: 5}, {Name: "b"}}
	var names []string
	for _, e := range byPriority(in) {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, ""); got != "abcd" || in[0].Name != "c" {
		t.Errorf("the order is %s, and the list given begins with %s", got, in[0].Name)
	}
}

// TestMayTryNext holds the rule that no request is processed twice.
func TestMayTryNext(t *testing.T) {
	dial := &DialError{Endpoint: "x", Err: errors.New("refused")}
	broke := io.ErrUnexpectedEOF
	cases := []struct {
		name    string
		method  string
		body    string
		touched bool
		err     error
		want    bool
	}{
		{"no connection", http.MethodPost, "x", false, dial, true},
		{"no connection, no body", http.MethodDelete, "", false, dial, true},
		{"no connection, but the body was read", http.MethodPost, "x", true, dial, false},
		{"broke off", http.MethodPost, "x", true, broke, false},
		{"broke off before the body was read", http.MethodPost, "x", false, broke, false},
		{"broke off, without body", http.MethodPost, "", false, broke, false},
		{"a deletion broke off", http.MethodDelete, "", false, broke, false},
		{"a question broke off", http.MethodGet, "", false, broke, true},
		{"a question with a body broke off", http.MethodGet, "x", false, broke, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var body *guardedBody
			if c.body != "" {
				body = guard(io.NopCloser(strings.NewReader(c.body)))
			}
			if c.touched {
				_, _ = body.Read(make([]byte, 1))
			}
			if got := mayTryNext(&http.Request{Method: c.method}, body, c.err); got != c.want {
				t.Errorf("the next endpoint is tried: %t", got)
			}
		})
	}
}
