//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"lienthong.gov.vn/connector-operator/test/pki"
)

// guests each hold one connection open to the inbound port of one gateway pod, all with the same identity.
type guests struct {
	identity tls.Certificate
	all      []*guest
}

type guest struct {
	pod  corev1.Pod
	conn *tls.Conn
	// cut is closed when the connection has ended, at the time until.
	cut   chan struct{}
	until time.Time
}

// enter connects to every pod, and has one request answered on each connection.
func enter(t *testing.T, identity pki.Pair, pods []corev1.Pod) *guests {
	t.Helper()
	g := &guests{identity: must(identity.TLS())(t)}
	for i := range pods {
		conn, err := g.knock(t.Context(), &pods[i])
		if err != nil {
			t.Fatalf("pod %s/%s does not let in who is not revoked: %v", pods[i].Namespace, pods[i].Name, err)
		}
		one := &guest{pod: pods[i], conn: conn, cut: make(chan struct{})}
		g.all = append(g.all, one)
		go one.wait()
	}
	t.Cleanup(func() {
		for _, one := range g.all {
			_ = one.conn.Close()
		}
	})
	return g
}

// wait reads until the connection ends; nothing is to be read, because every answer was.
func (g *guest) wait() {
	_, _ = g.conn.Read(make([]byte, 1))
	g.until = time.Now()
	close(g.cut)
}

// knock makes a connection and has a request answered on it. In TLS 1.3 a client learns only with the answer that it was refused.
func (g *guests) knock(ctx context.Context, pod *corev1.Pod) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{
		Certificates: []tls.Certificate{g.identity}, NextProtos: []string{"http/1.1"},
		InsecureSkipVerify: true, // whoever has stolen the key does not mind
	}}
	raw, err := dialer.DialContext(ctx, "tcp", address(pod.Status.PodIP, inboundPort))
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	conn := raw.(*tls.Conn)
	if err := ask(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func ask(conn *tls.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(requestTimeout))
	if _, err := conn.Write([]byte("HEAD /v1/received HTTP/1.1\r\nHost: gateway\r\n\r\n")); err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	request, err := http.NewRequest(http.MethodHead, "/", nil)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	_ = response.Body.Close()
	_ = conn.SetDeadline(time.Time{})
	return nil
}

// stay checks that no connection was cut so far.
func (g *guests) stay(t *testing.T) {
	t.Helper()
	for _, one := range g.all {
		select {
		case <-one.cut:
			t.Errorf("pod %s/%s cut a connection of who is not revoked", one.pod.Namespace, one.pod.Name)
		default:
		}
	}
}

// thrownOut gives, in ascending order, how long after begin each pod had cut the connection and refused another one.
func (g *guests) thrownOut(t *testing.T, begin time.Time) []time.Duration {
	t.Helper()
	return g.each(t, func(ctx context.Context, one *guest) (time.Time, error) {
		select {
		case <-one.cut:
		case <-ctx.Done():
			return time.Time{}, errors.New("the open connection is not cut")
		}
		conn, err := g.knock(ctx, &one.pod)
		if err == nil {
			return time.Time{}, errors.Join(errors.New("the open connection was cut, and then another one was let in"), conn.Close())
		}
		if dial := new(net.OpError); errors.As(err, &dial) && dial.Op == "dial" {
			return time.Time{}, fmt.Errorf("the gateway is gone: %w", err)
		}
		return one.until, nil
	}, begin)
}

// knockEach is the pause between two knocks at whatever pod. Knocking at all of them at once would take the time of the machine that is
// to be measured.
const knockEach = 25 * time.Millisecond

// letIn gives how long after begin the last pod let a new connection in.
func (g *guests) letIn(t *testing.T, begin time.Time) time.Duration {
	t.Helper()
	waiting := slices.Clone(g.all)
	tick := time.NewTicker(knockEach)
	defer tick.Stop()
	eventually(t, func() error {
		var refusals []error
		waiting = slices.DeleteFunc(waiting, func(one *guest) bool {
			<-tick.C
			conn, err := g.knock(t.Context(), &one.pod)
			if err != nil {
				refusals = append(refusals, fmt.Errorf("pod %s/%s lets nobody in: %w", one.pod.Namespace, one.pod.Name, err))
				return false
			}
			_ = conn.Close()
			return true
		})
		return errors.Join(refusals...)
	})
	return time.Since(begin)
}

func (g *guests) each(t *testing.T, check func(context.Context, *guest) (time.Time, error), begin time.Time) []time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	for _, one := range g.all {
		all.Go(func() {
			at, err := check(ctx, one)
			if err != nil {
				t.Errorf("pod %s/%s: %v", one.pod.Namespace, one.pod.Name, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, at.Sub(begin))
		})
	}
	all.Wait()
	if len(took) < len(g.all) {
		t.FailNow()
	}
	slices.Sort(took)
	return took
}
