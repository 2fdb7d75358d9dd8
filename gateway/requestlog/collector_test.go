package requestlog

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/pki"
)

// numbers are the identifiers in the messages, in order.
func numbers(messages []string) []string {
	var all []string
	for _, m := range messages {
		_, rest, _ := strings.Cut(m, `"RequestID":"`)
		number, _, _ := strings.Cut(rest, `"`)
		all = append(all, number)
	}
	return all
}

func upTo(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

// TestCollectorGetsSyslog: every line arrives in its order as an RFC 5424 message, over TLS 1.3, with the gateway's certificate shown.
func TestCollectorGetsSyslog(t *testing.T) {
	b := newBench(t, nil)
	s := b.collect("127.0.0.1:0", nil)
	b.to(s.addr(), nil)
	b.write(0, 500)
	eventually(t, "500 messages", func() bool { return len(s.got()) == 500 })
	b.close(patience)
	if got := numbers(s.got()); !slices.Equal(got, upTo(500)) {
		t.Errorf("the messages came as %v", got)
	}
	form := regexp.MustCompile(`^<110>1 2026-03-01T08:30:00\.123456Z main-0\.g12 lienthong-gateway - request ` +
		`\[origin software="lienthong-gateway" swVersion="v1"\] \{"time":"2026-03-01T08:30:00\.123456Z","RequestID":"\d+"\}$`)
	for _, m := range s.got() {
		if !form.MatchString(m) {
			t.Fatalf("the message has another form: %s", m)
		}
	}
	if got, want := s.shown(), b.leaf.Leaf.SerialNumber.Text(16); !slices.Equal(got, []string{want}) {
		t.Errorf("the collector was shown %v and not once %s", got, want)
	}
	if strings.Count(b.output.String(), "\n") != 500 || b.metric("lines_sent_total", "output") != 500 || b.metric("lines_sent_total", "collector") != 500 {
		t.Errorf("standard output or the counters do not tell of 500 lines")
	}
}

// TestCollectorComesBack: lines wait for a collector that is not there, and for one that went away; none is lost that was not on its way.
func TestCollectorComesBack(t *testing.T) {
	b := newBench(t, nil)
	address := free()
	b.to(address, nil)
	b.write(0, 10)
	eventually(t, "the outage is told", func() bool { return strings.Contains(b.said.String(), "The log collector takes no lines") })
	if b.metric("queue_lines", "collector") != 10 {
		t.Errorf("%v lines wait and not 10", b.metric("queue_lines", "collector"))
	}
	s := b.collect(address, nil)
	eventually(t, "10 messages", func() bool { return len(s.got()) == 10 })
	s.stop()
	b.write(10, 20)
	s = b.collect(address, nil)
	eventually(t, "10 more messages", func() bool { return len(s.got()) == 10 })
	if got := numbers(s.got()); got[0] != "10" || got[9] != "19" {
		t.Errorf("the messages came as %v", got)
	}
	if n := strings.Count(b.said.String(), "The log collector takes no lines"); n > 2 {
		t.Errorf("two outages were told %d times", n)
	}
	if b.metric("lines_dropped_total", "collector") != 0 {
		t.Error("lines were dropped")
	}
}

// TestCollectorMustBeWhoItShouldBe, and must take the gateway for who it is: else lines wait, and none is sent.
func TestCollectorMustBeWhoItShouldBe(t *testing.T) {
	other := must(pki.NewCA("another CA"))
	cases := []struct {
		name, why string
		edit      func(*bench, *tls.Config)
		to        func(address string) string
	}{
		{"another authority", "unknown authority", func(_ *bench, c *tls.Config) {
			c.Certificates = []tls.Certificate{must(must(other.Issue(pki.Request{IPs: []net.IP{net.IPv4(127, 0, 0, 1)}})).TLS())}
		}, nil},
		{"another name", "wanted to match localhost", nil, func(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }},
		{"TLS 1.2 under a floor of 1.3", "protocol version", func(_ *bench, c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, nil},
		{"does not know the gateway", "remote error: tls:", func(_ *bench, c *tls.Config) {
			c.ClientCAs = x509.NewCertPool()
			c.ClientCAs.AddCert(other.Certificate)
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			s := b.collect("127.0.0.1:0", func(cfg *tls.Config) {
				if c.edit != nil {
					c.edit(b, cfg)
				}
			})
			address := s.addr()
			if c.to != nil {
				address = c.to(address)
			}
			b.to(address, nil)
			b.write(0, 3)
			eventually(t, "the outage is told", func() bool { return strings.Contains(b.said.String(), "takes no lines") })
			if !strings.Contains(b.said.String(), c.why) {
				t.Errorf("the log does not say %q: %s", c.why, b.said)
			}
			if len(s.got()) != 0 || b.metric("queue_lines", "collector") != 3 || b.metric("lines_sent_total", "collector") != 0 {
				t.Errorf("%d messages were sent, %v wait", len(s.got()), b.metric("queue_lines", "collector"))
			}
		})
	}
}

// TestCollectorIsShownTheNewCertificate when it was rotated, and an unchanged configuration changes nothing.
func TestCollectorIsShownTheNewCertificate(t *testing.T) {
	b := newBench(t, nil)
	s := b.collect("127.0.0.1:0", nil)
	b.to(s.addr(), func(set *Settings) { set.Certificate = nil })
	b.write(0, 1) // it waits for a certificate
	b.to(s.addr(), nil)
	eventually(t, "the first message", func() bool { return len(s.got()) == 1 })
	b.to(s.addr(), nil)
	b.write(1, 2)
	eventually(t, "the second message", func() bool { return len(s.got()) == 2 })
	first := b.leaf
	b.leaf = b.issue()
	b.to(s.addr(), nil)
	b.write(2, 3)
	eventually(t, "the third message", func() bool { return len(s.got()) == 3 })
	want := []string{first.Leaf.SerialNumber.Text(16), b.leaf.Leaf.SerialNumber.Text(16)}
	if got := s.shown(); !slices.Equal(got, want) {
		t.Errorf("the collector was shown %v and not %v", got, want)
	}
}

// TestDeadCollectorHoldsUpNobody: one that takes the connection and then nothing more. The queue fills, what does not fit is counted,
// the gap is told once, and the end of the gateway does not wait beyond its time.
func TestDeadCollectorHoldsUpNobody(t *testing.T) {
	b := newBench(t, nil)
	dead := must(net.Listen("tcp", "127.0.0.1:0")) // the backlog takes connections, and nobody answers
	defer func() { _ = dead.Close() }()
	b.to(dead.Addr().String(), nil)
	const lines = maxLines + 500
	begin := time.Now()
	b.write(0, lines)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("%d lines took %s", lines, took)
	}
	if got := b.metric("lines_dropped_total", "collector"); got != 500 {
		t.Errorf("%v lines were dropped and not 500", got)
	}
	if n := strings.Count(b.said.String(), "The queue of lines for the log collector is full"); n != 1 {
		t.Errorf("one gap was told %d times", n)
	}
	eventually(t, "all lines on standard output", func() bool {
		return b.metric("lines_sent_total", "output")+b.metric("lines_dropped_total", "output") == lines
	})
	begin = time.Now()
	b.close(300 * time.Millisecond)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the end took %s", took)
	}
	if got := b.metric("lines_dropped_total", "collector"); got != lines {
		t.Errorf("%v lines were told as dropped and not %d", got, lines)
	}
}

// TestCollectorThatStopsReading: the same in the middle of a connection, where a write stands still.
func TestCollectorThatStopsReading(t *testing.T) {
	b := newBench(t, nil)
	pool := x509.NewCertPool()
	pool.AddCert(b.ca.Certificate)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer func() { _ = listener.Close() }()
	shaken, stop := make(chan struct{}), make(chan struct{})
	defer close(stop)
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{b.issue()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
		_ = conn.Handshake()
		close(shaken)
		<-stop
		_ = raw.Close()
	}()
	b.to(listener.Addr().String(), func(s *Settings) { s.Log.Fields = nil })
	path := strings.Repeat("/x", 500)
	fill := func() {
		for range maxLines {
			b.log.Write(Entry{At: moment(), Path: path})
		}
	}
	fill()
	<-shaken
	eventually(t, "lines are dropped", func() bool {
		fill()
		return b.metric("lines_dropped_total", "collector") > 0
	})
	begin := time.Now()
	b.close(300 * time.Millisecond)
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("the end took %s", took)
	}
}

// TestCollectorIsTakenAway: what waited for it is given up, and no line is kept any more.
func TestCollectorIsTakenAway(t *testing.T) {
	b := newBench(t, nil)
	b.to(free(), nil)
	b.write(0, 5)
	eventually(t, "the outage is told", func() bool { return strings.Contains(b.said.String(), "takes no lines") })
	b.to("", func(s *Settings) { s.Log.Collector = nil })
	eventually(t, "nothing waits", func() bool { return b.metric("queue_lines", "collector") == 0 })
	b.write(5, 10)
	if got := b.metric("lines_dropped_total", "collector"); got != 5 {
		t.Errorf("%v lines are dropped and not 5", got)
	}
}

// TestCloseBringsOutWhatWaits, also over a connection that is not there yet.
func TestCloseBringsOutWhatWaits(t *testing.T) {
	b := newBench(t, nil)
	s := b.collect("127.0.0.1:0", nil)
	b.to(s.addr(), nil)
	b.write(0, 2000)
	b.close(patience)
	eventually(t, "2000 messages", func() bool { return len(s.got()) == 2000 })
	if strings.Count(b.output.String(), "\n") != 2000 {
		t.Error("standard output lacks lines")
	}
}

// stuck is a standard output that nobody reads.
type stuck struct{ free chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.free
	return len(p), nil
}

// TestStuckOutputHoldsUpNobody: neither requests, nor the collector, nor the end.
func TestStuckOutputHoldsUpNobody(t *testing.T) {
	output := stuck{make(chan struct{})}
	defer close(output.free)
	b := newBench(t, output)
	s := b.collect("127.0.0.1:0", nil)
	b.to(s.addr(), nil)
	for n := range 4 {
		b.write(n*maxLines/2, (n+1)*maxLines/2)
		eventually(t, "the messages", func() bool { return len(s.got()) == (n+1)*maxLines/2 })
	}
	if b.metric("lines_dropped_total", "output") < maxLines/2 || strings.Count(b.said.String(), "for standard output is full") != 1 {
		t.Errorf("%v lines were dropped: %s", b.metric("lines_dropped_total", "output"), b.said)
	}
	b.close(100 * time.Millisecond)
}
