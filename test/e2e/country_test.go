//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/load"
)

const (
	// peaceTime is how long traffic is measured before anything is done to it.
	peaceTime = 20 * time.Second
	// hubTrust is the ConfigMap that the operator keeps for the hub's own systems.
	// largeBody is the size of the large documents.
	largeBody             int64 = 20 << 20
	hubTrust, hubTrustKey       = "hub-trust", "trust.pem"
	peace                       = "peace"
)

// country is steady traffic over the gateways of all agencies, in both directions, as the hub and as the agencies' own systems.
type country struct {
	*load.Driver
	flows  []load.Flow
	period string
}

// startCountry sends over all agencies but those that are left out, until the test ends or nothingFailed is called. It returns when the
// time of peace is over.
func startCountry(t *testing.T, without ...string) *country {
	t.Helper()
	face := watchHub(t)
	inbound, outbound := targets(t, without)
	all := flows(face.credentials, inbound, outbound)
	driver, err := load.Start(peace, all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(driver.Stop)
	c := &country{Driver: driver, flows: all, period: peace}
	c.goesOn(t, peaceTime)
	return c
}

// begins ends the period when it has shown something, and begins another one.
func (c *country) begins(t *testing.T, period string) {
	t.Helper()
	c.shows(t)
	c.period = period
	c.Mark(period)
}

// shows waits until the present period shows something: each flow has sent a request in it, and a large body has arrived each way.
func (c *country) shows(t *testing.T) {
	t.Helper()
	eventually(t, func() error { return c.shown(c.period) })
}

// shown says what a period does not show.
func (c *country) shown(period string) error {
	largest := map[load.Direction]int64{}
	for _, f := range c.flows {
		totals := c.OfFlow(period, f.Name)
		if totals.Sent == 0 {
			return fmt.Errorf("in the %s, the flow %q sent no request", period, f.Name)
		}
		largest[f.Direction] = max(largest[f.Direction], totals.Largest)
	}
	for _, direction := range []load.Direction{load.Inbound, load.Outbound} {
		if largest[direction] < largeBody {
			return fmt.Errorf("in the %s, the largest %s body that arrived had %d bytes, want one of %d", period, direction, largest[direction], largeBody)
		}
	}
	return nil
}

// flows make 38 requests a second, of which one in about four seconds has 20 MB. Each kept connection is used every few seconds, because a
// client that keeps one through the whole drain of a gateway without using it cannot learn that it is to leave.
func flows(credentials func() (load.Credentials, error), inbound, outbound []load.Target) []load.Flow {
	const often, seldom, rarely = 125 * time.Millisecond, 250 * time.Millisecond, time.Second
	small := []int64{1 << 10}
	const most = 160
	// The large one of each flow comes at a time of its own.
	mixed := func(length, first int) []int64 {
		others := slices.Repeat([]int64{1 << 10, 16 << 10}, length/2-1)
		return slices.Insert(others, first, 1<<10, largeBody)
	}
	hub := func(f load.Flow) load.Flow {
		f.Direction, f.Credentials, f.Targets = load.Inbound, credentials, inbound
		return f
	}
	system := func(f load.Flow) load.Flow {
		f.Direction, f.Targets = load.Outbound, outbound
		return f
	}
	return []load.Flow{
		hub(load.Flow{Name: "in, HTTP/1.1, kept", Every: often, Sizes: mixed(most, 20)}),
		hub(load.Flow{Name: "in, HTTP/2, kept", HTTP2: true, Every: often, Sizes: mixed(most, 100)}),
		hub(load.Flow{Name: "in, HTTP/1.1, new", NewConnections: true, Every: seldom, Sizes: small}),
		hub(load.Flow{Name: "in, HTTP/2, new", HTTP2: true, NewConnections: true, Every: seldom, Sizes: mixed(most, 30)}),
		hub(load.Flow{Name: "in, HTTP/1.1, curl", Program: load.Curl, Every: rarely, Sizes: small}),
		hub(load.Flow{Name: "in, HTTP/2, curl", Program: load.Curl, HTTP2: true, Every: rarely, Sizes: small}),
		system(load.Flow{Name: "out, kept", Every: often, Sizes: mixed(most/2, 60)}),
		system(load.Flow{Name: "out, new", NewConnections: true, Every: seldom, Sizes: small}),
	}
}

// targets are the gateways of all agencies but some, by their Services; each agency sends to the next one.
func targets(t *testing.T, without []string) (inbound, outbound []load.Target) {
	t.Helper()
	var agencies []string
	for _, c := range must(shared.stage.Connectors(t.Context()))(t) {
		if !slices.Contains(without, c.Name) {
			agencies = append(agencies, c.Name)
		}
	}
	slices.Sort(agencies)
	for n, agency := range agencies {
		var service corev1.Service
		name := types.NamespacedName{Namespace: agency, Name: desired.GatewayName(agency)}
		if err := shared.stage.Client.Get(t.Context(), name, &service); err != nil {
			t.Fatalf("finding the Service of %s: %v", agency, err)
		}
		host := fmt.Sprintf("%s.%s.svc", name.Name, agency)
		inbound = append(inbound, load.Target{
			Host: address(host, inboundPort), Address: address(service.Spec.ClusterIP, inboundPort),
			SPIFFEID: must(connector(t.Context(), agency))(t).Status.SPIFFEID,
		})
		outbound = append(outbound, load.Target{
			Host: address(host, outboundPort), Address: address(service.Spec.ClusterIP, outboundPort),
			From: codeOf(agency), To: codeOf(agencies[(n+1)%len(agencies)]),
		})
	}
	return inbound, outbound
}

// goesOn lets time pass; it is for what is measured over a time, not for waiting that something comes to be.
func (c *country) goesOn(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal("the test was cut short")
	}
}

// someFailures is how many failures are printed.
const someFailures = 20

// nothingFailed stops the traffic, prints what became of it, and fails the test for every request that failed and every connection that
// was reset.
func (c *country) nothingFailed(t *testing.T, during ...string) {
	t.Helper()
	if slices.Contains(during, c.period) {
		c.shows(t)
	}
	c.Stop()
	var table bytes.Buffer
	if err := c.Report(&table); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", table.String())
	all := c.Totals()
	measuredf(t, "%d requests sent, %d failed, %d connections reset", all.Sent, all.Failed, all.Resets)
	before := c.Totals(peace)
	for _, period := range during {
		totals := c.Totals(period)
		measuredf(t, "p99 in the %s %s, in peace %s", period, round(totals.P99), round(before.P99))
		if err := c.shown(period); err != nil {
			t.Errorf("so nothing is shown: %v", err)
		}
	}
	failures := c.Failures()
	for _, f := range failures[:min(len(failures), someFailures)] {
		t.Error(f)
	}
	if all.Failed > 0 || all.Resets > 0 {
		t.Errorf("of %d requests, %d failed, and %d connections were reset; want none", all.Sent, all.Failed, all.Resets)
	}
}

// hubFace is what the hub shows and trusts, as its own systems are given it now.
type hubFace struct {
	mu  sync.Mutex
	now load.Credentials
}

func (h *hubFace) credentials() (load.Credentials, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now, nil
}

// watchHub keeps the hub's face until the test ends.
func watchHub(t *testing.T) *hubFace {
	t.Helper()
	h := &hubFace{}
	if err := h.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(pollEach)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = h.look(ctx) // What was seen last stays in use.
			}
		}
	})
	t.Cleanup(func() { stop(); looking.Wait() })
	return h
}

func (h *hubFace) look(ctx context.Context) error {
	var identity corev1.Secret
	if err := shared.stage.Client.Get(ctx, types.NamespacedName{Namespace: stage.HubNamespace, Name: "hub-identity"}, &identity); err != nil {
		return fmt.Errorf("reading the hub's identity: %w", err)
	}
	var anchors corev1.ConfigMap
	if err := shared.stage.Client.Get(ctx, types.NamespacedName{Namespace: stage.HubNamespace, Name: hubTrust}, &anchors); err != nil {
		return fmt.Errorf("reading whom the hub trusts: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = load.Credentials{Identity: pairOf(&identity), Anchors: []byte(anchors.Data[hubTrustKey])}
	return nil
}
