package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// served counts what the API server has answered, whoever asked, by method, resource and code, such as "PATCH connectors/status 200". It tells of
// no single objects. Watches, which are open all the time, are left out.
type served map[string]int

func servedSoFar(ctx context.Context, config *rest.Config) (served, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for the API server's metrics: %w", err)
	}
	text, err := client.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	counts := served{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line, found := strings.CutPrefix(lines.Text(), "apiserver_request_total{")
		if !found || label(line, "resource") == "" || slices.Contains([]string{"WATCH", "CONNECT"}, label(line, "verb")) {
			continue
		}
		count, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("reading the API server's metric %q: %w", line, err)
		}
		resource := label(line, "resource")
		if sub := label(line, "subresource"); sub != "" {
			resource += "/" + sub
		}
		counts[label(line, "verb")+" "+resource+" "+label(line, "code")] += int(count)
	}
	return counts, lines.Err()
}

// label gives the value of a label in a line of a metric.
func label(line, name string) string {
	_, value, _ := strings.Cut(","+line, ","+name+`="`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// servedSince counts what was answered after the earlier count.
func servedSince(ctx context.Context, config *rest.Config, before served) (served, error) {
	counts, err := servedSoFar(ctx, config)
	for request := range counts {
		if counts[request] -= before[request]; counts[request] == 0 {
			delete(counts, request)
		}
	}
	return counts, err
}

// conflicts are the writes that were refused because the object had been changed meanwhile, by resource. A create meets no other version, but an
// object that exists already.
func (s served) conflicts() map[string]int {
	counts := map[string]int{}
	for request, n := range s {
		parts := strings.Fields(request)
		if len(parts) == 3 && parts[0] != "POST" && parts[2] == "409" {
			counts[parts[1]] += n
		}
	}
	return counts
}

// quiet is how long nobody writes before what comes next is measured.
const quiet = 5 * time.Second

// settle waits until nobody writes any more. cert-manager tells of what it did in Events that it writes one after the other, for long after it did
// the last of it; they would be counted with what comes next.
func settle(ctx context.Context, config *rest.Config) error {
	last, since := -1, time.Now()
	return fleet.Await(ctx, patience, func() error {
		now, err := servedSoFar(ctx, config)
		if err != nil {
			return err
		}
		writes := 0
		for request, n := range now {
			if method, resource, _ := strings.Cut(request, " "); method != "GET" && method != "LIST" && !strings.HasPrefix(resource, "leases ") {
				writes += n
			}
		}
		if writes != last {
			last, since = writes, time.Now()
		}
		if calm := time.Since(since); calm < quiet {
			return fmt.Errorf("the last write was %s ago, and %s are waited for", calm.Round(time.Second), quiet)
		}
		return nil
	})
}
