package load_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/load"
)

// plainFlow goes to a server that plays the gateway.
func plainFlow(address string, every time.Duration) load.Flow {
	return load.Flow{
		Name: "plain", Direction: load.Outbound, Every: every, Sizes: []int64{10},
		Targets: []load.Target{{Host: "gateway.test:8080", Address: address, From: "G12", To: "G22"}},
	}
}

// honest answers as the hub does.
func honest(w http.ResponseWriter, r *http.Request) {
	receipt := httptest.NewRecorder()
	r.URL.Path = "/v1/inbox"
	agencyserver.New(1).Handler().ServeHTTP(receipt, r)
	_, digest, _ := strings.Cut(receipt.Body.String(), `"digest":"`)
	digest, _, _ = strings.Cut(digest, `"`)
	w.WriteHeader(http.StatusAccepted)
	_, _ = fmt.Fprintf(w, `{"digest":%q,"pushes":[{"digest":%q}]}`, digest, digest)
}

// tapped gives the connections of a server to the test.
type tapped struct {
	net.Listener
	mu    sync.Mutex
	conns []*net.TCPConn
}

func (l *tapped) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, conn.(*net.TCPConn))
	return conn, nil
}

// A connection that is reset while it idles fails no request, and must be seen all the same.
func TestResetOfAnIdleConnectionIsCounted(t *testing.T) {
	listener := &tapped{Listener: must(net.Listen("tcp", "127.0.0.1:0"))}
	server := &http.Server{Handler: http.HandlerFunc(honest)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	// The first request comes after the pause, and the second would come only long after the reset.
	d := start(t, plainFlow(listener.Addr().String(), 2*time.Second))
	sent(t, d, "peace", 1)
	d.Mark("reset")
	listener.mu.Lock()
	_ = listener.conns[0].SetLinger(0)
	_ = listener.conns[0].Close()
	listener.mu.Unlock()
	eventually(t, func() error {
		if totals := d.Totals("reset"); totals.Resets != 1 {
			return fmt.Errorf("there are %+v", totals)
		}
		return nil
	})
	d.Stop()
	if totals := d.Totals(); totals.Failed != 0 {
		t.Errorf("no request was under way, and there are %+v", totals)
	}
}

// An orderly end is no reset.
func TestOrderlyEndIsNoReset(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		honest(w, r)
	}))
	t.Cleanup(server.Close)
	d := start(t, plainFlow(server.Listener.Addr().String(), 10*time.Millisecond))
	sent(t, d, "peace", 20)
	d.Stop()
	if totals := d.Totals(); totals.Failed != 0 || totals.Resets != 0 {
		t.Errorf("there are %+v; %v", totals, d.Failures())
	}
}

// net/http repeats some requests whose kept connection ended; none of these may be.
func TestNoRequestIsRepeated(t *testing.T) {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = listener.Close() })
	var mu sync.Mutex
	arrived := 0
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerOnce(conn, func() { mu.Lock(); defer mu.Unlock(); arrived++ })
		}
	}()
	d := start(t, plainFlow(listener.Addr().String(), 30*time.Millisecond))
	sent(t, d, "peace", 20)
	d.Stop()
	totals := d.Totals()
	mu.Lock()
	defer mu.Unlock()
	if totals.Failed == 0 || arrived > totals.Sent {
		t.Errorf("%d requests arrived of %+v", arrived, totals)
	}
	if totals.Failed < totals.Sent/3 {
		t.Errorf("every second request on a connection got no answer, and there are %+v", totals)
	}
}

// answerOnce answers the first request of a connection, and breaks off at the second.
func answerOnce(conn net.Conn, arrived func()) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for n := range 2 {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		arrived()
		if n == 1 {
			return
		}
		recorder := httptest.NewRecorder()
		honest(recorder, request)
		response := recorder.Result()
		response.ContentLength = int64(recorder.Body.Len())
		_ = response.Write(conn)
	}
}

// What the receiver did not confirm is a failure, whatever the status.
func TestAnswersAreChecked(t *testing.T) {
	for want, handler := range map[string]http.HandlerFunc{
		"status 503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"the hub received sha256:x": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"digest":"sha256:x","pushes":[{"digest":"sha256:x"}]}`)
		},
		"could not deliver it": func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			honest(answer, r)
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, strings.Replace(answer.Body.String(), `[{"digest":"sha256`, `[{"digest":"sha512`, 1))
		},
		"reading the hub's answer": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) },
	} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		d := start(t, plainFlow(server.Listener.Addr().String(), 10*time.Millisecond))
		sent(t, d, "peace", 2)
		d.Stop()
		if failures := d.Failures(); len(failures) == 0 || !strings.Contains(failures[0].Err.Error(), want) {
			t.Errorf("want a failure with %q, got %v", want, failures)
		}
	}
}
