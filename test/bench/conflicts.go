package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// serverConflicts counts by resource the writes that the API server has refused because the object was changed meanwhile, whoever sent them.
// It tells of no single objects.
func serverConflicts(ctx context.Context, config *rest.Config) (map[string]int, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for the API server's metrics: %w", err)
	}
	text, err := client.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	counts := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line, found := strings.CutPrefix(lines.Text(), "apiserver_request_total{")
		if !found || label(line, "code") != "409" || label(line, "verb") == "POST" {
			continue // a create meets no other version, but an object that exists already
		}
		count, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("reading the API server's metric %q: %w", line, err)
		}
		resource := label(line, "resource")
		if sub := label(line, "subresource"); sub != "" {
			resource += "/" + sub
		}
		counts[resource] += int(count)
	}
	return counts, lines.Err()
}

// label gives the value of a label in a line of a metric.
func label(line, name string) string {
	_, value, _ := strings.Cut(","+line, ","+name+`="`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// conflictsSince counts those that came after the earlier count.
func conflictsSince(ctx context.Context, config *rest.Config, before map[string]int) (map[string]int, error) {
	counts, err := serverConflicts(ctx, config)
	for resource := range counts {
		if counts[resource] -= before[resource]; counts[resource] == 0 {
			delete(counts, resource)
		}
	}
	return counts, err
}
