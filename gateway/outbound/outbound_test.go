package outbound

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

func TestCandidates(t *testing.T) {
	cases := []struct {
		conditions []condition
		order      []int
		active     int
	}{
		{nil, nil, -1},
		{[]condition{unknown, unknown}, []int{0, 1}, -1},
		{[]condition{up, up}, []int{0, 1}, 0},
		{[]condition{down, up}, []int{1}, 1},
		{[]condition{unknown, up}, []int{0, 1}, 1},
		{[]condition{down, down}, nil, -1},
	}
	for _, c := range cases {
		if got := candidates(c.conditions); !slices.Equal(got, c.order) {
			t.Errorf("of %v the candidates are %v and not %v", c.conditions, got, c.order)
		}
		if got := active(c.conditions); got != c.active {
			t.Errorf("of %v the active one is %d and not %d", c.conditions, got, c.active)
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
