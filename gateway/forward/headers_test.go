package forward

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestClaimsIdentity(t *testing.T) {
	for name, want := range map[string]bool{
		"Lienthong-Peer": true, "Lienthong_Peer": true, "LIENTHONG-AGENCY": true, "X-Forwarded-For": true, "X_Forwarded_For": true,
		"Forwarded": true, "X-Real-Ip": true, "Ssl-Client-Dn": true, "X-Ssl-Cert": true, "X-Spiffe-Id": true,
		"Content-Type": false, "Authorization": false, "X-Request-Id": false, "Lienthong": false, "Xlienthong-Peer": false,
	} {
		if got := claimsIdentity(name); got != want {
			t.Errorf("%s claims an identity: %t", name, got)
		}
	}
}

func TestRefuse(t *testing.T) {
	cases := []struct {
		name, method, path, upgrade string
		length                      int64
		want                        int // 0 if it is forwarded
	}{
		{"a request", "POST", "/v1/inbox", "", 10, 0},
		{"at the bound", "POST", "/", "", 100, 0},
		{"over the bound", "POST", "/", "", 101, 413},
		{"of unknown length", "POST", "/", "", -1, 0},
		{"a tunnel", "CONNECT", "/", "", 0, 405},
		{"a web socket", "GET", "/", "websocket", 0, 501},
		{"the offer of h2c", "GET", "/", "h2c", 0, 0},
		{"dots", "GET", "/a/../b", "", 0, 400},
		{"dots at the end", "GET", "/a/..", "", 0, 400},
		{"one dot", "GET", "/./a", "", 0, 400},
		{"dots and back slash", "GET", `/a\..\b`, "", 0, 400},
		{"dots in a name", "GET", "/a..b/...c", "", 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "http://gateway/", nil)
			r.URL.Path, r.ContentLength = c.path, c.length
			r.Header = http.Header{}
			if c.upgrade != "" {
				r.Header.Set("Upgrade", c.upgrade)
			}
			got := 0
			if no := refuse(r, 100); no != nil {
				got = no.status
			}
			if got != c.want {
				t.Errorf("it is answered with %d and not %d", got, c.want)
			}
			if r.Header.Get("Upgrade") == "h2c" {
				t.Error("the offer of h2c is passed on")
			}
		})
	}
}
